import {
  type Decide,
  DRAINING_TAINT,
  type Effect,
  type EpochMs,
  type Plan,
  type Pod,
  type Policy,
  reason,
  type Snapshot,
} from "@gpu-autoscaler/core";
import type { Peer } from "../peer.ts";
import { endBroken, noteLate } from "./broken-instances.ts";
import { type Clockwork, createClockwork } from "./clockwork.ts";
import { MAX_TOTAL_UNREADY_PERCENTAGE, OK_TOTAL_UNREADY_COUNT, SCAN_INTERVAL_MS } from "./constants.ts";
import { demandDecisions } from "./demand.ts";
import { createBudgets } from "./drainability.ts";
import { continueDrains } from "./drains.ts";
import { noteLacking } from "./launches.ts";
import type { Machine, Machines } from "./machines.ts";
import { createMemory, type Memory } from "./memory.ts";
import { belowMinimum } from "./minimum.ts";
import type { Cloud } from "./node-groups.ts";
import { drainInterrupted } from "./node-termination-handler.ts";
import { unschedulablePods } from "./pending-pods.ts";
import { planOf, unreadable, withoutLaunches } from "./plan.ts";
import { removeUnneeded } from "./scale-down.ts";
import { type ScaleUpContext, scaleUp } from "./scale-up.ts";
import { type ClusterAutoscalerSettings, DEFAULT_SETTINGS } from "./settings.ts";
import { createSizes } from "./sizes.ts";
import { createTrial } from "./trial.ts";
import { findUnneeded } from "./unneeded.ts";

/**
 * Kubernetes Cluster Autoscaler 1.36 on AWS with its documented defaults, and what its documentation
 * and the EKS Best Practices advise for GPUs, batch jobs and Spot (docs/peers/cluster-autoscaler.md).
 */
export function createClusterAutoscaler(settings = DEFAULT_SETTINGS): Peer {
  const memory = createMemory();
  let firstLoopAt: EpochMs | null = null;
  let last: { readonly snapshot: Snapshot; readonly plan: Plan } | null = null;
  const decide: Decide = (snapshot, policy, now) => {
    firstLoopAt ??= now;
    const problems = unreadable(snapshot);
    if (problems.length > 0) return planOf(snapshot, now, { problems, reconsiderAt: now + 1 });
    const plan = isAnotherRound(last, snapshot, now)
      ? withoutLaunches(last.plan)
      : loop(memory, settings, snapshot, policy, createClockwork(now, firstLoopAt));
    last = { snapshot, plan };
    return plan;
  };
  return { name: "cluster-autoscaler", decide, tickMs: SCAN_INTERVAL_MS };
}

/**
 * Whether this very snapshot was decided at this time already: a tick asks again when a launch met
 * with a lack of capacity. Cluster Autoscaler sees that at its next loop, not before.
 */
function isAnotherRound<T extends { readonly snapshot: Snapshot; readonly plan: Plan }>(
  last: T | null,
  { nodes, pods, groups }: Snapshot,
  now: number,
): last is T {
  return (
    last !== null &&
    last.plan.decidedAt === now &&
    last.snapshot.nodes === nodes &&
    last.snapshot.pods === pods &&
    last.snapshot.groups === groups
  );
}

/** `RunOnce` (core/static_autoscaler.go), with what else acts on the nodes of an installation. */
function loop(
  memory: Memory,
  { onDemandAfterInterruption }: ClusterAutoscalerSettings,
  snapshot: Snapshot,
  policy: Policy,
  clock: Clockwork,
): Plan {
  const { now } = clock;
  const cloud = memory.readCloud(snapshot, policy);
  const machines = memory.keepMachines(snapshot, cloud, clock);
  noteLacking(memory.asked, cloud, memory.backoff, now);
  memory.asked = [];
  noteLate(machines, cloud, memory.late, memory.backoff, now);
  const offSpot = onDemandAfterInterruption ? memory.kinds.takeOffSpot : null;
  const always = [...drainInterrupted(snapshot, cloud, offSpot), ...endBroken(machines, cloud)];
  if (!isHealthy(machines)) {
    memory.nodes.unneededSince.clear();
    const problems = [reason("ClusterUnhealthy")];
    return planOf(snapshot, now, { effects: always, problems, reconsiderAt: clock.reconsiderAt });
  }
  const { effects, ...decisions } = scale(memory, snapshot, policy, cloud, machines, clock);
  return planOf(snapshot, now, {
    ...decisions,
    effects: [...always, ...effects],
    reconsiderAt: clock.reconsiderAt,
  });
}

/** Up, and then down: in one simulation, so that nodes that pending pods will go to are not unneeded. */
function scale(
  memory: Memory,
  snapshot: Snapshot,
  policy: Policy,
  cloud: Cloud,
  machines: Machines,
  clock: Clockwork,
): Pick<Plan, "effects" | "demand" | "nodes"> {
  const { kinds, removals, backoff, hints } = memory;
  const kindOf = (pod: Pod) => kinds.of(pod, policy);
  const trial = createTrial(machines);
  const sizes = createSizes(cloud, policy);
  const context: ScaleUpContext = { snapshot, cloud, trial, sizes, backoff, clock, hints, kindOf };

  const minimum = belowMinimum(context);
  const pending = unschedulablePods(snapshot);
  const up = scaleUp(context, pending);
  if (up.asked.length > 0) removals.lastScaleUpAt = clock.now;
  memory.asked = up.asked;
  const demand = demandDecisions(pending, up, context);

  const drains = continueDrains(machines, cloud, removals, clock);
  const down = findUnneeded({
    ...context,
    budgets: createBudgets(snapshot.budgets),
    memory: memory.nodes,
    isLeaving: (machine) => removals.drains.has(machine.name) || isBeingDeleted(machine),
  });
  const { unneededSince } = memory.nodes;
  const removed = removeUnneeded(
    { cloud, sizes, clock, memory: removals, unneededSince },
    down.removable,
    up.awaitsMore,
  );
  trial.rollback(0);
  const effects: readonly Effect[] = [...minimum, ...up.launches, ...drains, ...removed.effects];
  return { effects, demand, nodes: [...down.kept, ...removed.kept] };
}

function isBeingDeleted({ node }: Machine): boolean {
  return node?.taints.some(({ key }) => key === DRAINING_TAINT) ?? false;
}

/** `IsClusterHealthy` (clusterstate/clusterstate.go). Nodes whose instances are going do not count. */
function isHealthy({ all }: Machines): boolean {
  let [registered, unready] = [0, 0];
  for (const { node, status } of all) {
    if (node) registered += 1;
    if (status === "unready") unready += 1;
  }
  return unready <= OK_TOTAL_UNREADY_COUNT || unready * 100 <= MAX_TOTAL_UNREADY_PERCENTAGE * registered;
}
