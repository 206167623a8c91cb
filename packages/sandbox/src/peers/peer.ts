import type { Decide, DurationMs } from "@gpu-autoscaler/core";

/**
 * Another autoscaler's way to decide, to be played in the sandbox beside ours. It sees what its real
 * self would see and keeps what it remembers to itself: make one for each run.
 */
export interface Peer {
  readonly name: string;
  readonly decide: Decide;
  /** How often its loop runs. */
  readonly tickMs: DurationMs;
}
