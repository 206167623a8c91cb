import type { EpochMs } from "@gpu-autoscaler/core";
import type { Clockwork } from "./clockwork.ts";
import { BACKOFF_RESET_MS, INITIAL_BACKOFF_MS, MAX_BACKOFF_MS } from "./constants.ts";

/** Which node groups rest after failed scale-ups (utils/backoff/exponential_backoff.go). */
export interface Backoff {
  failed(nodeGroup: string, now: EpochMs): void;
  rests(nodeGroup: string, clock: Clockwork): boolean;
}

export function createBackoff(): Backoff {
  const groups = new Map<
    string,
    { readonly ms: number; readonly until: EpochMs; readonly failedAt: EpochMs }
  >();
  return {
    failed(nodeGroup, now) {
      const before = groups.get(nodeGroup);
      const isForgotten = before === undefined || before.failedAt + BACKOFF_RESET_MS < now;
      // Failures while it rests are those of scale-ups made at one time.
      const grown = isForgotten ? INITIAL_BACKOFF_MS : before.until < now ? before.ms * 2 : before.ms;
      const ms = Math.min(grown, MAX_BACKOFF_MS);
      groups.set(nodeGroup, { ms, until: now + ms, failedAt: now });
    },
    rests(nodeGroup, clock) {
      const known = groups.get(nodeGroup);
      return known !== undefined && !clock.reached(known.until);
    },
  };
}
