import {
  DO_NOT_DISRUPT_ANNOTATION,
  type EpochMs,
  type NanoDollars,
  type PodDisruptionBudget,
  selectorMatches,
} from "@gpu-autoscaler/core";
import type { NodePool, Offering } from "./catalog.ts";
import { type Cluster, isActive, type Machine, nameOf } from "./cluster.ts";
import { BUDGET_PERCENT, NODE_DISRUPTION_COST } from "./constants.ts";
import { isReschedulable, type PodRecord } from "./pod-records.ts";
import type { Karpenter, Look } from "./state.ts";

/** A node that could be disrupted (core, disruption/types.go, Candidate). */
export interface Candidate {
  readonly machine: Machine;
  readonly offering: Offering;
  readonly nodePool: NodePool;
  readonly price: NanoDollars;
  /** The pods that would start again elsewhere. */
  readonly pods: readonly PodRecord[];
  /** RescheduleDisruptionCost: 1 and what each of these pods costs to evict. */
  readonly cost: number;
}

/** NewCandidate; null where something keeps the node. */
export function candidateOf(state: Karpenter, look: Look, machine: Machine): Candidate | null {
  const { cluster, settings } = state;
  const nodePool = machine.offering && cluster.catalog.nodePoolOf.get(machine.offering.type);
  if (!machine.offering || !nodePool || !mayBeDisrupted(machine)) return null;
  if (look.now < machine.nominatedUntil) return null;
  if (look.now < consolidatableAt(machine, settings.consolidateAfterMs)) return null;
  const pods = [...machine.pods].filter(({ pod }) => isReschedulable(pod));
  if (!allowsAll(look.snapshot.budgets, pods)) return null;
  const cost = pods.reduce((sum, each) => sum + Math.max(0, each.evictionCost), NODE_DISRUPTION_COST);
  return { machine, offering: machine.offering, nodePool, price: machine.offering.price, pods, cost };
}

/** Whether it could be a candidate at another time, with the same pods. */
export function mayBeDisrupted(machine: Machine): boolean {
  const { node, initialized, offering, pods } = machine;
  if (!isActive(machine) || !initialized || offering === null || node === null) return false;
  if (node.annotations[DO_NOT_DISRUPT_ANNOTATION] === "true") return false;
  for (const { pod, isProtected } of pods) if (isProtected && isReschedulable(pod)) return false;
  return true;
}

/** When it is Consolidatable: `consolidateAfter` after its last pod event. */
export function consolidatableAt({ lastPodEventAt }: Machine, consolidateAfterMs: number): EpochMs {
  return consolidateAfterMs === 0 ? Number.NEGATIVE_INFINITY : lastPodEventAt + consolidateAfterMs;
}

/** IsEmpty: no pod on it costs anything to evict. */
export function isEmpty({ cost }: Candidate): boolean {
  return cost <= NODE_DISRUPTION_COST;
}

export function isEmptyMachine({ pods }: Machine): boolean {
  for (const { pod, evictionCost } of pods) if (evictionCost > 0 && isReschedulable(pod)) return false;
  return true;
}

/** What is saved an hour for each unit of disruption, the most first (core, consolidation.go, sortCandidates). Ties by name. */
export function bySavings(candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.toSorted(
    (a, b) => b.price / b.cost - a.price / a.cost || (nameOf(a.machine) < nameOf(b.machine) ? -1 : 1),
  );
}

/** CanEvictPods: no budget of the pods is at its limit, and none has two. */
function allowsAll(budgets: readonly PodDisruptionBudget[], pods: readonly PodRecord[]): boolean {
  if (budgets.length === 0) return true;
  return pods.every(({ pod }) => {
    const its = budgets.filter(
      ({ namespace, selector }) => namespace === pod.namespace && selectorMatches(selector, pod.labels),
    );
    return its.length < 2 && its.every(({ disruptionsAllowed }) => disruptionsAllowed > 0);
  });
}

/** How many nodes each NodePool's budget lets be disrupted yet. */
export type DisruptionBudgets = Map<NodePool, number>;

/** 10 % of the initialized nodes, rounded up, less those that are not ready or on their way out (core, disruption/helpers.go). */
export function disruptionBudgets({ catalog, machines }: Cluster): DisruptionBudgets {
  const counts = new Map<NodePool, { nodes: number; disrupting: number }>();
  for (const machine of machines.values()) {
    const { initialized, node, offering, space } = machine;
    const nodePool = offering && catalog.nodePoolOf.get(offering.type);
    if (!nodePool || !initialized || node === null || space === null) continue;
    const count = counts.get(nodePool) ?? { nodes: 0, disrupting: 0 };
    count.nodes += 1;
    if (!node.ready || !isActive(machine)) count.disrupting += 1;
    counts.set(nodePool, count);
  }
  return new Map(
    [...counts].map(([nodePool, { nodes, disrupting }]) => {
      return [nodePool, Math.max(0, Math.ceil((nodes * BUDGET_PERCENT) / 100) - disrupting)];
    }),
  );
}

/** Takes one from the candidate's budget; false where none is left. */
export function takeBudget(budgets: DisruptionBudgets, { nodePool }: Candidate): boolean {
  const left = budgets.get(nodePool) ?? 0;
  if (left <= 0) return false;
  budgets.set(nodePool, left - 1);
  return true;
}
