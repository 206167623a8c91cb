import type { Outcome } from "../model/outcome.ts";
import type { Plan } from "../model/plan.ts";

/** What is kept of a tick: what was decided, why, and what became of it. The snapshot is not kept. */
export interface TickRecord
  extends Pick<Plan, "cluster" | "decidedAt" | "effects" | "demand" | "nodes" | "problems"> {
  readonly outcomes: readonly Outcome[];
}
