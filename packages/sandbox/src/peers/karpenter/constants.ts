import { type DurationMs, MINUTE_MS, SECOND_MS } from "@gpu-autoscaler/core";

/**
 * Every figure of the model, with its source: kubernetes-sigs/karpenter at 2266468 (v1.14.0 and 20
 * commits; called "core") and aws/karpenter-provider-aws at 1d92708 (v1.14.1; "provider"). All are
 * defaults.
 */

/** Its controllers react to events at once and requeue by the second; so the model looks each second. */
export const TICK_MS = SECOND_MS;

/** `--batch-idle-duration` (core, pkg/operator/options/options.go). */
export const BATCH_IDLE_MS = SECOND_MS;

/** `--batch-max-duration` (core, pkg/operator/options/options.go). */
export const BATCH_MAX_MS = 10 * SECOND_MS;

/** A pod that stays provisionable triggers the provisioner again (core, provisioning/controller.go, PodController). */
export const REQUEUE_MS = 10 * SECOND_MS;

/** A node that a simulation gave a pod is spared for so long: 2 × batch maximum (core, state/statenode.go, nominationWindow). */
export const NOMINATION_MS = 20 * SECOND_MS;

/** An offering that lacked capacity, or was interrupted, rests (provider, pkg/cache/cache.go, UnavailableOfferingsTTL). */
export const UNAVAILABLE_MS = 3 * MINUTE_MS;

/** An instance whose node has not registered by then is ended (core, nodeclaim/lifecycle/liveness.go, registrationTimeout). */
export const REGISTRATION_TIMEOUT_MS = 15 * MINUTE_MS;

/** Between looks at the cluster that found nothing to disrupt (core, disruption/controller.go, pollingPeriod). */
export const POLLING_MS = 10 * SECOND_MS;

/** From a command to its validation (core, disruption/consolidation.go, commandValidationDelay). */
export const VALIDATION_MS = 15 * SECOND_MS;

/** A look that found nothing is repeated after that, even if nothing changed (core, state/cluster.go, ConsolidationState). */
export const CONSOLIDATION_RESET_MS = 5 * MINUTE_MS;

/** `spec.disruption.budgets`: of a NodePool's nodes, rounded up (core, apis/v1/nodepool.go). */
export const BUDGET_PERCENT = 10;

/** Nodes that multi-node consolidation looks at together (core, disruption/multinodeconsolidation.go). */
export const MULTI_NODE_MOST = 100;

/** What a node costs to disrupt beside its pods (core, disruption/types.go, PerNodeBaseDisruptionCost). */
export const NODE_DISRUPTION_COST = 1;

/** A pod costs 1 + priority ÷ this to disrupt, within ±10 (core, utils/disruption/disruption.go, EvictionCost). */
export const PRIORITY_COST_DIVISOR = 2 ** 25;
export const POD_COST_LIMIT = 10;

/** A replacement must be initialized by then (core, disruption/queue.go, minRetryDuration). */
export const REPLACEMENT_TIMEOUT_MS = 10 * MINUTE_MS;

/** A drain takes at least so long (core, node/termination/controller.go, MinDrainTime). */
export const MIN_DRAIN_MS = 5 * SECOND_MS;

/** An eviction that was refused is tried again (core, terminator/eviction.go, evictionQueueMaxDelay). */
export const EVICTION_RETRY_MS = 10 * SECOND_MS;

/** What a user of Karpenter sets. */
export interface KarpenterSettings {
  /** `spec.disruption.consolidateAfter`; "0s" by default (core, apis/v1/nodepool.go). */
  readonly consolidateAfterMs: DurationMs;
  /**
   * One NodePool that allows every instance type; or one for each pool of the policy, weighted so
   * that the one with the cheapest GPU is tried first (`spec.weight`).
   */
  readonly nodePools: "one" | "per-pool";
  /**
   * Whether the users of a workload that starts over, such as a Job, and was interrupted let its next
   * pods select On-Demand. Nothing of Karpenter does that for them.
   */
  readonly onDemandAfterInterruption: boolean;
}

export const DEFAULT_SETTINGS: KarpenterSettings = {
  consolidateAfterMs: 0,
  nodePools: "one",
  onDemandAfterInterruption: false,
};
