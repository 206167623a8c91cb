import type { DemandDecision, LaunchInstances, SetDesiredCapacity } from "../../model/plan.ts";
import type { Policy } from "../../model/policy.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import type { Brakes } from "../brakes.ts";
import { collectDemand, type DemandGroup } from "../demand.ts";
import type { Fleet } from "../fleet.ts";
import type { Reconsider } from "../reconsider.ts";
import { createDecisions, excludedDecisions } from "./decisions.ts";
import { createGangs } from "./gangs.ts";
import { launchEffects } from "./launch-effects.ts";
import { openMarket } from "./market.ts";
import { isBelowMinimum, launchForMinimum } from "./minimum.ts";
import { createPlacement } from "./placement.ts";
import { stockShelves } from "./shelves.ts";

export interface ScaleUp {
  readonly launches: readonly (LaunchInstances | SetDesiredCapacity)[];
  readonly demand: readonly DemandDecision[];
  /** Nodes that pending pods fit on, by the names of their machines. */
  readonly expected: ReadonlySet<string>;
  /** Draining nodes that demand takes back. */
  readonly reprieved: ReadonlySet<string>;
}

/** Finds a place for all demand: on nodes that exist, then on upcoming ones, then on new ones. */
export function scaleUp(
  snapshot: Snapshot,
  policy: Policy,
  fleet: Fleet,
  reconsider: Reconsider,
  brakes: Brakes,
): ScaleUp {
  const demand = collectDemand(snapshot, policy, reconsider);
  if (demand.groups.length === 0 && demand.gangs.length === 0 && !isBelowMinimum(fleet)) {
    return { launches: [], demand: excludedDecisions(demand), expected: NONE, reprieved: NONE };
  }
  const shelves = stockShelves(snapshot, fleet);
  const placement = createPlacement(fleet.space, shelves);
  const gangs = createGangs(placement, shelves, fleet);
  const homeless = demand.gangs.filter((gang) => !gangs.placeOnShelves(gang));
  for (const group of demand.groups) placement.putOnShelves(group);

  const isWanted = (group: DemandGroup) => group.mature && placement.remaining(group) > 0;
  const wantsNodes =
    homeless.some((gang) => gang.mature) || demand.groups.some(isWanted) || isBelowMinimum(fleet);
  const market =
    brakes.whyNoLaunch === null && wantsNodes
      ? openMarket(snapshot, policy, fleet, demand, placement, reconsider)
      : null;
  if (market) {
    for (const gang of homeless) if (gang.mature) gangs.placeWithNewNodes(gang, market);
    for (const group of demand.groups) {
      placement.putOnNewNodes(group);
      if (group.mature) market.newNodes.openFor(group);
    }
    launchForMinimum(fleet, market, placement);
  }

  const { effects, keyOf } = launchEffects(snapshot, fleet, placement, reconsider.now);
  const decided = createDecisions(placement, fleet, market, brakes, keyOf);
  return {
    launches: effects,
    demand: [
      ...demand.gangs.flatMap((gang) => gang.groups.map((group) => decided.of(group, gang))),
      ...demand.groups.map((group) => decided.of(group, null)),
      ...excludedDecisions(demand),
    ],
    expected: new Set([...placement.used.serving, ...placement.used.upcoming]),
    reprieved: placement.used.draining,
  };
}

const NONE: ReadonlySet<string> = new Set();
