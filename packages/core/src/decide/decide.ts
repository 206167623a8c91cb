import type { Effect, NodeDecision, Plan, TerminateInstances } from "../model/plan.ts";
import type { Policy } from "../model/policy.ts";
import { type Reason, reason } from "../model/reason.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { ControllerState, LaunchIntent } from "../model/state.ts";
import type { EpochMs } from "../model/units.ts";
import { type Brakes, brakesOf } from "./brakes.ts";
import { type Fleet, joinFleet } from "./fleet.ts";
import { byKey } from "./launches.ts";
import { createReconsider } from "./reconsider.ts";
import { replaceableNodes } from "./replacement/replaceable-nodes.ts";
import { createBudgets } from "./scale-down/blocks.ts";
import { closeDearNodes } from "./scale-down/closing.ts";
import type { Constraints } from "./scale-down/constraints.ts";
import { endDeadInstances, lowerUnfilledDesired } from "./scale-down/dead-instances.ts";
import { continueDrains, noteInterruptions } from "./scale-down/drains.ts";
import { removeEmptyNodes } from "./scale-down/empty-nodes.ts";
import { whyUnhealthy } from "./scale-down/health.ts";
import { createKeepTimes } from "./scale-down/keep-times.ts";
import { createReplicas } from "./scale-down/movable.ts";
import { createSizes } from "./scale-down/sizes.ts";
import { drainUnderusedNodes } from "./scale-down/underused-nodes.ts";
import { planHeadroom } from "./scale-up/headroom.ts";
import { priceOfferings, withEmptyNodes } from "./scale-up/offerings.ts";
import { type ScaleUp, scaleUp } from "./scale-up/scale-up.ts";
import { createWorth } from "./worth.ts";

/** A way to decide. `decide` is ours; others can be put in its place to be compared with it. */
export type Decide = (snapshot: Snapshot, policy: Policy, now: EpochMs) => Plan;

/**
 * What to do about the cluster as it was observed. Pure, total and deterministic: the same input
 * gives the same bytes. A part of the snapshot that is missing or stale takes away the actions
 * that depend on it, with a reason, and never the others.
 */
export const decide: Decide = (snapshot, policy, now) => {
  const reconsider = createReconsider(now);
  const brakes = brakesOf(snapshot, policy, reconsider);
  const fleet = joinFleet(snapshot, policy, reconsider);

  const interrupted = noteInterruptions(snapshot, fleet, reconsider);
  const headroom = planHeadroom(snapshot, policy, fleet, brakes, reconsider);
  const priced = once(() => priceOfferings(snapshot, policy, fleet, reconsider));
  const offerings = once(() => withEmptyNodes(priced(), fleet));
  const worth = createWorth(priced, offerings, fleet, policy);
  const budgets = createBudgets(snapshot.budgets);
  const replicas = createReplicas(fleet.readyReplicas);
  const unhealthy = whyUnhealthy(fleet, policy);
  const replaceable = unhealthy
    ? []
    : replaceableNodes(snapshot, fleet, worth, brakes, budgets, replicas, reconsider);
  const up = scaleUp(
    snapshot,
    policy,
    fleet,
    offerings,
    worth,
    headroom.wanted,
    replaceable,
    reconsider,
    brakes,
  );
  const constraints: Constraints = {
    sizes: createSizes(fleet),
    budgets,
    replicas,
    brakes,
    keepTimes: createKeepTimes(snapshot, policy, fleet, reconsider),
    unhealthy,
  };
  const drains = continueDrains(
    snapshot,
    fleet,
    interrupted.draining,
    up.reprieved,
    policy,
    constraints,
    reconsider,
  );
  const kept = new Set(Object.values(up.headroom).flatMap(({ instance }) => instance ?? []));
  const empty = removeEmptyNodes(snapshot, fleet, up.expected, kept, worth, constraints, reconsider);
  const underused = drainUnderusedNodes(
    snapshot,
    policy,
    fleet,
    up,
    replaceable,
    worth,
    constraints,
    reconsider,
  );
  const drained = new Set([...Object.keys(empty.draining), ...Object.keys(underused.draining)]);
  const closing = closeDearNodes(fleet, up.expected, drained, worth, constraints);
  const dead = endDeadInstances(fleet, brakes);
  const desired = lowerUnfilledDesired(snapshot, fleet, brakes, reconsider);

  const intents = nextLaunches(snapshot, up, fleet, brakes);
  // What they were counted for is free in the next tick.
  if (intents.abandoned.length > 0) reconsider.reached(now + 1);
  return {
    cluster: snapshot.cluster,
    decidedAt: now,
    effects: inOrder([
      ...up.launches,
      ...drains.effects,
      ...empty.effects,
      ...underused.effects,
      ...closing,
      ...dead.effects,
      ...desired.effects,
    ]),
    demand: up.demand,
    nodes: [...dead.nodes, ...unmanagedNodes(fleet), ...empty.kept, ...underused.kept],
    problems: [
      ...brakes.problems,
      ...(constraints.unhealthy ? [constraints.unhealthy] : []),
      ...tagProblems(fleet),
      ...intents.abandoned,
    ],
    ...(up.offers.length > 0 && { offers: up.offers }),
    state: {
      ...snapshot.state,
      launches: intents.launches,
      emptySince: empty.emptySince,
      keepTimes: brakes.mayRemove
        ? constraints.keepTimes.remember(up, empty.draining)
        : snapshot.state.keepTimes,
      underusedSince: underused.underusedSince,
      drainRests: { ...underused.drainRests, ...drains.drainRests },
      headroom: { ...headroom.spent, ...up.headroom },
      draining: { ...drains.draining, ...empty.draining, ...underused.draining },
      interruptions: { ...snapshot.state.interruptions, ...interrupted.interruptions },
      displaced: nextDisplaced(snapshot, { ...underused.displaced, ...interrupted.displaced }, now),
      unfilled: desired.unfilled,
    },
    reconsiderAt: reconsider.earliest(),
  };
};

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/**
 * The launches to remember: those of this plan, before they are made, and made ones until their
 * nodes serve. One whose answer was never recorded is repeated, or abandoned when nothing needs it
 * any more: what it may have launched then shows in its group's list.
 */
function nextLaunches(
  snapshot: Snapshot,
  up: ScaleUp,
  fleet: Fleet,
  brakes: Brakes,
): { launches: ControllerState["launches"]; abandoned: Reason[] } {
  const known = byKey(snapshot.state.launches);
  if (known.length === 0 && up.launches.length === 0)
    return { launches: snapshot.state.launches, abandoned: [] };
  const launches: Record<string, LaunchIntent> = {};
  const abandoned: Reason[] = [];
  const planned = new Set(up.launches.map(({ key }) => key));
  const upcoming = new Set(
    fleet.machines.flatMap(({ status, managed, node }) => {
      const isComing = status === "upcoming" || (status === "leaving" && node === null);
      return isComing && managed ? [managed.id] : [];
    }),
  );
  const poolOf = new Map(fleet.groups.map(({ group }) => [group.name, group.pool]));
  for (const [key, intent] of known) {
    const isHeld = brakes.whyNoLaunch !== null || brakes.isPaused(poolOf.get(intent.group) ?? "");
    const isStillNeeded =
      intent.instances === null
        ? isHeld || planned.has(key)
        : isHeld || intent.instances.some(({ id }) => upcoming.has(id));
    if (isStillNeeded) launches[key] = intent;
    else if (intent.instances === null) abandoned.push(reason("LaunchAbandoned", key));
  }
  return { launches: { ...launches, ...up.intents }, abandoned };
}

/** First launches, then what protects, then what removes; terminations of a group in one call. */
function inOrder(effects: readonly Effect[]): Effect[] {
  const rank: Readonly<Record<Effect["kind"], number>> = {
    LaunchInstances: 0,
    SetDesiredCapacity: 1,
    UncordonNode: 2,
    CordonNode: 3,
    EvictPod: 4,
    TerminateInstances: 5,
  };
  const merged = new Map<string, TerminateInstances>();
  const others: Effect[] = [];
  for (const effect of effects) {
    if (effect.kind !== "TerminateInstances") {
      others.push(effect);
      continue;
    }
    const key = `${effect.group}/${effect.reason.code}/${effect.onlyIfNoGpuPods}`;
    const before = merged.get(key);
    merged.set(key, before ? { ...before, instances: [...before.instances, ...effect.instances] } : effect);
  }
  return [...others, ...merged.values()].sort((a, b) => rank[a.kind] - rank[b.kind]);
}

function unmanagedNodes(fleet: Fleet): NodeDecision[] {
  return fleet.machines
    .filter(({ node, managed, gpuPods }) => node && !managed && gpuPods > 0)
    .map(({ name }) => ({ node: name, pool: null, reasons: [reason("NotAutoscaled")] }));
}

function tagProblems(fleet: Fleet): Reason[] {
  return fleet.groups.flatMap(({ group, template }) =>
    (template?.problems ?? []).map((problem) => reason("TagUnreadable", `${group.name}: ${problem}`)),
  );
}

/** Displacements that matter still: of owners that have pods, or whose new pods are about to come. */
function nextDisplaced(
  { pods, state }: Snapshot,
  noted: ControllerState["displaced"],
  now: EpochMs,
): ControllerState["displaced"] {
  const before = Object.entries(state.displaced);
  if (before.length === 0) return noted;
  const owners = once(() => new Set(pods.map((pod) => pod.owner?.uid)));
  const kept = before.filter(([owner, { until }]) => now < until || owners().has(owner));
  return { ...Object.fromEntries(kept), ...noted };
}
