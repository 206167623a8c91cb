import type { PodSpec } from "../model/pod.ts";
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
}

export interface BoundPod {
  readonly space: ClusterSpace;
  readonly isAlone: boolean;
  readonly asked: AskedResources;
  readonly check: RememberedCheck;
  readonly affinity: BoundAffinity;
  readonly constraints: readonly BoundConstraint[];
}

export function compilePod(spec: PodSpec): CompiledPod {
  return { spec, check: staticCheck(spec), bound: null };
}
