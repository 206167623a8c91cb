import {
  type CompiledPod,
  compilePod,
  DO_NOT_DISRUPT_ANNOTATION,
  equivalenceKey,
  gangOf,
  hasEnded,
  isInterruptible,
  type Pod,
  type Policy,
  workloadClass,
  ZONE_LABEL,
} from "@gpu-autoscaler/core";
import type { Machine } from "./cluster.ts";
import { POD_COST_LIMIT, PRIORITY_COST_DIVISOR } from "./constants.ts";

/** Pods that are equal for scheduling. */
export interface PodKind {
  readonly compiled: CompiledPod;
  /** Where it fits depends on which pods are where. */
  readonly looksAtOthers: boolean;
  /** Its user lets Spot hold it. */
  readonly onSpot: boolean;
  /** Whether a new node takes it, by the offering's index; null until somebody asks. */
  fitting: readonly boolean[] | null;
}

export interface PodRecord {
  /** As it is now. */
  pod: Pod;
  readonly kind: PodKind;
  /** Pods that have to share a zone, or null. */
  readonly zoneGroup: string | null;
  /** `karpenter.sh/do-not-disrupt`. */
  readonly isProtected: boolean;
  readonly evictionCost: number;
  machine: Machine | null;
  /** The object by which the cluster space knows it; null where it is on no node. */
  placed: Pod | null;
}

export interface PodRecords {
  readonly policy: Policy;
  readonly kinds: Map<string, PodKind>;
  /** Owners, by uid, whose next pods select On-Demand. */
  readonly offSpot: Set<string>;
}

/**
 * What Karpenter makes of a pod, with what its documentation advises a user to write on it:
 *
 * - batch and training pods bear `karpenter.sh/do-not-disrupt: "true"` (v1.14, Disruption,
 *   "Pod-Level Controls": "a long batch job (such as you might have with machine learning) that
 *   would need to start over if it were interrupted");
 * - pods that must not be interrupted select `karpenter.sh/capacity-type` (Scheduling, "Selecting
 *   nodes");
 * - pods of a gang require affinity to each other by zone (Scheduling, "Pod affinity/anti-affinity").
 */
export function recordOf({ policy, kinds, offSpot }: PodRecords, pod: Pod): PodRecord {
  const isOff = pod.owner !== null && offSpot.has(pod.owner.uid);
  const onSpot = !isOff && isInterruptible(pod, policy.spot.interruptibleClasses);
  const key = `${onSpot}/${equivalenceKey(pod)}`;
  let kind = kinds.get(key);
  if (!kind) {
    const { podAffinity, podAntiAffinity, topologySpread } = pod;
    const looksAtOthers = podAffinity.length + podAntiAffinity.length + topologySpread.length > 0;
    kind = { compiled: compilePod(pod), looksAtOthers, onSpot, fitting: null };
    kinds.set(key, kind);
  }
  const gang = gangOf(pod);
  return {
    pod,
    kind,
    zoneGroup: gang?.topologyKey === ZONE_LABEL ? gang.key : null,
    isProtected: pod.annotations[DO_NOT_DISRUPT_ANNOTATION] === "true" || workloadClass(pod) !== "serving",
    evictionCost: evictionCost(pod),
    machine: null,
    placed: null,
  };
}

/** EvictionCost (core, pkg/utils/disruption/disruption.go), without `controller.kubernetes.io/pod-deletion-cost`. */
function evictionCost({ priority }: Pod): number {
  return Math.min(POD_COST_LIMIT, Math.max(-POD_COST_LIMIT, 1 + priority / PRIORITY_COST_DIVISOR));
}

/** IsProvisionable (core, pkg/utils/pod/scheduling.go); resource claims are ignored by default, volumes must be valid. */
export function isProvisionable(pod: Pod): boolean {
  return (
    pod.unschedulableSince !== null &&
    pod.nodeName === null &&
    pod.nominatedNodeName === null &&
    pod.deletedAt === null &&
    pod.owner?.kind !== "DaemonSet" &&
    !pod.usesResourceClaims &&
    pod.volumeProblem === null
  );
}

/** IsReschedulable: it would start again elsewhere, so it wants room there. */
export function isReschedulable(pod: Pod): boolean {
  return !hasEnded(pod) && pod.deletedAt === null && pod.owner?.kind !== "DaemonSet";
}
