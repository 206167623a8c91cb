import {
  type CordonNode,
  DRAINING_TAINT,
  type Effect,
  type EpochMs,
  type EvictPod,
  type Node,
  type NodeDecision,
  type Pod,
  type Reason,
  reason,
  type TerminateInstances,
} from "@gpu-autoscaler/core";
import type { Clockwork } from "./clockwork.ts";
import {
  MAX_DRAIN_PARALLELISM,
  MAX_SCALE_DOWN_PARALLELISM,
  NODE_DELETE_DELAY_MS,
  SCALE_DOWN_DELAY_AFTER_ADD_MS,
  SCALE_DOWN_UNNEEDED_TIME_MS,
  SCALE_DOWN_UNREADY_TIME_MS,
} from "./constants.ts";
import type { Machine } from "./machines.ts";
import type { AutoScalingGroup, Cloud } from "./node-groups.ts";
import type { Sizes } from "./sizes.ts";
import { decision, type Removable } from "./unneeded.ts";

/** What is remembered of removals from loop to loop. */
export interface RemovalMemory {
  lastScaleUpAt: EpochMs;
  /** Of empty nodes: when each began. */
  deletions: readonly EpochMs[];
  /** Nodes being drained, by name: since when. */
  readonly drains: Map<string, EpochMs>;
}

export interface RemovalContext {
  readonly cloud: Cloud;
  readonly sizes: Sizes;
  readonly clock: Clockwork;
  readonly memory: RemovalMemory;
  readonly unneededSince: ReadonlyMap<string, EpochMs>;
}

/**
 * Removes nodes that were unneeded for long enough (core/scaledown/unneeded/nodes.go): empty ones up to
 * the parallelism, then one that needs a drain, those whose budgets allow it first
 * (core/scaledown/budgets, core/scaledown/actuation). None for a while after any scale-up, nor while
 * pods are too new to be helped.
 */
export function removeUnneeded(
  context: RemovalContext,
  removable: readonly Removable[],
  awaitsMore: boolean,
): { readonly effects: readonly Effect[]; readonly kept: readonly NodeDecision[] } {
  const { clock, cloud, memory, sizes } = context;
  memory.deletions = memory.deletions.filter((at) => !clock.reached(at + NODE_DELETE_DELAY_MS));
  const kept: NodeDecision[] = [];
  const ready: Removable[] = [];
  const isCooling = !clock.reached(memory.lastScaleUpAt + SCALE_DOWN_DELAY_AFTER_ADD_MS) || awaitsMore;
  for (const each of removable) {
    if (isCooling || !isUnneededLongEnough(context, each.machine)) {
      kept.push(decision(each.machine, cloud, reason("NotUnneededLongEnough")));
    } else ready.push(each);
  }
  const empty = ready.filter(({ moves }) => moves.length === 0);
  const drained = ready.filter(({ moves }) => moves.length > 0);
  const inOrder = [
    ...empty,
    ...drained.filter((each) => !each.isRisky),
    ...drained.filter((each) => each.isRisky),
  ];

  const effects: Effect[] = [];
  for (const { machine, moves } of inOrder) {
    const group = cloud.groups.get(machine.managed?.group ?? "");
    const { node } = machine;
    if (!group || !node) continue;
    if (sizes.atMinimum(group)) {
      kept.push(decision(machine, cloud, reason("NodeGroupMinSizeReached")));
      continue;
    }
    const going = memory.deletions.length + memory.drains.size;
    if (going >= MAX_SCALE_DOWN_PARALLELISM) continue;
    if (moves.length > 0 && memory.drains.size >= MAX_DRAIN_PARALLELISM) continue;
    sizes.change(group, -1);
    if (moves.length === 0) {
      memory.deletions = [...memory.deletions, clock.now];
      effects.push(cordon(node, group, EMPTY), terminate(machine, group, EMPTY));
    } else {
      memory.drains.set(node.name, clock.now);
      effects.push(cordon(node, group, UNDERUSED));
      // Pending pods that the simulation put there are on no node.
      const bound = moves.filter(({ nodeName }) => nodeName === node.name);
      effects.push(...bound.map((pod) => evict(pod, node, group, UNDERUSED)));
    }
  }
  return { effects, kept };
}

const EMPTY = reason("NodeEmpty", "unneeded for 10 min");
export const UNDERUSED = reason("NodeUnderused", "unneeded for 10 min");

function isUnneededLongEnough({ clock, unneededSince }: RemovalContext, { name, status }: Machine): boolean {
  const ms = status === "ready" ? SCALE_DOWN_UNNEEDED_TIME_MS : SCALE_DOWN_UNREADY_TIME_MS;
  return clock.reached((unneededSince.get(name) ?? clock.now) + ms);
}

/** The taint stands for `ToBeDeletedByClusterAutoscaler`: the sandbox takes off none but its own. */
function cordon(node: Node, { pool }: AutoScalingGroup, why: Reason): CordonNode {
  return {
    kind: "CordonNode",
    key: `cordon/${node.name}/${node.resourceVersion}`,
    pool: pool.name,
    node: node.name,
    resourceVersion: node.resourceVersion,
    taint: { key: DRAINING_TAINT, value: "", effect: "NoSchedule" },
    reason: why,
  };
}

export function evict(pod: Pod, { name }: Node, { pool }: AutoScalingGroup, why: Reason): EvictPod {
  return {
    kind: "EvictPod",
    key: `evict/${pod.uid}`,
    pool: pool.name,
    node: name,
    namespace: pod.namespace,
    name: pod.name,
    uid: pod.uid,
    gracePeriodSeconds: null,
    reason: why,
  };
}

/**
 * With a last look at the node's pods, as Cluster Autoscaler has it too (`deleteNodesAsync`,
 * core/scaledown/actuation/actuator.go).
 */
export function terminate(machine: Machine, group: AutoScalingGroup, why: Reason): TerminateInstances {
  const id = machine.managed?.id ?? "";
  return {
    kind: "TerminateInstances",
    key: `terminate/${id}`,
    pool: group.pool.name,
    group: group.group.name,
    instances: [{ id, node: machine.node?.name ?? null }],
    onlyIfNoGpuPods: true,
    reason: why,
  };
}
