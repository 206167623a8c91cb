import type { DemandDecision, LaunchInstances, PodsOutcome, SetDesiredCapacity } from "../../model/plan.ts";
import type { Pod } from "../../model/pod.ts";
import type { Policy } from "../../model/policy.ts";
import { type Reason, reason } from "../../model/reason.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { collectDemand, type Demand, type DemandGroup, type GangDemand } from "../demand.ts";
import type { Fleet } from "../fleet.ts";
import type { Reconsider } from "../reconsider.ts";
import { createGangs } from "./gangs.ts";
import { launchEffects } from "./launch-effects.ts";
import { createLimits, type Limits } from "./limits.ts";
import { launchForMinimum } from "./minimum.ts";
import { createNewNodes, mayUse } from "./new-nodes.ts";
import { listOfferings, type Offerings, type OpenOffering } from "./offerings.ts";
import { createPlacement, launchName, type Placement } from "./placement.ts";
import { createRejections } from "./rejections.ts";
import { stockShelves } from "./shelves.ts";

export interface ScaleUp {
  readonly launches: readonly (LaunchInstances | SetDesiredCapacity)[];
  readonly demand: readonly DemandDecision[];
  /** Nodes that pending pods fit on, by the names of their machines. */
  readonly expected: ReadonlySet<string>;
  /** Draining nodes that demand takes back. */
  readonly reprieved: ReadonlySet<string>;
}

/**
 * Finds a place for all demand: on nodes that exist, then on upcoming ones, then on new ones.
 * `mayLaunch` is false when a part of the snapshot that launches depend on is stale.
 */
export function scaleUp(
  snapshot: Snapshot,
  policy: Policy,
  fleet: Fleet,
  reconsider: Reconsider,
  mayLaunch: boolean,
): ScaleUp {
  const demand = collectDemand(snapshot, policy, reconsider);
  const shelves = stockShelves(snapshot, fleet);
  const placement = createPlacement(fleet.space, shelves);
  const offerings: Offerings = listOfferings(snapshot, policy, fleet, reconsider);
  const limits = createLimits(policy, fleet, demand);
  const newNodes = createNewNodes(placement, offerings, limits, demand.groups);
  const gangs = createGangs(placement, shelves, offerings, limits, fleet, newNodes);

  const homeless: GangDemand[] = [];
  for (const gang of demand.gangs) if (!gangs.placeOnShelves(gang)) homeless.push(gang);
  for (const group of demand.groups) placement.putOnShelves(group);
  if (mayLaunch) {
    for (const gang of homeless) if (gang.mature) gangs.placeWithNewNodes(gang);
    for (const group of demand.groups) {
      placement.putOnNewNodes(group);
      if (group.mature) newNodes.openFor(group);
    }
    launchForMinimum(fleet, offerings, limits, placement);
  }

  const { effects, keyOf } = launchEffects(snapshot, fleet, placement, reconsider.now);
  return {
    launches: effects,
    demand: decisions(demand, placement, offerings, fleet, limits, keyOf),
    expected: new Set([...placement.used.serving, ...placement.used.upcoming]),
    reprieved: placement.used.draining,
  };
}

function decisions(
  demand: Demand,
  placement: Placement,
  offerings: Offerings,
  fleet: Fleet,
  limits: Limits,
  keyOf: (name: string) => string,
): DemandDecision[] {
  const rejections = createRejections(placement, offerings, fleet.groups, limits);
  const launched = new Set(placement.planned.map(({ offering, gang }) => launchName(offering, gang)));
  const decide = (group: DemandGroup, gang: GangDemand | null): DemandDecision => {
    const outcomes: PodsOutcome[] = placement.outcomes(group).map(({ count, reason: why, effect }) => ({
      count,
      reason: why,
      effect: effect === null ? null : keyOf(effect),
    }));
    const waiting = placement.remaining(group);
    const soughtNew =
      (group.mature && waiting > 0) || outcomes.some(({ reason: why }) => why.code === "Launching");
    const mine = new Set(outcomes.flatMap(({ effect }) => (effect === null ? [] : [effect])));
    const isChosen = (offering: OpenOffering) => {
      const name = launchName(offering, gang?.name ?? null);
      return launched.has(name) && mine.has(keyOf(name));
    };
    if (waiting > 0)
      outcomes.push({ count: waiting, reason: whyWaiting(group, gang, offerings), effect: null });
    return {
      pods: group.pods.map(podName),
      asksFor: asksFor(group),
      gang: gang?.name ?? null,
      outcomes,
      rejected: soughtNew ? rejections.of(group, isChosen) : [],
    };
  };

  return [
    ...demand.gangs.flatMap((gang) => gang.groups.map((group) => decide(group, gang))),
    ...demand.groups.map((group) => decide(group, null)),
    ...demand.excluded.map(({ pod, reason: why }) => ({
      pods: [podName(pod)],
      asksFor: "",
      gang: null,
      outcomes: [{ count: 1, reason: why, effect: null }],
      rejected: [],
    })),
  ];
}

function whyWaiting(group: DemandGroup, gang: GangDemand | null, offerings: Offerings): Reason {
  if (!group.mature) return reason("PendingForNotReached");
  const fits = ({ of, empty }: Offerings["closed"][number] | OpenOffering) =>
    empty === null || (mayUse(group, of.group) && offerings.emptySpace.fits(group.compiled, empty));
  if (!offerings.open.some(fits) && !offerings.closed.some(fits)) return reason("NoFeasibleGroup");
  return gang ? reason("GangDoesNotFit") : reason("NoCapacityLeft");
}

function podName(pod: Pod): string {
  return `${pod.namespace}/${pod.name}`;
}

/** "8 nvidia.com/gpu, 88 cpu, 320 Gi". */
function asksFor({ pods: [pod], gpuAmount, gpuResource }: DemandGroup): string {
  if (!pod) return "";
  const { cpuMilli, memoryBytes } = pod.requests;
  const gibibytes = Math.round((memoryBytes / 2 ** 30) * 100) / 100;
  return `${gpuAmount} ${gpuResource}, ${cpuMilli / 1000} cpu, ${gibibytes} Gi`;
}
