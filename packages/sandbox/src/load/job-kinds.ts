import type { Priority, WorkloadClass } from "@gpu-autoscaler/core";

interface Weighted<T> {
  readonly value: T;
  readonly weight: number;
}

/** At least one choice with its weight. */
export type Choices<T> = readonly [Weighted<T>, ...Weighted<T>[]];

/** What the jobs of a kind are drawn from. */
export interface JobKind {
  readonly name: string;
  readonly class: WorkloadClass;
  readonly jobsPerDay: number;
  /** Of the arrival rate about its mean, 0 to 1. */
  readonly swing: number;
  /** When most arrive, in hours after midnight. */
  readonly peakHour: number;
  readonly medianMinutes: number;
  /** Of the run time's logarithm: the mean is e^(σ²/2) medians. */
  readonly sigma: number;
  readonly longestHours: number;
  /** GPUs of a pod, and pods of the job: more than one are a gang. */
  readonly sizes: Choices<{ gpus: number; pods: number }>;
  /** Share of a GPU, for jobs of one GPU. */
  readonly gpuMilli: Choices<number>;
  readonly perGpu: Choices<{ cpuMilli: number; memoryGiB: number }>;
  readonly priority: Choices<Priority>;
  readonly namespaces: Choices<string>;
}

const of = <T>(value: T, weight: number): Weighted<T> => ({ value, weight });

/** For a GPU: most pods are content with little CPU, some load data with more than the smallest instance has. */
const COMMON = of({ cpuMilli: 2_000, memoryGiB: 8 }, 75);
const MORE = of({ cpuMilli: 3_000, memoryGiB: 11 }, 15);
const MUCH = of({ cpuMilli: 6_000, memoryGiB: 24 }, 10);

/**
 * The built-in load. What it resembles: in virtual clusters of the Philly trace (Jeon et al., ATC
 * '19) 90 to 100 % of jobs ask for one GPU, the median run is 1 to 45 min and the mean up to 40
 * times as long; Helios (Hu et al., SC '21) adds the daily swing and the short jobs of debugging;
 * of the GPU pods of the Alibaba trace of 2023 (Weng et al., ATC '23) 99 % ask for one GPU, 43 % for
 * a share of it, with a median of 9 min. Sizes are shifted a little towards several GPUs, so that
 * gangs and large nodes occur every day.
 */
export const JOB_KINDS: readonly JobKind[] = [
  {
    name: "training",
    class: "training",
    jobsPerDay: 300,
    swing: 0.6,
    peakHour: 15,
    medianMinutes: 18,
    sigma: 1.5,
    longestHours: 10,
    sizes: [
      of({ gpus: 1, pods: 1 }, 78),
      of({ gpus: 2, pods: 1 }, 10),
      of({ gpus: 4, pods: 1 }, 8),
      of({ gpus: 8, pods: 1 }, 3),
      of({ gpus: 8, pods: 2 }, 1),
    ],
    gpuMilli: [of(1_000, 1)],
    perGpu: [COMMON, MORE, MUCH],
    priority: [of("normal", 85), of("high", 15)],
    namespaces: [of("vision", 50), of("language", 35), of("speech", 15)],
  },
  {
    name: "batch",
    class: "batch",
    jobsPerDay: 950,
    swing: 0.5,
    peakHour: 1,
    medianMinutes: 5,
    sigma: 1.3,
    longestHours: 4,
    sizes: [of({ gpus: 1, pods: 1 }, 94), of({ gpus: 2, pods: 1 }, 5), of({ gpus: 4, pods: 1 }, 1)],
    gpuMilli: [of(1_000, 70), of(500, 20), of(250, 10)],
    perGpu: [COMMON, MORE],
    priority: [of("normal", 60), of("low", 40)],
    namespaces: [of("evaluation", 70), of("vision", 15), of("language", 15)],
  },
  {
    name: "serving",
    class: "serving",
    jobsPerDay: 250,
    swing: 0.7,
    peakHour: 14,
    medianMinutes: 70,
    sigma: 0.8,
    longestHours: 12,
    sizes: [of({ gpus: 1, pods: 1 }, 97), of({ gpus: 4, pods: 1 }, 3)],
    gpuMilli: [of(1_000, 70), of(500, 20), of(200, 10)],
    perGpu: [COMMON, MORE],
    priority: [of("high", 80), of("normal", 20)],
    namespaces: [of("inference", 80), of("language", 20)],
  },
];
