import type { Reason } from "../../model/reason.ts";
import type { Brakes } from "../brakes.ts";
import type { Budgets } from "./blocks.ts";
import type { KeepTimes } from "./keep-times.ts";
import type { Replicas } from "./movable.ts";
import type { Sizes } from "./sizes.ts";

/** What holds for all ways to remove nodes, and is used up by each. */
export interface Constraints {
  readonly sizes: Sizes;
  readonly budgets: Budgets;
  readonly replicas: Replicas;
  readonly brakes: Brakes;
  readonly keepTimes: KeepTimes;
  /** Why nothing is scaled down at all, or null. */
  readonly unhealthy: Reason | null;
}
