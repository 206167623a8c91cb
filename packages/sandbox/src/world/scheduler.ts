import { type ClusterSpace, gangOf } from "@gpu-autoscaler/core";
import { podsChanged } from "./changes.ts";
import { wake } from "./demand.ts";
import { placeGang } from "./gangs.ts";
import { bindPod } from "./pods.ts";
import { forgetPod, isHopeless, type PodKind } from "./scheduling-queue.ts";
import { score } from "./scoring.ts";
import type { NodeState, PodState, WorldState } from "./state.ts";

/**
 * kube-scheduler: takes pending pods by priority and age, and binds each to the node that fits and
 * scores best, ties by name. It takes no time and never preempts: PriorityClasses are of
 * `preemptionPolicy: Never`. Pods of a gang are bound all together or not at all, as a gang
 * scheduling plugin does.
 *
 * A round looks only at what can have changed: at all nodes for kinds of pods that were never
 * tried, at nodes that gained room for kinds that fitted nowhere. So a storm of equal pods costs
 * one look at the nodes, and the result is the same as of looking at everything.
 */
export function runScheduler(world: WorldState): void {
  const { queue } = world;
  while (queue.dirty) {
    queue.dirty = false;
    const round = startRound(world);
    for (const pod of round.pods) tryPod(world, round, pod);
    if (round.bound.size === 0) continue;
    queue.pending = queue.pending.filter((pod) => !round.bound.has(pod));
    // Where pods were bound, pods that want to be near them may fit now.
    queue.dirty = queue.pending.some((pod) => pod.kind.looksAtOthers);
  }
}

interface Round {
  readonly pods: readonly PodState[];
  readonly nodes: () => readonly NodeState[];
  readonly roomy: readonly NodeState[];
  readonly roomEverywhere: boolean;
  readonly bound: Set<PodState>;
  readonly triedGangs: Set<string>;
  /** Nodes that may still take a kind. */
  readonly candidates: Map<PodKind, NodeState[]>;
}

function startRound({ queue, nodes }: WorldState): Round {
  const roomy = [...queue.roomy];
  queue.roomy.clear();
  const { roomEverywhere, pending, fresh } = queue;
  queue.roomEverywhere = false;
  const retried = roomEverywhere || roomy.length > 0 || pending.some((pod) => pod.kind.looksAtOthers);
  return {
    pods: retried || fresh.size === pending.length ? [...pending] : pending.filter((pod) => fresh.has(pod)),
    nodes: once(() => [...nodes.values()]),
    roomy,
    roomEverywhere,
    bound: new Set(),
    triedGangs: new Set(),
    candidates: new Map(),
  };
}

function tryPod(world: WorldState, round: Round, pod: PodState): void {
  if (round.bound.has(pod)) return;
  for (const [member, node] of placementOf(world, round, pod)) bind(world, round, member, node);
  if (!round.bound.has(pod)) markUnschedulable(world, pod);
}

const NOWHERE: ReadonlyMap<PodState, NodeState> = new Map();

/** The nodes for the pod and for the gang it is of, placed in the cluster space; empty when there are none. */
function placementOf(world: WorldState, round: Round, pod: PodState): ReadonlyMap<PodState, NodeState> {
  const { queue, space } = world;
  if (isHopeless(pod.pod)) return NOWHERE;
  const gang = gangOf(pod.pod);
  if (gang) {
    if (round.triedGangs.has(gang.key)) return NOWHERE;
    round.triedGangs.add(gang.key);
    const members = queue.gangs.get(gang.key);
    return placeGang(
      world,
      gang,
      queue.pending.filter((each) => members?.has(each)),
      round.nodes(),
    );
  }
  const node = bestNode(space, round, pod);
  if (!node) return NOWHERE;
  space.place(pod.pod, node.space);
  return new Map([[pod, node]]);
}

function bind(world: WorldState, round: Round, pod: PodState, node: NodeState): void {
  round.bound.add(pod);
  forgetPod(world.queue, pod);
  bindPod(world, pod, node);
}

function bestNode(space: ClusterSpace, round: Round, { kind }: PodState): NodeState | null {
  let candidates = round.candidates.get(kind);
  if (!candidates || kind.looksAtOthers) {
    const isBlocked = kind.blocked && !kind.looksAtOthers && !round.roomEverywhere;
    candidates = [...(isBlocked ? round.roomy : round.nodes())];
    round.candidates.set(kind, candidates);
  }
  const best = pickNode(space, kind, candidates);
  kind.blocked = best === null;
  return best;
}

/** The best of the nodes that the kind fits on. Drops the others from the list: in a round, room only shrinks. */
export function pickNode(space: ClusterSpace, kind: PodKind, candidates: NodeState[]): NodeState | null {
  const { spec } = kind.compiled;
  let best: NodeState | null = null;
  let bestScore = -1;
  let kept = 0;
  for (const node of candidates) {
    if (!space.fits(kind.compiled, node.space)) continue;
    candidates[kept++] = node;
    const its = score(spec.requests, node.space);
    if (its > bestScore || (its === bestScore && best && node.node.name < best.node.name)) {
      best = node;
      bestScore = its;
    }
  }
  candidates.length = kept;
  return best;
}

/** PodScheduled=False, from the first try on. */
function markUnschedulable(world: WorldState, pod: PodState): void {
  if (!world.queue.fresh.delete(pod)) return;
  pod.pod = { ...pod.pod, unschedulableSince: world.events.now };
  podsChanged(world);
  if (pod.kind.gpu) wake(world);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
