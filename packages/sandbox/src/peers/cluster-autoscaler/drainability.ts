import {
  type EpochMs,
  MIRROR_POD_ANNOTATION,
  type Pod,
  type PodDisruptionBudget,
  type Reason,
  reason,
  SAFE_TO_EVICT_ANNOTATION,
  SECOND_MS,
  selectorMatches,
  workloadClass,
} from "@gpu-autoscaler/core";
import type { Clockwork } from "./clockwork.ts";
import { SYSTEM_POD_DISRUPTION_TIMEOUT_MS } from "./constants.ts";
import { type Machine, podsOf } from "./machines.ts";

/** What a removal of a node would do to its pods. */
export interface PodsToMove {
  readonly moves: readonly Pod[];
  /** What keeps the node, or null. */
  readonly blockedBy: Reason | null;
}

/** Disruptions that budgets still allow, with the removals that a loop has counted on. */
export interface Budgets {
  /** Whether some budget of the pod allows none. */
  forbids(pod: Pod): boolean;
  isKnownFor(pod: Pod): boolean;
  /** Whether all of the pods may go at once. */
  allowTogether(pods: readonly Pod[]): boolean;
  count(pods: readonly Pod[]): void;
}

/** core/scaledown/pdb. */
export function createBudgets(budgets: readonly PodDisruptionBudget[]): Budgets {
  const allowed = new Map(budgets.map((budget) => [budget, budget.disruptionsAllowed]));
  const matching = ({ namespace, labels }: Pod) =>
    budgets.filter((budget) => budget.namespace === namespace && selectorMatches(budget.selector, labels));
  const left = (budget: PodDisruptionBudget) => allowed.get(budget) ?? 0;
  return {
    forbids: (pod) => matching(pod).some((budget) => left(budget) < 1),
    isKnownFor: (pod) => matching(pod).length > 0,
    allowTogether: (pods) =>
      budgets.every((budget) => pods.filter((pod) => matching(pod).includes(budget)).length <= left(budget)),
    count(pods) {
      for (const pod of pods) for (const budget of matching(pod)) allowed.set(budget, left(budget) - 1);
    },
  };
}

/** Which pods would have to move, and whether one keeps the node (`GetPodsToMove`, simulator/drain.go). */
export function podsToMove(machine: Machine, budgets: Budgets, clock: Clockwork): PodsToMove {
  const moves: Pod[] = [];
  for (const pod of podsOf(machine)) {
    if (isIgnored(pod, clock)) continue;
    const blockedBy = whyBlocked(pod, budgets, clock);
    if (blockedBy) return { moves, blockedBy };
    moves.push(pod);
  }
  return { moves, blockedBy: null };
}

/** Mirror pods, pods that should be gone by now, and pods of DaemonSets, which die with the node. */
function isIgnored(pod: Pod, clock: Clockwork): boolean {
  return MIRROR_POD_ANNOTATION in pod.annotations || isDaemon(pod) || isLongTerminating(pod.deletedAt, clock);
}

export function isDaemon({ owner }: Pod): boolean {
  return owner?.kind === "DaemonSet";
}

/** The default grace period and `PodLongTerminatingExtraThreshold`, 30 s each (utils/drain/drain.go). */
const LONG_TERMINATING_MS = 60 * SECOND_MS;

function isLongTerminating(deletedAt: EpochMs | null, clock: Clockwork): boolean {
  return deletedAt !== null && clock.reached(deletedAt + LONG_TERMINATING_MS);
}

/**
 * The rules of simulator/drainability/rules, in their order; those about local storage apart, of which
 * nothing is known here.
 */
function whyBlocked(pod: Pod, budgets: Budgets, clock: Clockwork): Reason | null {
  const name = `${pod.namespace}/${pod.name}`;
  const safeToEvict = pod.annotations[SAFE_TO_EVICT_ANNOTATION];
  if (safeToEvict === "true") return null;
  if (!REPLICATED.has(pod.owner?.kind ?? "")) return reason("NotReplicated", name);
  if (isBlockingSystemPod(pod, budgets, clock)) return reason("NotEnoughPdb", `${name} is a system pod`);
  if (safeToEvict === "false" || isExpensiveToEvict(pod)) return reason("NotSafeToEvictAnnotation", name);
  return budgets.forbids(pod) ? reason("NotEnoughPdb", name) : null;
}

/** `--skip-nodes-with-custom-controller-pods` is on: of other controllers' pods nothing is known. */
const REPLICATED: ReadonlySet<string> = new Set([
  "ReplicationController",
  "Job",
  "ReplicaSet",
  "StatefulSet",
]);

/** `--skip-nodes-with-system-pods` is on. */
function isBlockingSystemPod(pod: Pod, budgets: Budgets, clock: Clockwork): boolean {
  if (pod.namespace !== "kube-system" || budgets.isKnownFor(pod)) return false;
  return !clock.reached(pod.createdAt + SYSTEM_POD_DISRUPTION_TIMEOUT_MS);
}

/**
 * The user annotates what must start over when it is evicted, as the documentation asks ("Prevent
 * Scale Down Eviction": machine learning tasks among it; EKS Best Practices, Cluster Autoscaler): here the
 * pods of training and batch.
 */
function isExpensiveToEvict(pod: Pod): boolean {
  return workloadClass(pod) !== "serving";
}
