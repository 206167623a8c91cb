import { compilePod } from "../../fit/index.ts";
import type { Effect, NodeDecision } from "../../model/plan.ts";
import type { Pod } from "../../model/pod.ts";
import { type Reason, reason } from "../../model/reason.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import type { Drain } from "../../model/state.ts";
import { compareText } from "../../model/text.ts";
import type { EpochMs } from "../../model/units.ts";
import type { Brakes } from "../brakes.ts";
import type { Fleet, Machine, ManagedInstance } from "../fleet.ts";
import type { Reconsider } from "../reconsider.ts";
import { createBudgets, unattributedUse, whyNodeIsKept, whyPodStays } from "./blocks.ts";
import { drainStep, movedByDrain } from "./drain.ts";
import type { Sizes } from "./sizes.ts";

export interface EmptyNodes {
  readonly effects: readonly Effect[];
  readonly emptySince: Readonly<Record<string, EpochMs>>;
  /** Drains that begin now, by node name. */
  readonly draining: Readonly<Record<string, Drain>>;
  readonly kept: readonly NodeDecision[];
}

interface Candidate {
  readonly machine: Machine;
  readonly managed: ManagedInstance;
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
  sizes: Sizes,
  brakes: Brakes,
  reconsider: Reconsider,
): EmptyNodes {
  if (!brakes.mayRemove)
    return { effects: [], emptySince: snapshot.state.emptySince, draining: {}, kept: [] };
  const emptySince: Record<string, EpochMs> = {};
  const kept: NodeDecision[] = [];
  const keep = ({ machine, managed }: Pick<Candidate, "machine" | "managed">, why: Reason) =>
    kept.push({ node: machine.name, pool: managed.pool.name, reasons: [why] });

  const candidates: Candidate[] = [];
  for (const machine of fleet.machines) {
    const { managed, status } = machine;
    if (!managed || (status !== "serving" && status !== "not-ready") || machine.gpuPods > 0) continue;
    if (expected.has(machine.name)) {
      keep({ machine, managed }, reason("DemandExpected"));
      continue;
    }
    const since = snapshot.state.emptySince[managed.id] ?? reconsider.now;
    emptySince[managed.id] = since;
    const candidate = { machine, managed, since };
    const why = whyItStays(candidate, snapshot, brakes, reconsider);
    if (why) keep(candidate, why);
    else candidates.push(candidate);
  }
  if (candidates.length === 0) return { effects: [], emptySince, draining: {}, kept };

  const effects: Effect[] = [];
  const draining: Record<string, Drain> = {};
  const mover = createMover(snapshot, fleet, candidates, brakes, reconsider);
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
}

function whyItStays(
  { machine, managed, since }: Candidate,
  snapshot: Snapshot,
  brakes: Brakes,
  reconsider: Reconsider,
): Reason | null {
  const { pool } = managed;
  if (brakes.isPaused(pool.name)) return reason("Paused");
  // A node that was taken from us by kubelet or network gets as long to come back as a new one to come.
  const keepTimeMs = machine.status === "serving" ? pool.keepTimeMs : pool.provisionTimeoutMs;
  if (!reconsider.reached(since + keepTimeMs))
    return reason("NotUnneededLongEnough", `kept for ${keepTimeMs / 1000} s`);
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

/** Finds other nodes for the pods, none of them GPU pods, of nodes that are to go. */
function createMover(
  snapshot: Snapshot,
  fleet: Fleet,
  candidates: readonly Candidate[],
  brakes: Brakes,
  reconsider: Reconsider,
) {
  const budgets = createBudgets(snapshot.budgets);
  const going = new Set(candidates.map(({ machine }) => machine));
  const targets = fleet.machines.filter((machine) => machine.status === "serving" && !going.has(machine));

  const moveAll = (pods: readonly Pod[]): Reason | null => {
    const moved: { pod: Pod; target: Machine }[] = [];
    for (const pod of pods) {
      const compiled = compilePod(pod);
      const target = targets.find(({ space }) => space && fleet.space.fits(compiled, space));
      if (!target?.space) {
        for (const each of moved) if (each.target.space) fleet.space.displace(each.pod, each.target.space);
        return reason("NoPlaceToMovePods", `${pod.namespace}/${pod.name}`);
      }
      fleet.space.place(pod, target.space);
      moved.push({ pod, target });
    }
    return null;
  };

  return {
    whyPodsStay(machine: Machine): Reason | null {
      const pods = movedByDrain(machine).filter((pod) => pod.deletedAt === null);
      if (pods.length === 0) return null;
      if (!brakes.mayEvict) return reason("BudgetsStale");
      for (const pod of pods) {
        const why = whyPodStays(pod, reconsider);
        if (why) return why;
      }
      return moveAll(pods) ?? budgets.take(pods);
    },
  };
}

function dearestFirst({ pricing }: Fleet) {
  const price = ({ managed }: Candidate) =>
    pricing.ofInstance(managed.group, managed.zone, managed.instanceType);
  return (a: Candidate, b: Candidate) => price(b) - price(a) || compareText(a.machine.name, b.machine.name);
}
