import {
  type EpochMs,
  type NodeDecision,
  type Pod,
  type Reason,
  reason,
  SCALE_DOWN_DISABLED_ANNOTATION,
} from "@gpu-autoscaler/core";
import type { Clockwork } from "./clockwork.ts";
import { MAX_SCALE_DOWN_PARALLELISM, UNREMOVABLE_RECHECK_MS } from "./constants.ts";
import { type Budgets, type PodsToMove, podsToMove } from "./drainability.ts";
import type { Machine } from "./machines.ts";
import type { Cloud } from "./node-groups.ts";
import { createCircle } from "./pending-pods.ts";
import type { PodKind } from "./pod-kinds.ts";
import type { Sizes } from "./sizes.ts";
import type { Trial } from "./trial.ts";
import { isUnderutilized } from "./utilization.ts";

/** A node that could go now. */
export interface Removable {
  readonly machine: Machine;
  readonly moves: readonly Pod[];
  /** Budgets may refuse some of its evictions. */
  readonly isRisky: boolean;
}

/** What is remembered of nodes from loop to loop, by name. */
export interface NodeMemory {
  /** Since when each is unneeded. */
  unneededSince: Map<string, EpochMs>;
  /** Nodes that are not looked at for a while, as their pods could not go. */
  readonly unremovable: Map<string, Unremovable>;
}

interface Unremovable {
  /** Until when. */
  until: EpochMs;
  /** What the last look found. */
  why: Reason;
  /** What of its own pods still keeps it, so that a look would put it off once more; or null. */
  heldBy: Reason | null;
}

export interface UnneededContext {
  readonly cloud: Cloud;
  readonly trial: Trial;
  readonly sizes: Sizes;
  readonly budgets: Budgets;
  readonly clock: Clockwork;
  readonly memory: NodeMemory;
  /** Nodes that are being removed already. */
  isLeaving(machine: Machine): boolean;
  kindOf(pod: Pod): PodKind;
}

interface Candidate extends PodsToMove {
  readonly machine: Machine;
}

/**
 * Finds the nodes whose pods fit elsewhere, one after the other, each as if those before it were gone
 * (core/scaledown/planner/planner.go, `categorizeNodes`): empty ones first, then those that were unneeded
 * before. A node whose pods can't go is left alone for a while.
 */
export function findUnneeded(context: UnneededContext): {
  readonly removable: readonly Removable[];
  readonly kept: readonly NodeDecision[];
} {
  const { clock, memory } = context;
  const before = memory.unneededSince;
  const removable: Removable[] = [];
  const kept: NodeDecision[] = [];
  const gone = new Set<Machine>();
  for (const candidate of inOrder(eligible(context, kept), before)) {
    const { machine } = candidate;
    if (removable.length >= before.size + 2 * MAX_SCALE_DOWN_PARALLELISM) {
      clock.reached(clock.now + 1);
      break;
    }
    // Removals that were counted on since may have used a budget up.
    const isStill = candidate.moves.length === 0 || removable.length === 0;
    const { moves, blockedBy } = isStill ? candidate : podsToMove(machine, context.budgets, clock);
    const why = blockedBy ?? whyNoPlace(context, machine, moves, gone);
    if (why) {
      keep(context, machine, why, blockedBy, kept);
      continue;
    }
    const isRisky = !context.budgets.allowTogether(moves);
    context.budgets.count(moves);
    gone.add(machine);
    removable.push({ machine, moves, isRisky });
  }
  const since = removable.map(({ machine: { name } }) => [name, before.get(name) ?? clock.now] as const);
  memory.unneededSince = new Map(since);
  // The next loop looks at the nodes in another order, and may come to another answer.
  if (since.length !== before.size || since.some(([name]) => !before.has(name))) clock.reached(clock.now + 1);
  return { removable, kept };
}

function keep(
  { clock, memory, cloud }: UnneededContext,
  machine: Machine,
  why: Reason,
  heldBy: Reason | null,
  kept: NodeDecision[],
): void {
  const until = clock.now + UNREMOVABLE_RECHECK_MS;
  memory.unremovable.set(machine.name, { until, why, heldBy });
  if (!heldBy) clock.reached(until);
  kept.push(decision(machine, cloud, why));
}

/** Nodes of which so little is asked for that they may go, with what of their pods would have to move. */
function eligible(context: UnneededContext, kept: NodeDecision[]): Candidate[] {
  const { cloud, trial, memory, budgets, clock } = context;
  forgetUnremovable(memory, trial, clock);
  const candidates: Candidate[] = [];
  for (const machine of trial.machines) {
    if (!mayGo(context, machine)) continue;
    const toMove = podsToMove(machine, budgets, clock);
    const unremovable = memory.unremovable.get(machine.name);
    if (!unremovable) {
      candidates.push({ machine, ...toMove });
      continue;
    }
    unremovable.heldBy = toMove.blockedBy;
    if (!toMove.blockedBy) clock.reached(unremovable.until);
    kept.push(decision(machine, cloud, toMove.blockedBy ?? unremovable.why));
  }
  return candidates;
}

function mayGo({ cloud, sizes, isLeaving }: UnneededContext, machine: Machine): boolean {
  const { node, managed } = machine;
  const group = node && managed ? cloud.groups.get(managed.group) : undefined;
  if (!node || !group || !isUnderutilized(machine, group.gpuResources) || sizes.atMinimum(group))
    return false;
  return node.annotations[SCALE_DOWN_DISABLED_ANNOTATION] !== "true" && !isLeaving(machine);
}

/**
 * Forgets nodes that are gone, and times that have come. Loops that were left out since the last one
 * would have found what held a node still there, as nothing had changed, and put it off once more.
 */
function forgetUnremovable({ unremovable }: NodeMemory, trial: Trial, clock: Clockwork): void {
  for (const [name, each] of unremovable) {
    const loopAt = () => clock.regularLoopFrom(each.until);
    while (each.heldBy && loopAt() < clock.now) {
      each.until = loopAt() + UNREMOVABLE_RECHECK_MS;
      each.why = each.heldBy;
    }
    each.heldBy = null;
    if (each.until <= clock.now || !trial.named(name)) unremovable.delete(name);
  }
}

/** processors/scaledowncandidates: empty, then unneeded before, then as they come. */
function inOrder(
  candidates: readonly Candidate[],
  before: ReadonlyMap<string, EpochMs>,
): readonly Candidate[] {
  const rank = ({ machine, moves, blockedBy }: Candidate) => {
    const isEmpty = blockedBy === null && moves.length === 0;
    return (isEmpty ? 0 : 2) + (before.has(machine.name) ? 0 : 1);
  };
  return candidates.toSorted((a, b) => rank(a) - rank(b));
}

/** Tries to put the node's pods on others that stay; they stand there from now on if all fit. */
function whyNoPlace(
  { trial, kindOf }: UnneededContext,
  machine: Machine,
  moves: readonly Pod[],
  gone: ReadonlySet<Machine>,
): Reason | null {
  if (moves.length === 0) return null;
  const mark = trial.mark();
  for (const pod of moves) trial.take(pod, machine);
  const find = createCircle(trial, (other) => other.node !== null && !gone.has(other));
  for (const pod of moves) {
    const other = find(kindOf(pod), machine);
    if (!other) {
      trial.rollback(mark);
      return reason("NoPlaceToMovePods", `${pod.namespace}/${pod.name}`);
    }
    trial.put(pod, other);
  }
  return null;
}

export function decision(machine: Machine, cloud: Cloud, why: Reason): NodeDecision {
  const pool = cloud.groups.get(machine.managed?.group ?? "")?.pool.name ?? null;
  return { node: machine.name, pool, reasons: [why] };
}
