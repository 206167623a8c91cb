import type { Outcome } from "../model/outcome.ts";
import type { DemandDecision, Plan } from "../model/plan.ts";
import type { EpochMs } from "../model/units.ts";

/**
 * What is kept of a tick: what was decided, why, and what became of it. The snapshot is not kept;
 * the fields that may be absent hold what of it a later question needs.
 */
export interface TickRecord
  extends Pick<Plan, "cluster" | "decidedAt" | "effects" | "demand" | "nodes" | "problems" | "offers"> {
  readonly outcomes: readonly Outcome[];
  /** Demand as earlier decisions of the tick launched for it; more than one was made where capacity lacked. */
  readonly tried?: readonly DemandDecision[];
  /** Pods without a node that earlier records do not know. */
  readonly arrived?: readonly ArrivedPod[];
  /** Pods that have a node now, and had none at the last decision or came to a node that was free then. */
  readonly bound?: readonly BoundPod[];
  /** The EC2 instance behind each node that `nodes`, `bound` and `effects` name, as far as it has one. */
  readonly instances?: Readonly<Record<string, string>>;
}

export interface ArrivedPod {
  /** `namespace/name`. */
  readonly pod: string;
  readonly createdAt: EpochMs;
}

export interface BoundPod {
  /** `namespace/name`. */
  readonly pod: string;
  readonly node: string;
}
