import {
  asksForGpu,
  DRAINING_TAINT,
  type Effect,
  type GroupStatus,
  INTERRUPTED_TAINT,
  type Instance,
  instanceShape,
  type LaunchInstances,
  type Node,
  type Outcome,
  type Plan,
  type Pod,
  type PodDisruptionBudget,
  type Policy,
  type Snapshot,
  selectorMatches,
} from "@gpu-autoscaler/core";
import { settle } from "../../packages/core/src/record/settle.ts";
import type { Situation } from "./arbitraries.ts";

/**
 * The situation right after everything that a plan wants was done without a hitch: instances are
 * listed and boot, evicted pods are being deleted, ended instances terminate. Nothing else happens.
 */
export function carryOut({ policy, snapshot }: Situation, plan: Plan, pick: TypePick = smallest): Situation {
  const { effects } = plan;
  const launched = effects
    .filter((effect) => effect.kind === "LaunchInstances")
    .map((effect) => ({
      effect,
      instances: instancesOf(effect, policy, plan.decidedAt, pick),
    }));
  const evicted = new Set(effects.flatMap((effect) => (effect.kind === "EvictPod" ? [effect.uid] : [])));
  const pods = snapshot.pods.map(
    (pod): Pod => (evicted.has(pod.uid) ? { ...pod, deletedAt: plan.decidedAt } : pod),
  );
  const ended = endedInstances(effects, pods);
  const outcomes: Outcome[] = effects.map((effect) => {
    const instances = launched.find((each) => each.effect === effect)?.instances ?? null;
    const launch = instances && { launched: instances, errors: [], rolledBack: false };
    return { key: effect.key, status: "done", at: plan.decidedAt, reason: null, launch };
  });
  return {
    policy,
    snapshot: {
      ...snapshot,
      nodes: snapshot.nodes.map((node) => nodeAfter(node, effects, ended)),
      pods,
      budgets: snapshot.budgets.map((budget) => budgetAfter(budget, snapshot.pods, evicted)),
      groups: snapshot.groups.map((status) => statusAfter(status, effects, launched, ended)),
      state: settle(plan.state, effects, outcomes, policy),
    },
  };
}

interface Launched {
  readonly effect: LaunchInstances;
  readonly instances: readonly Instance[];
}

/** Which of a group's types EC2 gives. */
type TypePick = (instanceTypes: readonly string[]) => string;

/** What the decision counts on: a larger one has room for pods that nobody counted on. */
function smallest(instanceTypes: readonly string[]): string {
  const cpuOf = (type: string) => instanceShape(type)?.allocatable.cpuMilli ?? 0;
  return instanceTypes.toSorted((a, b) => cpuOf(a) - cpuOf(b))[0] ?? "";
}

function instancesOf(
  effect: LaunchInstances,
  { pools }: Policy,
  launchedAt: number,
  pick: TypePick,
): Instance[] {
  const group = pools.flatMap(({ groups }) => groups).find(({ name }) => name === effect.group);
  return Array.from({ length: effect.count }, (_, i) => ({
    id: `i-${effect.key}-${i}`,
    zone: effect.zone,
    instanceType: pick(group?.instanceTypes ?? []),
    lifecycle: "pending",
    healthy: true,
    launchedAt,
  }));
}

/** Ids; nodes with GPU pods are spared where the effect says so. */
function endedInstances(effects: readonly Effect[], pods: readonly Pod[]): Set<string> {
  const holds = (node: string | null) =>
    pods.some(({ nodeName, requests }) => node !== null && nodeName === node && asksForGpu(requests));
  return new Set(
    effects.flatMap((effect) =>
      effect.kind === "TerminateInstances"
        ? effect.instances.flatMap(({ id, node }) => (effect.onlyIfNoGpuPods && holds(node) ? [] : [id]))
        : [],
    ),
  );
}

function nodeAfter(node: Node, effects: readonly Effect[], ended: ReadonlySet<string>): Node {
  let after = ended.has(node.instanceId ?? "") ? { ...node, ready: false } : node;
  for (const effect of effects) {
    if (effect.kind === "CordonNode" && effect.node === node.name) {
      after = { ...after, unschedulable: true, taints: [...after.taints, effect.taint] };
    }
    if (effect.kind === "UncordonNode" && effect.node === node.name) {
      const taints = after.taints.filter(({ key }) => key !== DRAINING_TAINT && key !== INTERRUPTED_TAINT);
      after = { ...after, unschedulable: false, taints };
    }
  }
  return after;
}

function budgetAfter(
  budget: PodDisruptionBudget,
  pods: Snapshot["pods"],
  evicted: ReadonlySet<string>,
): PodDisruptionBudget {
  const gone = pods.filter(
    ({ uid, namespace, labels }) =>
      evicted.has(uid) && namespace === budget.namespace && selectorMatches(budget.selector, labels),
  );
  return { ...budget, disruptionsAllowed: Math.max(0, budget.disruptionsAllowed - gone.length) };
}

function statusAfter(
  status: GroupStatus,
  effects: readonly Effect[],
  launched: readonly Launched[],
  ended: ReadonlySet<string>,
): GroupStatus {
  const born = launched
    .filter(({ effect }) => effect.group === status.name)
    .flatMap(({ instances }) => instances);
  const instances = status.instances.map(
    (each): Instance => (ended.has(each.id) ? { ...each, lifecycle: "terminating" } : each),
  );
  const gone = status.instances.filter(
    ({ id, lifecycle }) => ended.has(id) && lifecycle !== "terminating",
  ).length;
  const set = effects.findLast(
    (effect) => effect.kind === "SetDesiredCapacity" && effect.group === status.name,
  );
  const desired = set?.kind === "SetDesiredCapacity" ? set.to : status.desired;
  return {
    ...status,
    instances: [...instances, ...born],
    desired: desired + born.length - gone,
    reservedAvailable:
      status.reservedAvailable === null ? null : Math.max(0, status.reservedAvailable - born.length),
  };
}
