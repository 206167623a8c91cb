import type { Effect, NodeDecision } from "../../model/plan.ts";
import { type Reason, reason } from "../../model/reason.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import type { Drain } from "../../model/state.ts";
import type { EpochMs } from "../../model/units.ts";
import type { Brakes } from "../brakes.ts";
import type { Fleet } from "../fleet.ts";
import type { Machine } from "../machines.ts";
import type { Reconsider } from "../reconsider.ts";
import type { Worth } from "../worth.ts";
import { type Budgets, unattributedUse, whyNodeIsKept, whyPodStays } from "./blocks.ts";
import { type Candidate, dearestFirst } from "./candidates.ts";
import type { Constraints } from "./constraints.ts";
import { drainStep, movedByDrain } from "./drain.ts";
import type { KeepTimes } from "./keep-times.ts";
import { createMoves } from "./moves.ts";

export interface EmptyNodes {
  readonly effects: readonly Effect[];
  readonly emptySince: Readonly<Record<string, EpochMs>>;
  /** Drains that begin now, by node name. */
  readonly draining: Readonly<Record<string, Drain>>;
  readonly kept: readonly NodeDecision[];
}

interface EmptyNode extends Candidate {
  readonly since: EpochMs;
}

/**
 * Removes nodes that have had no GPU pod for their pool's keep time, the dearest first while
 * minimum sizes last. Other pods on them hold them only when they cannot go elsewhere.
 */
export function removeEmptyNodes(
  snapshot: Snapshot,
  fleet: Fleet,
  expected: ReadonlySet<string>,
  headroom: ReadonlySet<string>,
  worth: Worth,
  { sizes, budgets, brakes, keepTimes, unhealthy }: Constraints,
  reconsider: Reconsider,
): EmptyNodes {
  if (!brakes.mayRemove)
    return { effects: [], emptySince: snapshot.state.emptySince, draining: {}, kept: [] };
  const emptySince: Record<string, EpochMs> = {};
  const kept: NodeDecision[] = [];
  const keep = ({ machine, managed }: Candidate, why: Reason) =>
    kept.push({ node: machine.name, pool: managed.pool.name, reasons: [why] });

  const candidates: EmptyNode[] = [];
  for (const machine of fleet.machines) {
    const { managed, status } = machine;
    if (!managed || (status !== "serving" && status !== "not-ready") || machine.gpuPods > 0) continue;
    const wanted = whyWanted(machine.name, managed.id);
    if (wanted) {
      keep({ machine, managed }, wanted);
      continue;
    }
    const since = snapshot.state.emptySince[managed.id] ?? reconsider.now;
    emptySince[managed.id] = since;
    const candidate = { machine, managed, since };
    const why = unhealthy ?? whyItStays(candidate, snapshot, brakes, keepTimes, reconsider);
    if (why) keep(candidate, why);
    else candidates.push(candidate);
  }
  if (candidates.length === 0) return { effects: [], emptySince, draining: {}, kept };

  const effects: Effect[] = [];
  const draining: Record<string, Drain> = {};
  const mover = createMover(fleet, worth, candidates, budgets, brakes, reconsider);
  for (const candidate of candidates.sort(dearestFirst(fleet))) {
    const { machine, managed } = candidate;
    const why = sizes.whyAtMinimum(managed) ?? mover.whyPodsStay(machine);
    if (why) {
      keep(candidate, why);
      continue;
    }
    sizes.remove(managed);
    const drain: Drain = { instanceId: managed.id, since: reconsider.now, reason: "NodeEmpty" };
    draining[machine.name] = drain;
    effects.push(...drainStep(machine, managed, drain, brakes.mayEvict));
  }
  return { effects, emptySince, draining, kept };

  function whyWanted(node: string, instance: string): Reason | null {
    if (expected.has(node)) return reason("DemandExpected");
    return headroom.has(instance) ? reason("Headroom") : null;
  }
}

function whyItStays(
  { machine, managed, since }: EmptyNode,
  snapshot: Snapshot,
  brakes: Brakes,
  keepTimes: KeepTimes,
  reconsider: Reconsider,
): Reason | null {
  const { pool } = managed;
  if (brakes.isPaused(pool.name)) return reason("Paused");
  // A node that was taken from us by kubelet or network gets as long to come back as a new one to come.
  const keepTimeMs = machine.status === "serving" ? keepTimes.of(managed) : pool.provisionTimeoutMs;
  if (!reconsider.reached(since + keepTimeMs))
    return reason("NotUnneededLongEnough", `kept for ${keepTimeMs / 1000} s`);
  const rest = snapshot.state.drainRests[managed.id];
  if (rest !== undefined && !reconsider.reached(rest)) return reason("DrainResting");
  const why = machine.node ? whyNodeIsKept(machine.node, reconsider) : null;
  if (why) return why;
  const use = unattributedUse(
    snapshot.measurements.filter(({ node }) => node === machine.name),
    since,
    reconsider.now,
  );
  // Samples come and go without anything else changing: look again at the next tick.
  if (use) reconsider.reached(reconsider.now + 1);
  return use;
}

/** Moves the pods, none of them GPU pods, of nodes that are to go. */
function createMover(
  fleet: Fleet,
  worth: Worth,
  candidates: readonly EmptyNode[],
  budgets: Budgets,
  brakes: Brakes,
  reconsider: Reconsider,
) {
  const going = new Set(candidates.map(({ machine }) => machine));
  const moves = createMoves(fleet, worth, (machine) => machine.status === "serving" && !going.has(machine));

  return {
    whyPodsStay(machine: Machine): Reason | null {
      const pods = movedByDrain(machine).filter((pod) => pod.deletedAt === null);
      if (pods.length === 0) return null;
      if (!brakes.mayEvict) return reason("BudgetsStale");
      for (const pod of pods) {
        const why = whyPodStays(pod, reconsider);
        if (why) return why;
      }
      return moves.moveAll(pods) ?? budgets.take(pods);
    },
  };
}
