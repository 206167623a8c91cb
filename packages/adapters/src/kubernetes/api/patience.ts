import { setTimeout } from "node:timers/promises";

/** How long waiting may go on, and how it is done. */
export interface Patience {
  /** What is left of the tick, tries and waits together. */
  remainingMs(): number;
  /** From 0 to 1, so that those who were refused together do not come back together. */
  random(): number;
}

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5_000;
const MOST_TRIES = 6;
/** What the next try itself may need. */
const NEXT_TRY_MS = 500;

/**
 * Waits before another try: twice as long each time, half of it by chance, and no less than the
 * server asked for. false, at once, when that would not fit into what is left, or was tried enough.
 */
export async function waitToRetry(
  tries: number,
  retryAfterMs: number | null,
  { remainingMs, random }: Patience,
): Promise<boolean> {
  if (tries >= MOST_TRIES) return false;
  const step = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 1));
  const waitMs = Math.max(retryAfterMs ?? 0, Math.round(step / 2 + (step / 2) * random()));
  if (waitMs + NEXT_TRY_MS > remainingMs()) return false;
  await setTimeout(waitMs);
  return true;
}
