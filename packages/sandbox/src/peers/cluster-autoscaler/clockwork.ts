import { createReconsider, type EpochMs } from "@gpu-autoscaler/core";
import { SCAN_INTERVAL_MS } from "./constants.ts";

/**
 * A loop's time, and the earliest later time at which a rule would judge otherwise: every rule that
 * compares the time asks here.
 */
export interface Clockwork {
  readonly now: EpochMs;
  /** Whether the time has come; notes it where it has not. */
  reached(at: EpochMs): boolean;
  /** The earliest noted time that has not come; Infinity for none. */
  readonly reconsiderAt: EpochMs;
  /** When the first regular loop from that time on is, or was. */
  regularLoopFrom(at: EpochMs): EpochMs;
}

/** `firstLoopAt`: since when there is a loop each scan interval. */
export function createClockwork(now: EpochMs, firstLoopAt: EpochMs): Clockwork {
  const { reached, earliest } = createReconsider(now);
  return {
    now,
    reached,
    get reconsiderAt() {
      return earliest();
    },
    regularLoopFrom: (at) =>
      firstLoopAt + Math.ceil((at - firstLoopAt) / SCAN_INTERVAL_MS) * SCAN_INTERVAL_MS,
  };
}
