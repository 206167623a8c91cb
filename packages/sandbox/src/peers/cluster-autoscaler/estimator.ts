import type { ClusterSpace, Pod } from "@gpu-autoscaler/core";
import type { Machine } from "./machines.ts";
import type { NodeGroup } from "./node-groups.ts";
import type { PodKind } from "./pod-kinds.ts";
import { newMachine, takes } from "./trial.ts";

/** Equivalent pods that wait, of one controller. */
export interface PodGroup {
  readonly kind: PodKind;
  readonly pods: readonly Pod[];
}

/**
 * Groups pods by controller and kind (core/scaleup/equivalence/groups.go), in the order of the first of
 * each; in the original a Go map has them in any order.
 */
export function podGroups(pods: readonly Pod[], kindOf: (pod: Pod) => PodKind): readonly PodGroup[] {
  const groups: { readonly kind: PodKind; readonly pods: Pod[] }[] = [];
  const byOwner = new Map<string, (typeof groups)[number][]>();
  for (const pod of pods) {
    const kind = kindOf(pod);
    const owner = pod.owner?.uid ?? pod.uid;
    const known = byOwner.get(owner) ?? [];
    const group = known.find((each) => each.kind === kind);
    if (group) {
      group.pods.push(pod);
      continue;
    }
    const made = { kind, pods: [pod] };
    groups.push(made);
    byOwner.set(owner, [...known, made]);
  }
  return groups;
}

/** What expanding a node group comes to. */
export interface Option {
  readonly nodeGroup: NodeGroup;
  /** Nodes that pods were put on. */
  readonly nodeCount: number;
  readonly pods: readonly Pod[];
}

/** The groups of pods of which one fits on a new node (`SchedulablePodGroups`, core/scaleup/orchestrator). */
export function schedulableOn(
  nodeGroup: NodeGroup,
  groups: readonly PodGroup[],
  space: ClusterSpace,
): readonly PodGroup[] {
  const machine = newMachine(space, nodeGroup, "test");
  const kinds = new Set(groups.map(({ kind }) => kind));
  const fitting = new Set([...kinds].filter((kind) => takes(space, kind, machine)));
  space.removeNode(machine.space);
  return groups.filter(({ kind }) => fitting.has(kind));
}

/**
 * The binpacking estimator (estimator/binpacking_estimator.go): groups of pods by decreasing share of
 * a node's CPU and memory; each group first on the nodes that are estimated already, in a circle, then
 * on the newest one, then on one more. No more nodes than `limit`.
 */
export function estimate(
  nodeGroup: NodeGroup,
  groups: readonly PodGroup[],
  space: ClusterSpace,
  limit: number,
): Option {
  const packing: Packing = { space, nodes: [], pods: [], last: 0, fullFor: new Map() };
  let mayAdd = limit > 0;
  for (const { kind, pods } of decreasing(groups, nodeGroup)) {
    const rest = onEstimatedNodes(packing, kind, pods);
    if (mayAdd) mayAdd = onNewNodes(packing, nodeGroup, kind, rest, limit);
  }
  for (const { space: node } of packing.nodes) space.removeNode(node);
  const nodeCount = packing.nodes.filter((node) => node.pods.size > 0).length;
  return { nodeGroup, nodeCount, pods: packing.pods };
}

interface Packing {
  readonly space: ClusterSpace;
  readonly nodes: Machine[];
  readonly pods: Pod[];
  /** The circle's last match. */
  last: number;
  /** How many of the nodes, from the first on, take no pod of a kind any more: room only shrinks. */
  readonly fullFor: Map<PodKind, number>;
}

/**
 * By the sum of the shares of allocatable CPU and memory (estimator/decreasing_pod_orderer.go); equals
 * as they came.
 */
function decreasing(groups: readonly PodGroup[], { template }: NodeGroup): PodGroup[] {
  const { cpuMilli, memoryBytes } = template.allocatable;
  const score = ({ kind }: PodGroup) => {
    const { requests } = kind.compiled.spec;
    const cpu = cpuMilli > 0 ? requests.cpuMilli / cpuMilli : 0;
    return cpu + (memoryBytes > 0 ? requests.memoryBytes / memoryBytes : 0);
  };
  const scored = groups.map((group) => ({ group, score: score(group) }));
  return scored.sort((a, b) => b.score - a.score).map(({ group }) => group);
}

/** Puts pods on nodes that are estimated already, up to the first that fits on none. Gives the rest. */
function onEstimatedNodes(packing: Packing, kind: PodKind, pods: readonly Pod[]): readonly Pod[] {
  for (const [i, pod] of pods.entries()) {
    const node = nextInCircle(packing, kind);
    if (!node) return pods.slice(i);
    put(packing, pod, node);
  }
  return [];
}

function nextInCircle(packing: Packing, kind: PodKind): Machine | null {
  const { space, nodes, fullFor } = packing;
  const full = fullFor.get(kind) ?? 0;
  for (let i = 1; i <= nodes.length; i++) {
    const at = (packing.last + i) % nodes.length;
    const node = nodes[at];
    if (!node || at < full || !takes(space, kind, node)) continue;
    packing.last = at;
    return node;
  }
  if (!kind.looksAtOthers) fullFor.set(kind, nodes.length);
  return null;
}

/** false when no node may be added any more. */
function onNewNodes(
  packing: Packing,
  nodeGroup: NodeGroup,
  kind: PodKind,
  pods: readonly Pod[],
  limit: number,
): boolean {
  const { space, nodes } = packing;
  for (const pod of pods) {
    let node = nodes.at(-1);
    if (node && takes(space, kind, node)) {
      put(packing, pod, node);
      continue;
    }
    // Another empty node would not take it either.
    if (node && node.pods.size === 0) return true;
    if (nodes.length >= limit) return false;
    node = newMachine(space, nodeGroup, `estimated-${nodes.length}`);
    nodes.push(node);
    if (!takes(space, kind, node)) return true;
    put(packing, pod, node);
  }
  return true;
}

function put({ space, pods }: Packing, pod: Pod, node: Machine): void {
  space.place(pod, node.space);
  node.pods.set(pod.uid, pod);
  pods.push(pod);
}
