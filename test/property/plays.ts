import { MINUTE_MS } from "@gpu-autoscaler/core";
import type { CapacityLimit, PodRow } from "@gpu-autoscaler/sandbox";
import * as fc from "fast-check";
import { aPool, ZONES } from "../builders/index.ts";

/** What is asked of a small cluster in a quarter of an hour, and what EC2 lacks. */
export interface Play {
  readonly jobs: readonly Job[];
  readonly capacity: readonly CapacityLimit[];
  readonly seed: number;
  readonly maxLaunchesPerTick: number;
}

interface Job {
  readonly submitMs: number;
  readonly gpus: number;
  /** More than one are a gang. */
  readonly pods: number;
  readonly class: "training" | "serving";
}

export const POOLS = [
  aPool("small", ["g6.xlarge"], { capacityTypes: ["spot", "on-demand"], maxNodes: 9 }),
  aPool("mixed", ["g6.2xlarge", "g5.xlarge"], { maxNodes: 6, group: { maxNodes: 5 } }),
  aPool("quad", ["g6.12xlarge"], { maxNodes: 4 }),
];

const job: fc.Arbitrary<Job> = fc.record({
  submitMs: fc.integer({ min: 0, max: 6 }).map((minutes) => minutes * MINUTE_MS),
  gpus: fc.constantFrom(1, 1, 2, 4),
  pods: fc.constantFrom(1, 2, 3, 4),
  class: fc.constantFrom("training", "serving"),
});

/** EC2 has few instances of a type, in a zone or everywhere, for good or for a while. */
const shortage: fc.Arbitrary<CapacityLimit> = fc.record(
  {
    remaining: fc.nat({ max: 3 }),
    untilMs: fc.constantFrom(5 * MINUTE_MS, 60 * MINUTE_MS),
    zone: fc.constantFrom(...ZONES),
    instanceType: fc.constantFrom("g6.xlarge", "g6.2xlarge", "g5.xlarge", "g6.12xlarge"),
  },
  { requiredKeys: ["remaining"] },
);

export const play: fc.Arbitrary<Play> = fc.record({
  jobs: fc.array(job, { minLength: 2, maxLength: 5 }),
  capacity: fc.array(shortage, { minLength: 1, maxLength: 4 }),
  seed: fc.integer({ min: 1, max: 1_000 }),
  maxLaunchesPerTick: fc.constantFrom(1_000, 2, 4),
});

export function rowsOf(jobs: readonly Job[]): PodRow[] {
  return jobs.flatMap(({ pods, gpus, ...rest }, index) =>
    Array.from({ length: pods }, (_, i) => ({
      ...rest,
      name: `job-${index}-${i}`,
      durationMs: 20 * MINUTE_MS,
      gpus,
      gpuMilli: 1_000,
      gpuModels: [],
      cpuMilli: gpus * 1_000,
      memoryBytes: gpus * 2 ** 30,
      priority: "normal" as const,
      namespace: "team",
      gang: pods > 1 ? `job-${index}` : null,
    })),
  );
}

const ofOne: Job = { submitMs: 0, gpus: 1, pods: 1, class: "training" };
const few = (instanceType: string, remaining = 0): CapacityLimit => ({
  remaining,
  untilMs: 60 * MINUTE_MS,
  instanceType,
});

/** In which launches fall through from offering to offering within a tick. */
export const FALLING_THROUGH: readonly Play[] = [
  {
    jobs: [
      { ...ofOne, gpus: 2, pods: 4 },
      { ...ofOne, pods: 3 },
    ],
    capacity: [few("g6.xlarge"), few("g6.12xlarge", 2)],
    seed: 1,
    maxLaunchesPerTick: 4,
  },
  {
    jobs: [
      { ...ofOne, submitMs: 3 * MINUTE_MS, pods: 2 },
      { ...ofOne, submitMs: 5 * MINUTE_MS, pods: 4 },
      { ...ofOne, submitMs: 5 * MINUTE_MS, pods: 4 },
      { ...ofOne, submitMs: 3 * MINUTE_MS, gpus: 2, pods: 2 },
      { ...ofOne, submitMs: 5 * MINUTE_MS, gpus: 4, pods: 3 },
    ],
    capacity: [{ ...few("g6.xlarge"), zone: "us-east-1a" }],
    seed: 34,
    maxLaunchesPerTick: 4,
  },
];
