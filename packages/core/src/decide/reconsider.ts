import type { EpochMs } from "../model/units.ts";

/**
 * Collects the times at which a rule would judge the same snapshot otherwise: each rule that
 * compares `now` with a time notes that time. Who runs the ticks may skip those that come before
 * the earliest, as long as nothing else changes.
 */
export interface Reconsider {
  readonly now: EpochMs;
  /** Notes a time; true when it has come. */
  reached(at: EpochMs): boolean;
  /** The earliest noted time that has not come; Infinity for none. */
  earliest(): EpochMs;
}

export function createReconsider(now: EpochMs): Reconsider {
  let earliest = Number.POSITIVE_INFINITY;
  return {
    now,
    reached(at) {
      if (now >= at) return true;
      if (at < earliest) earliest = at;
      return false;
    },
    earliest: () => earliest,
  };
}
