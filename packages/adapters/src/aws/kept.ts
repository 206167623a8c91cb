import { AutoscalerError, type Clock, type DurationMs, type EpochMs } from "@gpu-autoscaler/core";

/** A value that is read seldom, and what stands in its way of being newer. */
export interface Kept<Value> {
  readonly value: Value;
  /** The error that kept it from being read anew; null when it is of its age. */
  readonly problem: AutoscalerError | null;
}

export interface KeptFor<Value> {
  /** How long a value that was read is good. */
  readonly ageMs: DurationMs;
  /** How long after a failure nothing is tried. */
  readonly retryMs: DurationMs;
  /** What stands in until it was read once. */
  readonly otherwise: Value;
}

/**
 * Reads a value when it is older than its age. When that fails the last one stays, with the error;
 * errors that no port raises on purpose are thrown.
 */
export function createKept<Value>(
  clock: Clock,
  { ageMs, retryMs, otherwise }: KeptFor<Value>,
  read: () => Promise<Value>,
): () => Promise<Kept<Value>> {
  let kept: Kept<Value> = { value: otherwise, problem: null };
  let readAgainAt: EpochMs = Number.NEGATIVE_INFINITY;
  return async () => {
    if (clock.now() < readAgainAt) return kept;
    try {
      kept = { value: await read(), problem: null };
      readAgainAt = clock.now() + ageMs;
    } catch (error) {
      if (!(error instanceof AutoscalerError)) throw error;
      kept = { value: kept.value, problem: error };
      readAgainAt = clock.now() + retryMs;
    }
    return kept;
  };
}
