import {
  asksForGpu,
  type CompiledPod,
  compilePod,
  equivalenceKey,
  gangOf,
  type Pod,
  type PodSpec,
} from "@gpu-autoscaler/core";
import type { NodeState, PodState, WorldState } from "./state.ts";

/** What the scheduler keeps between its rounds. */
export interface SchedulingQueue {
  /** Pods without a node, by priority and then by age. */
  pending: PodState[];
  /** Of these, the ones that were never tried. */
  readonly fresh: Set<PodState>;
  /** Nodes that may have gained room since the last round. */
  readonly roomy: Set<NodeState>;
  /** Any node may have: a pod that repelled others from whole zones is gone, say. */
  roomEverywhere: boolean;
  /** Something happened that calls for a round. */
  dirty: boolean;
  readonly kinds: Map<string, PodKind>;
  /** Pending pods of gangs, by the gang's key. */
  readonly gangs: Map<string, Set<PodState>>;
}

/** Pods that are equivalent for scheduling. */
export interface PodKind {
  readonly compiled: CompiledPod;
  /** Where it fits depends on which pods are where, not on the node alone. */
  readonly looksAtOthers: boolean;
  readonly gpu: boolean;
  /** Pending pods of it that are tried one by one. */
  waiting: number;
  /** No node fitted when these were last tried, so that only nodes that gained room since can. */
  blocked: boolean;
}

export function createQueue(): SchedulingQueue {
  return {
    pending: [],
    fresh: new Set(),
    roomy: new Set(),
    roomEverywhere: false,
    dirty: false,
    kinds: new Map(),
    gangs: new Map(),
  };
}

export function kindOf({ queue }: WorldState, spec: PodSpec): PodKind {
  const key = equivalenceKey(spec);
  let kind = queue.kinds.get(key);
  if (!kind) {
    const { podAffinity, podAntiAffinity, topologySpread } = spec;
    kind = {
      compiled: compilePod(spec),
      looksAtOthers: podAffinity.length + podAntiAffinity.length + topologySpread.length > 0,
      gpu: asksForGpu(spec.requests),
      waiting: 0,
      blocked: false,
    };
    queue.kinds.set(key, kind);
  }
  return kind;
}

export function enqueue({ queue }: WorldState, pod: PodState): void {
  queue.pending.splice(positionOf(queue.pending, pod), 0, pod);
  queue.fresh.add(pod);
  queue.dirty = true;
  const gang = gangOf(pod.pod);
  if (!gang) {
    if (!isHopeless(pod.pod)) pod.kind.waiting += 1;
    return;
  }
  const members = queue.gangs.get(gang.key);
  if (members) members.add(pod);
  else queue.gangs.set(gang.key, new Set([pod]));
}

/** Nothing happens to a pod that is not in the queue. */
export function dequeue({ queue }: WorldState, pod: PodState): void {
  const at = positionOf(queue.pending, pod);
  if (queue.pending[at] !== pod) return;
  queue.pending.splice(at, 1);
  forgetPod(queue, pod);
}

/** What else the queue knows of a pod that has left `pending`. */
export function forgetPod(queue: SchedulingQueue, pod: PodState): void {
  queue.fresh.delete(pod);
  const gang = gangOf(pod.pod);
  if (!gang) {
    if (isHopeless(pod.pod)) return;
    pod.kind.waiting -= 1;
    // Nobody looks for room for the kind any more: what comes next looks everywhere.
    if (pod.kind.waiting === 0) pod.kind.blocked = false;
    return;
  }
  const members = queue.gangs.get(gang.key);
  members?.delete(pod);
  if (members?.size === 0) queue.gangs.delete(gang.key);
}

/** The node is new, or changed, or lost the pod that is named. */
export function noteRoom({ queue }: WorldState, node: NodeState, left?: PodState): void {
  queue.roomy.add(node);
  queue.dirty = true;
  if (left && left.pod.podAntiAffinity.length > 0) queue.roomEverywhere = true;
}

export function forgetNode({ queue }: WorldState, node: NodeState): void {
  queue.roomy.delete(node);
  queue.dirty = true;
}

/** Waits for what this world has not: a DRA driver, or a provisioner of volumes. */
export function isHopeless({ usesResourceClaims, volumeProblem }: Pod): boolean {
  return usesResourceClaims || volumeProblem !== null;
}

/** Where the pod is, or belongs. */
function positionOf(pending: readonly PodState[], pod: PodState): number {
  let [low, high] = [0, pending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = pending[middle];
    if (other && comesBefore(other, pod)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function comesBefore({ pod: a }: PodState, { pod: b }: PodState): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority;
  return a.createdAt !== b.createdAt ? a.createdAt < b.createdAt : a.uid < b.uid;
}
