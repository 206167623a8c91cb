import type { EpochMs } from "../../model/units.ts";
import type { Act } from "../explanation.ts";
import { outcomeText, timeText } from "./words.ts";

/** An event of a story, and how often it came. */
export interface Told<Event> {
  readonly event: Event;
  readonly times: number;
  readonly until: EpochMs;
}

/**
 * Each event once: what is tried from tick to tick and not done, with the same end, is told where it
 * began. What was done and is done again was undone in between: it is told again.
 */
export function withoutRepeats<Event extends { readonly at: EpochMs }>(
  story: readonly Event[],
  actOf: (event: Event) => Act | null,
): readonly Told<Event>[] {
  const told: Told<Event>[] = [];
  const latest = new Map<string, { readonly index: number; readonly came: string }>();
  for (const event of story) {
    const act = actOf(event);
    const key = act?.effect.key ?? "";
    const came = act ? outcomeText(act.outcome) : "";
    const before = act && latest.get(key);
    const same = before && came !== "" && before.came === came ? told[before.index] : undefined;
    if (before && same) {
      told[before.index] = { ...same, times: same.times + 1, until: event.at };
      continue;
    }
    told.push({ event, times: 1, until: event.at });
    if (act) latest.set(key, { index: told.length - 1, came });
  }
  return told;
}

/** "; 15 times until 2026-01-01 00:25:00Z"; empty for once. */
export function timesText({ times, until }: Told<unknown>): string {
  return times > 1 ? `; ${times} times until ${timeText(until)}` : "";
}

/** "evicted default/a", "evict default/a" where it was not done, or not yet. */
export function didText({ outcome }: Act, done: string, toDo: string): string {
  return outcome?.status === "done" ? done : toDo;
}
