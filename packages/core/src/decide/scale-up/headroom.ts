import { FULL_COVERAGE_MILLI, type GpuMeasurement, isMoving } from "../../model/measurement.ts";
import type { Policy } from "../../model/policy.ts";
import type { Pool } from "../../model/pool.ts";
import { asksForGpu } from "../../model/resources.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import type { ControllerState, Headroom } from "../../model/state.ts";
import { workloadClass } from "../../model/workload.ts";
import type { Brakes } from "../brakes.ts";
import type { Fleet } from "../fleet.ts";
import type { Machine } from "../machines.ts";
import type { Reconsider } from "../reconsider.ts";
import type { Market } from "./market.ts";
import type { Placement } from "./placement.ts";

/** Pools in which a free node is wanted, each with what is remembered of it. */
export type WantedHeadroom = ReadonlyMap<Pool, Headroom>;

export interface HeadroomPlan {
  readonly wanted: WantedHeadroom;
  /** What was kept for nothing, by pool, until the pool is less busy. */
  readonly spent: ControllerState["headroom"];
}

/**
 * Keeps a free node in each pool whose serving pods' GPUs measured busy over the last 5 min. It ends
 * after its time unless a serving pod came to it, and begins anew only after the pool was less busy:
 * a saturated server that nobody scales cannot buy nodes for ever. What nobody measured changes
 * nothing.
 */
export function planHeadroom(
  snapshot: Snapshot,
  policy: Policy,
  fleet: Fleet,
  brakes: Brakes,
  reconsider: Reconsider,
): HeadroomPlan {
  const wanted = new Map<Pool, Headroom>();
  const spent: Record<string, Headroom> = {};
  const busy = brakes.measurementsFresh ? servingUtilization(snapshot, policy, fleet, reconsider) : new Map();
  for (const pool of policy.pools) {
    if (!pool.headroom) continue;
    const utilization: number | undefined = busy.get(pool.name);
    const next = nextHeadroom(snapshot.state.headroom[pool.name], utilization, policy, fleet, reconsider);
    if (next?.spent) spent[pool.name] = next;
    else if (next) wanted.set(pool, next);
  }
  return { wanted, spent };
}

function nextHeadroom(
  before: Headroom | undefined,
  utilizationMilli: number | undefined,
  { headroom }: Policy,
  fleet: Fleet,
  reconsider: Reconsider,
): Headroom | null {
  const isBusy = utilizationMilli !== undefined && utilizationMilli > headroom.aboveMilli;
  const fresh: Headroom = { since: reconsider.now, instance: null, spent: false };
  if (!before) return isBusy ? fresh : null;
  if (before.spent) {
    const isCalm = utilizationMilli !== undefined && utilizationMilli < headroom.rearmBelowMilli;
    return isCalm ? null : before;
  }
  // Somebody came to it: that is what it was for.
  if (holdsServingPod(before.instance, fleet)) return isBusy ? fresh : null;
  return reconsider.reached(before.since + headroom.keepMs)
    ? { ...before, instance: null, spent: true }
    : before;
}

function holdsServingPod(instance: string | null, { machines }: Fleet): boolean {
  if (instance === null) return false;
  const machine = machines.find(({ managed }) => managed?.id === instance);
  return machine?.pods.some((pod) => asksForGpu(pod.requests) && workloadClass(pod) === "serving") ?? false;
}

/** Mean utilization of the GPUs that serving pods hold, in thousandths, by pool; none where most are unmeasured. */
function servingUtilization(
  { measurements, state }: Snapshot,
  { pools, headroom: { aboveMilli } }: Policy,
  { machines }: Fleet,
  reconsider: Reconsider,
): ReadonlyMap<string, number> {
  const busy = new Map<string, number>();
  const sums = new Map<
    string,
    { sum: number; known: number; unknown: number; mostToCome: number; moving: number }
  >();
  if (measurements.length === 0 || !pools.some(({ headroom }) => headroom)) return busy;
  const serving = new Map<string, { readonly pool: string; readonly pods: ReadonlySet<string> }>();
  for (const machine of machines) {
    const pods = servingPods(machine);
    if (machine.managed?.pool.headroom && pods.size > 0) {
      serving.set(machine.name, { pool: machine.managed.pool.name, pods });
    }
  }
  for (const measurement of measurements) {
    const { node, pods, coverageMilli, meanUtilizationMilli } = measurement;
    const there = serving.get(node);
    if (!there || !pods.some((pod) => there.pods.has(pod))) continue;
    const sum = sums.get(there.pool) ?? { sum: 0, known: 0, unknown: 0, mostToCome: 0, moving: 0 };
    sums.set(there.pool, sum);
    if (coverageMilli < FULL_COVERAGE_MILLI) sum.unknown++;
    else {
      sum.known++;
      sum.sum += meanUtilizationMilli;
    }
    const isToMove = isMoving(measurement);
    if (isToMove) sum.moving++;
    sum.mostToCome += isToMove ? FULLY_BUSY_MILLI : meanUtilizationMilli;
  }
  if (serving.size > 0 && isSomeoneUnmeasured(serving, measurements)) reconsider.reached(reconsider.now + 1);
  for (const [pool, { sum, known, unknown, mostToCome, moving }] of sums) {
    if (known > unknown) busy.set(pool, sum / known);
    // Whatever they come to, a pool without headroom may be sure to stay below.
    const mayMatter = pool in state.headroom || mostToCome > aboveMilli * (known + unknown);
    if (moving > 0 && mayMatter) reconsider.reached(reconsider.now + 1);
  }
  return busy;
}

const FULLY_BUSY_MILLI = 1000;

function servingPods({ pods, gpuPods }: Machine): ReadonlySet<string> {
  if (gpuPods === 0) return NOBODY;
  const serving = pods.filter((pod) => asksForGpu(pod.requests) && workloadClass(pod) === "serving");
  return serving.length === 0 ? NOBODY : new Set(serving.map((pod) => `${pod.namespace}/${pod.name}`));
}

const NOBODY: ReadonlySet<string> = new Set();

/** Whether a pod began after the last sample: its first one is to come. */
function isSomeoneUnmeasured(
  serving: ReadonlyMap<string, { readonly pods: ReadonlySet<string> }>,
  measurements: readonly GpuMeasurement[],
): boolean {
  const measured = new Set(measurements.flatMap(({ pods }) => pods));
  return [...serving.values()].some(({ pods }) => [...pods].some((pod) => !measured.has(pod)));
}

/**
 * Finds the free node of each pool that wants one, after all demand has its place, or launches it at
 * the cheapest of the pool's offerings that serving pods may use.
 */
export function openHeadroom(
  wanted: WantedHeadroom,
  policy: Policy,
  fleet: Fleet,
  market: Market | null,
  placement: Placement,
): ControllerState["headroom"] {
  const kept: Record<string, Headroom> = {};
  for (const [pool, headroom] of wanted) {
    const free = fleet.machines.filter((machine) => machine.managed?.pool === pool && isFree(machine));
    const machine =
      free.find(({ managed }) => managed?.id === headroom.instance) ??
      free.find(({ status }) => status === "serving") ??
      free[0];
    kept[pool.name] = { ...headroom, instance: machine?.managed?.id ?? null };
    if (!machine && market) launchOne(pool, policy, market, placement);
  }
  return kept;
}

function isFree({ status, space }: Machine): boolean {
  if (status !== "serving" && status !== "upcoming") return false;
  return space !== null && !space.pods.some(({ requests }) => asksForGpu(requests));
}

function launchOne(pool: Pool, policy: Policy, { offerings, limits }: Market, placement: Placement): void {
  const mayBeSpot = policy.spot.interruptibleClasses.includes("serving");
  const [cheapest] = offerings.open
    .filter(({ of }) => of.pool === pool && (mayBeSpot || of.group.capacityType !== "spot"))
    .filter((offering) => limits.allowsOne(offering))
    .sort((a, b) => a.price.effectiveNanoDollarsPerHour - b.price.effectiveNanoDollarsPerHour);
  if (!cheapest) return;
  placement.keep(placement.add(cheapest), cheapest, null, "UtilizationHigh");
  limits.take(cheapest, 1);
}
