import {
  DRAINING_TAINT,
  expectedGpuResources,
  type Group,
  INTERRUPTED_TAINT,
  instanceShape,
  type Labels,
  type Node,
  type Plan,
  type Pod,
  type Pool,
  type Resources,
} from "@gpu-autoscaler/core";
import { START } from "../builders/index.ts";
import { type JudgedNode, type JudgedPod, judge } from "../fit/judge.ts";
import type { Situation } from "./arbitraries.ts";
import { freshNode } from "./nodes.ts";
import { standing, unborn } from "./tally.ts";

/** A node that will be there when everything that was launched serves. */
export interface FutureNode {
  readonly spec: JudgedNode;
  /** What a pod that is placed on it was told: a reason's code, and the key of the effect that launches it. */
  readonly claim: string;
  /** When it comes: 0 it is in the cluster, 1 it was launched before, 2 the plan launches it. */
  readonly stage: number;
}

export interface Future {
  readonly nodes: readonly FutureNode[];
  /** Pods that are on them, those of DaemonSets on new ones among them. */
  readonly placed: readonly JudgedPod[];
  readonly namespaces: Readonly<Record<string, Labels>>;
}

/** The claim of nodes that no pending pod may count on. */
const NOBODY = "nobody";

/** The cluster as the plan takes it to become, worked out without the program. `pick`: which of a group's types comes. */
export function futureOf(situation: Situation, plan: Plan, pick: (group: Group) => string): Future {
  const fresh = [
    ...launchedBefore(situation),
    ...asked(situation, pick),
    ...launchedNow(situation, plan, pick),
  ];
  return withDaemons(situation, inCluster(situation, plan), fresh);
}

/** The nodes that Kubernetes has, as pods may count on them. */
function inCluster(situation: Situation, { effects }: Plan): FutureNode[] {
  const { snapshot } = situation;
  const there = standing(situation);
  const uncordoned = new Set(
    effects.flatMap((effect) => (effect.kind === "UncordonNode" ? [effect.node] : [])),
  );
  return snapshot.nodes.map((node): FutureNode => {
    const its = there.find(({ instance }) => instance.id === node.instanceId);
    const isEnding = snapshot.groups.some(({ instances }) =>
      instances.some(({ id }) => id === node.instanceId),
    );
    if (!its) return { spec: node, claim: isEnding ? NOBODY : "FitsExistingNode", stage: 0 };
    if (its.interrupted) return { spec: node, claim: NOBODY, stage: 0 };
    if (its.leaving) return takenBack(node, uncordoned);
    const serving = whenItServes(node, its.pool, its.instance.instanceType);
    const isLate = START >= its.instance.launchedAt + its.pool.provisionTimeoutMs;
    const isComplete = node.ready && serving === null;
    if (isLate || isComplete)
      return { spec: node, claim: node.ready ? "FitsExistingNode" : NOBODY, stage: 0 };
    return { spec: serving ?? node, claim: "FitsUpcomingNode", stage: 0 };
  });
}

/** The node with all of its GPUs and without startup taints; null where it lacks no GPU. */
function whenItServes(node: Node, pool: Pool, instanceType: string): JudgedNode | null {
  const expected = expectedGpuResources(pool.sharing, instanceShape(instanceType)?.gpus ?? 0);
  const isComplete = Object.entries(expected).every(
    ([name, count]) => (node.allocatable.extended[name] ?? 0) >= count,
  );
  if (isComplete && node.ready) return null;
  const extended = { ...node.allocatable.extended, ...expected };
  const allocatable: Resources = { ...node.allocatable, extended };
  return {
    ...node,
    allocatable,
    taints: node.taints.filter(({ key }) => !key.startsWith("node.kubernetes.io/")),
  };
}

function takenBack(node: Node, uncordoned: ReadonlySet<string>): FutureNode {
  if (!uncordoned.has(node.name)) return { spec: node, claim: NOBODY, stage: 0 };
  const taints = node.taints.filter(({ key }) => key !== DRAINING_TAINT && key !== INTERRUPTED_TAINT);
  return { spec: { ...node, unschedulable: false, taints }, claim: "DemandReturned", stage: 0 };
}

/** Instances that have no node yet. */
function launchedBefore(situation: Situation): FutureNode[] {
  return standing(situation)
    .filter(({ node, dead, leaving }) => node === null && !dead && !leaving)
    .map(({ pool, group, instance: { id: name, zone, instanceType } }) => ({
      spec: freshNode(pool, group, { name, zone, instanceType }).build(),
      claim: "FitsUpcomingNode",
      stage: 1,
    }));
}

/** What adopted groups have been asked for and have not started. */
function asked(situation: Situation, pick: (group: Group) => string): FutureNode[] {
  return situation.policy.pools.flatMap((pool) =>
    pool.groups.flatMap((group) =>
      born(pool, group, {
        name: `${group.name}-asked`,
        zone: group.zones[0] ?? "",
        instanceType: pick(group),
        count: unborn(situation, group),
      }).map((spec) => ({ spec, claim: "FitsUpcomingNode", stage: 1 })),
    ),
  );
}

function launchedNow({ policy }: Situation, plan: Plan, pick: (group: Group) => string): FutureNode[] {
  const launched = (pool: Pool, group: Group): FutureNode[] =>
    plan.effects.flatMap((effect) => {
      const isOurs = "group" in effect && effect.group === group.name;
      if (!isOurs || (effect.kind !== "LaunchInstances" && effect.kind !== "SetDesiredCapacity")) return [];
      const isLaunch = effect.kind === "LaunchInstances";
      const code = effect.reason.code === "LaunchRepeated" ? "LaunchRepeated" : "Launching";
      return born(pool, group, {
        name: effect.key,
        zone: isLaunch ? effect.zone : (group.zones[0] ?? ""),
        instanceType: pick(group),
        count: isLaunch ? effect.count : Math.max(0, effect.to - effect.from),
      }).map((spec) => ({ spec, claim: `${code} ${effect.key}`, stage: 2 }));
    });
  return policy.pools.flatMap((pool) => pool.groups.flatMap((group) => launched(pool, group)));
}

interface Birth {
  readonly name: string;
  readonly zone: string;
  readonly instanceType: string;
  readonly count: number;
}

function born(pool: Pool, group: Group, { name, zone, instanceType, count }: Birth): JudgedNode[] {
  return Array.from({ length: count }, (_, i) =>
    freshNode(pool, group, { name: `${name}-${i}`, zone, instanceType }).build(),
  );
}

/** Fresh nodes carry a pod of each DaemonSet that fits. */
function withDaemons(
  { snapshot }: Situation,
  existing: readonly FutureNode[],
  fresh: readonly FutureNode[],
): Future {
  const nodes = [...existing, ...fresh];
  const specs = nodes.map(({ spec }) => spec);
  const placed: JudgedPod[] = snapshot.pods
    .filter(holdsRoom)
    .map((pod) => ({ ...pod, nodeName: nodeOf(pod) }));
  for (const { spec } of fresh) {
    for (const { template } of snapshot.daemonSets) {
      if (judge(template, spec.name, specs, placed, snapshot.namespaces).length > 0) continue;
      placed.push({ ...template, nodeName: spec.name, deletedAt: null });
    }
  }
  return { nodes, placed, namespaces: snapshot.namespaces };
}

function holdsRoom(pod: Pod): boolean {
  return nodeOf(pod) !== null && pod.phase !== "Succeeded" && pod.phase !== "Failed";
}

function nodeOf({ nodeName, nominatedNodeName }: Pod): string | null {
  return nodeName ?? nominatedNodeName;
}
