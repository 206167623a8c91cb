import type { Bill, PodStay, WorldResult } from "../world/index.ts";
import { type Buckets, type Level, levelOf, type Stretch } from "./levels.ts";

/** GPUs over time. At every moment busy ≤ held ≤ ready ≤ paid, nodes that no group holds apart. */
export interface GpuLevels {
  /** Of instances that are billed. */
  readonly paid: Level;
  /** Of these, allocatable and with the image pulled: a pod would run there at once. */
  readonly ready: Level;
  /** Of pods that run, and of pods that wait and could run somewhere. */
  readonly demanded: Level;
  /** Of pods that run. */
  readonly held: Level;
  /** Of what is held, times how busy the pod keeps it. */
  readonly busy: Level;
}

/** `busyMilli` is in thousandths. */
const MILLI = 1_000;

export function gpuLevels(
  { bills, stays, startedAt: start }: Pick<WorldResult, "bills" | "stays" | "startedAt">,
  buckets: Buckets,
): GpuLevels {
  const parts = partsPerGpu(stays);
  const feasible = stays.filter((stay) => stay.feasible);
  const ofPods = (from: (stay: PodStay) => number | null, scale: number, milli = (_: PodStay) => 1) =>
    levelOf(
      feasible.flatMap((stay): Stretch[] => {
        const begin = from(stay);
        if (begin === null) return [];
        const weight = ((stay.parts * parts) / stay.perGpu) * milli(stay);
        return [{ fromMs: begin - start, untilMs: stay.endedAt - start, weight }];
      }),
      buckets,
      parts * scale,
    );
  const ofBills = (from: (bill: Bill) => number | null) =>
    levelOf(
      bills.flatMap((bill): Stretch[] => {
        const begin = from(bill);
        return begin === null
          ? []
          : [{ fromMs: begin - start, untilMs: bill.endedAt - start, weight: bill.gpus }];
      }),
      buckets,
    );
  return {
    paid: ofBills(({ launchedAt }) => launchedAt),
    ready: ofBills(({ servingFrom }) => servingFrom),
    demanded: ofPods(({ createdAt }) => createdAt, 1),
    held: ofPods(({ startedAt }) => startedAt, 1),
    busy: ofPods(
      ({ startedAt }) => startedAt,
      MILLI,
      ({ busyMilli }) => busyMilli,
    ),
  };
}

/** Into how many parts to cut a GPU so that every share is a whole number of them: the least common multiple. */
function partsPerGpu(stays: readonly PodStay[]): number {
  let parts = 1;
  for (const perGpu of new Set(stays.map((stay) => stay.perGpu))) {
    parts = (parts / greatestCommonDivisor(parts, perGpu)) * perGpu;
  }
  return parts;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
