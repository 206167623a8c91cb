import type { GpuMeasurement } from "../../model/measurement.ts";
import type { Effect, NodeDecision } from "../../model/plan.ts";
import type { Pod } from "../../model/pod.ts";
import type { Policy } from "../../model/policy.ts";
import { type Reason, reason } from "../../model/reason.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { type ControllerState, type Displacement, type Drain, movesGpuPods } from "../../model/state.ts";
import { compareText } from "../../model/text.ts";
import type { EpochMs } from "../../model/units.ts";
import { append } from "../append.ts";
import type { Fleet } from "../fleet.ts";
import type { Machine } from "../machines.ts";
import type { Reconsider } from "../reconsider.ts";
import type { ScaleUp } from "../scale-up/scale-up.ts";
import { isReprievable } from "../scale-up/shelves.ts";
import type { Worth } from "../worth.ts";
import { whyNodeIsKept, whyPodStays } from "./blocks.ts";
import type { Candidate } from "./candidates.ts";
import type { Constraints } from "./constraints.ts";
import { createDisruptionLimits } from "./disruption-limits.ts";
import { cordonIfNeeded, evict, movedByDrain, terminate, uncordon } from "./drain.ts";
import { DISPLACED_MS } from "./drains.ts";
import { type Replicas, whyNotMoved } from "./movable.ts";
import { createMoves, type Moves } from "./moves.ts";
import { isSettled, littleRequested, littleUsed } from "./use.ts";

export interface UnderusedNodes
  extends Pick<ControllerState, "underusedSince" | "drainRests" | "draining" | "displaced"> {
  readonly effects: readonly Effect[];
  readonly kept: readonly NodeDecision[];
}

/**
 * Drains nodes that have been underused for their pool's time, and whose pods all fit on ready
 * nodes that stay, over several ticks: cordon and taint, evict as budgets and replicas allow,
 * terminate. A node that takes such pods stays itself. Drains go back when demand returns, when the
 * pods' new places are gone, and when they take too long.
 */
export function drainUnderusedNodes(
  snapshot: Snapshot,
  policy: Policy,
  fleet: Fleet,
  demand: Pick<ScaleUp, "expected" | "reprieved">,
  replaceable: readonly Candidate[],
  worth: Worth,
  constraints: Constraints,
  reconsider: Reconsider,
): UnderusedNodes {
  const { state } = snapshot;
  const { brakes, budgets, replicas, sizes, unhealthy } = constraints;
  if (!brakes.mayRemove) {
    const { underusedSince, drainRests } = state;
    return {
      underusedSince,
      drainRests,
      draining: underusedDrains(snapshot),
      displaced: {},
      effects: [],
      kept: [],
    };
  }
  const effects: Effect[] = [];
  const kept: NodeDecision[] = [];
  const underusedSince: Record<string, EpochMs> = {};
  const draining: Record<string, Drain> = {};
  const displaced: Record<string, Displacement> = {};
  const drainRests = restsThatLast(state, fleet, reconsider);
  // An empty node that nobody is to come to is about to go itself.
  const isGoing = ({ managed, gpuPods, name }: Machine) =>
    managed !== null && gpuPods === 0 && !demand.expected.has(name);
  const moves = createMoves(fleet, worth, (each) => each.status === "serving" && !isGoing(each));
  const measurements = brakes.measurementsFresh ? byNode(snapshot.measurements) : byNode([]);
  const limits = createDisruptionLimits(fleet, policy);
  const keep = ({ machine, managed }: Candidate, why: Reason) =>
    kept.push({ node: machine.name, pool: managed.pool.name, reasons: [why] });

  for (const candidate of drainsInProgress(fleet, snapshot)) {
    const { machine, managed } = candidate;
    const drain = state.draining[machine.name];
    if (!drain) continue;
    const isHeld = managed.terminating || brakes.isPaused(managed.pool.name) || unhealthy !== null;
    const why = isHeld ? null : whyUndone(candidate, drain);
    if (!why) {
      draining[machine.name] = drain;
      limits.take(managed.pool);
      if (!isHeld) step(candidate, drain);
      continue;
    }
    if (why.code !== "DemandReturned") drainRests[managed.id] = reconsider.now + policy.scaleDown.drainRestMs;
    sizes.keep(managed);
    effects.push(...uncordon(machine, managed, why));
  }

  const tooDear = new Map(replaceable.map((candidate) => [candidate.machine, candidate]));
  const candidates: Going[] = [];
  for (const machine of fleet.machines) {
    const { managed, status } = machine;
    if (!managed || status !== "serving" || machine.gpuPods === 0) continue;
    const candidate = { machine, managed };
    if (tooDear.has(machine) && !demand.expected.has(machine.name)) {
      candidates.push({ ...candidate, why: "NodeReplaced" });
      continue;
    }
    const use = littleUse(candidate);
    if (use === null) continue;
    const since = state.underusedSince[managed.id] ?? reconsider.now;
    underusedSince[managed.id] = since;
    const why = whyItStays(candidate, since, use);
    if (why) keep(candidate, why);
    else candidates.push({ ...candidate, why: "NodeUnderused" });
  }
  for (const candidate of candidates.sort(mostSavedFirst(fleet))) {
    const { machine, managed } = candidate;
    moves.close(machine);
    const why = moves.taken.has(machine)
      ? reason("DemandExpected", "it takes pods of another node that goes")
      : (sizes.whyAtMinimum(managed) ?? limits.whyReached(managed.pool) ?? whyPodsStay(machine, moves));
    if (why) {
      keep(candidate, why);
      moves.open(machine);
      continue;
    }
    sizes.remove(managed);
    limits.take(managed.pool);
    delete underusedSince[managed.id];
    const drain: Drain = { instanceId: managed.id, since: reconsider.now, reason: candidate.why };
    draining[machine.name] = drain;
    step(candidate, drain);
  }
  return { effects, underusedSince, draining, drainRests, displaced, kept };

  /** How little of the node is used, in words. Measurements count only where they could move the pods. */
  function littleUse({ machine, managed }: Candidate): string | null {
    const requested = littleRequested(machine, managed, policy.scaleDown);
    if (requested !== null || measurements.size === 0 || whyOneIsNotMoved(machine) !== null) return requested;
    const measured = measurements.get(machine.name) ?? [];
    if (!isSettled(machine, managed, measured, policy.scaleDown)) reconsider.reached(reconsider.now + 1);
    return littleUsed(machine, managed, measured, policy.scaleDown);
  }

  function whyItStays({ machine, managed }: Candidate, since: EpochMs, use: string): Reason | null {
    const { pool } = managed;
    if (demand.expected.has(machine.name)) return reason("DemandExpected");
    if (brakes.isPaused(pool.name)) return reason("Paused");
    if (unhealthy) return unhealthy;
    const why = whyOneIsNotMoved(machine) ?? (machine.node ? whyNodeIsKept(machine.node, reconsider) : null);
    if (why) return why;
    if (!reconsider.reached(since + pool.underusedAfterMs)) return reason("NotUnderusedLongEnough", use);
    const rest = drainRests[managed.id];
    if (rest !== undefined && !reconsider.reached(rest)) return reason("DrainResting");
    return brakes.mayEvict ? null : reason("BudgetsStale");
  }

  /** Of several pods the first by name is told. */
  function whyOneIsNotMoved({ pods }: Machine): Reason | null {
    let first: Reason | null = null;
    for (const pod of pods) {
      const why = whyNotMoved(pod, replicas);
      if (why && (first === null || compareText(why.detail, first.detail) < 0)) first = why;
    }
    return first;
  }

  /** What keeps a pod from going now, whichever it is, budgets included. */
  function whyPodsStay(machine: Machine, places: Moves): Reason | null {
    const pods = toGo(machine);
    for (const pod of pods) {
      const why = whyPodStays(pod, reconsider) ?? budgets.whyNone(pod);
      if (why) return why;
    }
    return places.moveAll(pods);
  }

  function whyUndone({ machine, managed }: Candidate, drain: Drain): Reason | null {
    if (!isReprievable(machine, snapshot)) return null;
    if (demand.reprieved.has(machine.name) || sizes.isBelowMinimum(managed)) return reason("DemandReturned");
    if (reconsider.reached(drain.since + policy.scaleDown.drainTimeoutMs)) return reason("DrainTimedOut");
    const blocked = toGo(machine).map(
      (pod) => whyPodStays(pod, reconsider) ?? whyNotMoved(pod, ENOUGH_REPLICAS),
    );
    return blocked.find((why) => why !== null) ?? moves.moveAll(toGo(machine));
  }

  function step({ machine, managed }: Candidate, drain: Drain): void {
    const why = reason(drain.reason);
    const cordon = cordonIfNeeded(machine, managed, drain, why);
    if (cordon) effects.push(cordon);
    if (movedByDrain(machine).length === 0) effects.push(terminate(managed, machine, why, true));
    if (!brakes.mayEvict) return;
    const waits = new Map<string, Reason>();
    for (const pod of toGo(machine)) {
      const held = whyPodStays(pod, reconsider) ?? whyNotMoved(pod, replicas) ?? budgets.take([pod]);
      if (held) {
        waits.set(`${held.code} ${held.detail}`, held);
        continue;
      }
      replicas.evict(pod);
      effects.push(evict(pod, machine, managed, why));
      if (!pod.owner) continue;
      const times = state.displaced[pod.owner.uid]?.times ?? 0;
      displaced[pod.owner.uid] = { until: reconsider.now + DISPLACED_MS, times };
    }
    if (waits.size > 0) {
      kept.push({ node: machine.name, pool: managed.pool.name, reasons: [...waits.values()] });
    }
  }
}

interface Going extends Candidate {
  readonly why: "NodeUnderused" | "NodeReplaced";
}

/** By what is saved for each pod that has to move, then by name. */
function mostSavedFirst({ pricing }: Fleet) {
  const saved = ({ machine, managed }: Candidate) =>
    pricing.ofInstance(managed.group, managed.zone, managed.instanceType) / machine.gpuPods;
  return (a: Candidate, b: Candidate) => saved(b) - saved(a) || compareText(a.machine.name, b.machine.name);
}

/** That a Deployment has one replica for the moment is no reason to go back: its next one is coming. */
const ENOUGH_REPLICAS: Replicas = { ready: () => Number.POSITIVE_INFINITY, evict: () => undefined };

function toGo(machine: Machine): readonly Pod[] {
  return movedByDrain(machine).filter((pod) => pod.deletedAt === null);
}

/** Those of instances that EC2 takes are not ours any more: they are drained as interrupted. */
function underusedDrains({ state, interruptions }: Snapshot): Record<string, Drain> {
  const taken = new Set(
    interruptions.flatMap(({ kind, instanceId }) => (kind === "spot-interruption" ? [instanceId] : [])),
  );
  return Object.fromEntries(
    Object.entries(state.draining).filter(([, drain]) => movesGpuPods(drain) && !taken.has(drain.instanceId)),
  );
}

function drainsInProgress(fleet: Fleet, snapshot: Snapshot): Candidate[] {
  const draining = underusedDrains(snapshot);
  return fleet.machines.flatMap((machine) => {
    const { managed, node, name, status } = machine;
    return status === "leaving" && node && managed && name in draining ? [{ machine, managed }] : [];
  });
}

function restsThatLast(
  { drainRests }: ControllerState,
  fleet: Fleet,
  reconsider: Reconsider,
): Record<string, EpochMs> {
  const resting = Object.entries(drainRests);
  if (resting.length === 0) return {};
  const there = new Set(fleet.machines.flatMap(({ managed }) => (managed ? [managed.id] : [])));
  return Object.fromEntries(resting.filter(([id, until]) => there.has(id) && !reconsider.reached(until)));
}

function byNode(measurements: readonly GpuMeasurement[]): ReadonlyMap<string, readonly GpuMeasurement[]> {
  const lists = new Map<string, GpuMeasurement[]>();
  for (const measurement of measurements) append(lists, measurement.node, measurement);
  return lists;
}
