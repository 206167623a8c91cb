import type { DemandDecision, LaunchInstances, Offer, SetDesiredCapacity } from "../../model/plan.ts";
import type { Policy } from "../../model/policy.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import type { ControllerState, LaunchIntent } from "../../model/state.ts";
import type { EpochMs } from "../../model/units.ts";
import type { Brakes } from "../brakes.ts";
import { collectDemand, type DemandGroup, type GangDemand } from "../demand.ts";
import type { Fleet } from "../fleet.ts";
import { byKey } from "../launches.ts";
import type { Reconsider } from "../reconsider.ts";
import { planReplacements } from "../replacement/replacements.ts";
import type { Candidate } from "../scale-down/candidates.ts";
import type { Worth } from "../worth.ts";
import { createDecisions, excludedDecisions } from "./decisions.ts";
import { ExpectedFill } from "./expected-fill.ts";
import { createGangs } from "./gangs.ts";
import { openHeadroom, type WantedHeadroom } from "./headroom.ts";
import { launchEffects } from "./launch-effects.ts";
import { Limits } from "./limits.ts";
import { openMarket } from "./market.ts";
import { isBelowMinimum, launchForMinimum } from "./minimum.ts";
import type { Offerings } from "./offerings.ts";
import { offersOf } from "./offers.ts";
import { Placement } from "./placement.ts";
import { stockShelves } from "./shelves.ts";

export interface ScaleUp {
  readonly launches: readonly (LaunchInstances | SetDesiredCapacity)[];
  /** What is remembered of the launches that are new, by key. */
  readonly intents: Readonly<Record<string, LaunchIntent>>;
  readonly demand: readonly DemandDecision[];
  /** What new nodes cost; empty where none was sought. */
  readonly offers: readonly Offer[];
  /** Nodes that pending pods, or such as are to move, fit on. By the names of their machines. */
  readonly expected: ReadonlySet<string>;
  /** Draining nodes that demand takes back. */
  readonly reprieved: ReadonlySet<string>;
  /** Free nodes kept for busy serving pods. By pool. */
  readonly headroom: ControllerState["headroom"];
}

/** Finds a place for all demand: on nodes that exist, then on upcoming ones, then on new ones. */
export function scaleUp(
  snapshot: Snapshot,
  policy: Policy,
  fleet: Fleet,
  offerings: () => Offerings,
  worth: Worth,
  wantedHeadroom: WantedHeadroom,
  replaceable: readonly Candidate[],
  reconsider: Reconsider,
  brakes: Brakes,
): ScaleUp {
  const demand = collectDemand(fleet, snapshot, policy, reconsider);
  const lacksNodes = isBelowMinimum(fleet) || wantedHeadroom.size > 0;
  const nobodyWaits = demand.groups.length === 0 && demand.gangs.length === 0;
  if (nobodyWaits && !lacksNodes && replaceable.length === 0) {
    const nothing = {
      launches: [],
      intents: {},
      offers: [],
      expected: NONE,
      reprieved: NONE,
      headroom: {},
    };
    return { ...nothing, demand: excludedDecisions(demand) };
  }
  const launchedNow = launchedAt(snapshot, reconsider.now);
  if (launchedNow > 0) reconsider.reached(reconsider.now + 1);
  const limits = new Limits(policy, fleet, demand, launchedNow);
  const repeatable = repeatableLaunches(snapshot, fleet, limits, brakes);
  const shelves = stockShelves(fleet, snapshot, repeatable);
  const placement = new Placement(fleet.space, shelves, worth);
  const gangs = createGangs(placement, shelves, fleet);
  placement.putOnReserved(demand.groups);
  const unplaced = demand.gangs.filter((gang) => !gangs.placeOnReserved(gang));
  // Nodes are launched for demand that has waited: it comes first now, as it did then.
  const homeless: GangDemand[] = [];
  for (const mature of [true, false]) {
    for (const gang of unplaced) {
      if (gang.mature === mature && !gangs.placeOnShelves(gang)) homeless.push(gang);
    }
    for (const group of demand.groups) if (group.mature === mature) placement.putOnShelves(group);
  }

  const isWanted = (group: DemandGroup) => group.mature && placement.remaining(group) > 0;
  const wantsNodes = homeless.some((gang) => gang.mature) || demand.groups.some(isWanted) || lacksNodes;
  const open = () =>
    brakes.whyNoLaunch === null
      ? openMarket(offerings(), limits, demand, placement, new ExpectedFill(fleet, policy))
      : null;
  let market = wantsNodes ? open() : null;
  if (market) {
    for (const gang of homeless) if (gang.mature) gangs.placeWithNewNodes(gang, market);
    for (const group of demand.groups) {
      placement.putOnNewNodes(group);
      if (group.mature) market.newNodes.openFor(group);
    }
    launchForMinimum(repeatable, fleet, market, placement);
  }
  const headroom = openHeadroom(wantedHeadroom, policy, fleet, market, placement);
  const seek = () => {
    market ??= open();
    return market;
  };
  const movedTo = planReplacements(replaceable, fleet, policy, worth, seek, placement, reconsider);

  const { effects, intents, keyOf } = launchEffects(snapshot, fleet, placement, reconsider.now);
  const decided = createDecisions(placement, fleet, market, brakes, keyOf);
  return {
    launches: effects,
    intents,
    demand: [
      ...demand.gangs.flatMap((gang) => gang.groups.map((group) => decided.of(group, gang))),
      ...demand.groups.map((group) => decided.of(group, null)),
      ...excludedDecisions(demand),
    ],
    // Prices explain what is launched, and what is not launched for those who wait.
    offers: market && (effects.length > 0 || !nobodyWaits) ? offersOf(fleet) : [],
    expected: new Set([
      ...placement.used.serving,
      ...placement.used.closed,
      ...placement.used.upcoming,
      ...movedTo,
    ]),
    reprieved: placement.used.draining,
    headroom,
  };
}

const NONE: ReadonlySet<string> = new Set();

/** Nodes launched at this very time: by earlier decisions of the same tick. */
function launchedAt({ state }: Snapshot, now: EpochMs): number {
  const launches = Object.values(state.launches).filter(({ createdAt }) => createdAt === now);
  return launches.reduce((sum, { instances }) => sum + (instances?.length ?? 0), 0);
}

/**
 * Launches whose answer was never recorded, as far as they could be made now. Each is counted among
 * what may be launched: it may have been made, or not.
 */
function repeatableLaunches(
  snapshot: Snapshot,
  fleet: Fleet,
  limits: Limits,
  brakes: Brakes,
): ReadonlyMap<string, LaunchIntent> {
  const repeatable = new Map<string, LaunchIntent>();
  for (const [key, intent] of byKey(snapshot.state.launches)) {
    const of = fleet.groups.find(({ group }) => group.name === intent.group);
    if (intent.instances !== null || !of?.template) continue;
    if (brakes.whyNoLaunch !== null || brakes.isPaused(of.pool.name)) continue;
    const launch = { of, template: of.template, price: fleet.pricing.ofOffering(of.group, intent.zone) };
    if (limits.allow(launch, intent.count).count < intent.count) continue;
    limits.take(launch, intent.count);
    repeatable.set(key, intent);
  }
  return repeatable;
}
