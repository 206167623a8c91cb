import type { EpochMs } from "./units.ts";

/** What DCGM measured of one GPU, or of one MIG instance of it. Utilization is in thousandths. */
export interface GpuMeasurement {
  readonly node: string;
  /** `namespace/name` of the pods that hold it, by the exporter's labels; empty where these name none. */
  readonly pods: readonly string[];
  /** The GPU's UUID, with the MIG instance's id behind a slash where there is one. */
  readonly gpu: string;
  readonly lastSampleAt: EpochMs;
  readonly lastUtilizationMilli: number;
  /** Mean over the last 5 min; the last sample, at most 30 min old, where there was none (coverage 0). */
  readonly meanUtilizationMilli: number;
  /** Samples that came over those that were due in the window, in thousandths. */
  readonly coverageMilli: number;
}

/** Samples came as often as they were due. */
export const FULL_COVERAGE_MILLI = 1000;

/** Whether the mean goes on moving though the GPU stays as busy as it is: samples are missing, or differed. */
export function isMoving({
  coverageMilli,
  meanUtilizationMilli,
  lastUtilizationMilli,
}: GpuMeasurement): boolean {
  return coverageMilli < FULL_COVERAGE_MILLI || meanUtilizationMilli !== lastUtilizationMilli;
}

/** What AWS announced of an instance. */
export interface Interruption {
  readonly instanceId: string;
  readonly kind: "spot-interruption" | "rebalance-recommendation" | "scheduled-event";
  readonly noticedAt: EpochMs;
  /** When the instance goes; null where nothing says. */
  readonly deadline: EpochMs | null;
}
