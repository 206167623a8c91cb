import type { InterruptionMemory } from "../model/state.ts";
import { type EpochMs, HOUR_MS } from "../model/units.ts";

/** What was seen of interruptions counts for less with time: after a day for 1/e. */
const FADES_MS = 24 * HOUR_MS;

/**
 * Interruptions a node-hour to expect of an offering: (1 + interruptions seen) ÷ (1 ÷ prior +
 * node-hours seen), the mean of a gamma prior that is worth one interruption and its observations.
 * An offering that has many nodes is not the riskier for having more interruptions.
 */
export function interruptionRate(
  memory: InterruptionMemory | undefined,
  priorMilli: number,
  now: EpochMs,
): number {
  const prior = priorMilli / 1000;
  if (!memory) return prior;
  const left = remains(memory, now);
  return (1 + memory.count * left) / (1 / prior + memory.nodeHours * left);
}

/** Of an offering whose nodes, the interrupted one among them, run since `launchedAt`. */
export function rememberInterruption(
  memory: InterruptionMemory | undefined,
  launchedAt: readonly EpochMs[],
  now: EpochMs,
): InterruptionMemory {
  const left = memory ? remains(memory, now) : 0;
  const since = memory?.lastAt ?? now - FADES_MS;
  const seenMs = launchedAt.reduce((sum, at) => sum + Math.max(0, now - Math.max(at, since)), 0);
  return {
    count: (memory?.count ?? 0) * left + 1,
    nodeHours: (memory?.nodeHours ?? 0) * left + seenMs / HOUR_MS,
    lastAt: now,
  };
}

function remains({ lastAt }: InterruptionMemory, now: EpochMs): number {
  return Math.exp((lastAt - now) / FADES_MS);
}
