import type { Interruption } from "../model/measurement.ts";
import { type DurationMs, type EpochMs, HOUR_MS, MINUTE_MS } from "../model/units.ts";

/** What one event says of instances. */
export interface Notice extends Omit<Interruption, "instanceId" | "kind"> {
  /** `changed`: something happened to them that the planner should look at, and that is all. */
  readonly kind: Interruption["kind"] | "changed";
  readonly instanceIds: readonly string[];
}

/** After its deadline an instance may take a while to be gone; ids are never used again. */
const AFTER_DEADLINE_MS: DurationMs = 10 * MINUTE_MS;
/** A recommendation that nothing came of: EC2 gives it anew while it holds. */
const WITHOUT_DEADLINE_MS: DurationMs = 24 * HOUR_MS;

/** When an interruption says nothing any more. */
export function overAt({ noticedAt, deadline }: Pick<Interruption, "noticedAt" | "deadline">): EpochMs {
  return deadline === null ? noticedAt + WITHOUT_DEADLINE_MS : deadline + AFTER_DEADLINE_MS;
}
