import type { PodSpec } from "../model/pod.ts";
import type { Reason } from "../model/reason.ts";
import type { ClusterSpace } from "./cluster-space.ts";
import { type NodeCheck, staticCheck } from "./node-checks.ts";
import type { RememberedCheck } from "./node-profiles.ts";
import type { BoundAffinity } from "./pod-affinity.ts";
import type { AskedResources } from "./resources.ts";
import type { BoundConstraint } from "./topology-spread.ts";

/** A kind of pod, prepared for comparison with many nodes. Make one for all equivalent pods. */
export interface CompiledPod {
  readonly spec: PodSpec;
  readonly check: NodeCheck;
  /** What the cluster space that it was last used with knows of it. */
  bound: BoundPod | null;
  /** Why a node with other labels does not do: the same for every node, told at the first one. */
  selectorMismatch: Reason | null;
  affinityMismatch: Reason | null;
}

export interface BoundPod {
  readonly space: ClusterSpace;
  readonly asked: AskedResources;
  readonly check: RememberedCheck;
  readonly affinity: BoundAffinity;
  readonly constraints: readonly BoundConstraint[];
}

export function compilePod(spec: PodSpec): CompiledPod {
  return { spec, check: staticCheck(spec), bound: null, selectorMismatch: null, affinityMismatch: null };
}
