import type { NodeSpace } from "../../fit/index.ts";
import type { Group } from "../../model/pool.ts";
import type { DemandGroup } from "../demand.ts";
import type { Limits } from "./limits.ts";
import type { Offerings, OpenOffering } from "./offerings.ts";
import { howMany, isPlain, type Packing, pack } from "./packing.ts";
import { launchName, type Placement } from "./placement.ts";
import { putOn } from "./shelves.ts";

/**
 * Opens new nodes for single pods. For the largest group that still has pods without a place, each
 * feasible offering is packed with that group and then with the others, and the offering that
 * serves its pods for the least wins: its effective price over what the pods that it serves would
 * cost by themselves, each at the cheapest offering for it. For equal pods that is the cheapest per
 * pod served; for unequal ones it keeps a large node from looking cheap because many small pods,
 * which a small node would serve for less, could also run on it.
 */
export interface NewNodes {
  /** Opens nodes for the group until none of its pods is left or nothing may be launched for it. */
  openFor(group: DemandGroup): void;
  /** Whether an empty node of the offering could take a pod of the group. */
  isFeasible(group: DemandGroup, offering: OpenOffering): boolean;
}

export function createNewNodes(
  placement: Placement,
  offerings: Offerings,
  limits: Limits,
  groups: readonly DemandGroup[],
): NewNodes {
  const feasibility = new Map<OpenOffering, Map<DemandGroup, boolean>>();
  const standalone = new Map<DemandGroup, number>();
  const packable = new Map<OpenOffering, readonly DemandGroup[]>();
  // Groups whose pods turned out to depend on more than the node itself.
  const entangled = new Set<DemandGroup>();

  const isFeasible = (group: DemandGroup, offering: OpenOffering): boolean => {
    let known = feasibility.get(offering);
    if (!known) {
      known = new Map();
      feasibility.set(offering, known);
    }
    let fits = known.get(group);
    if (fits === undefined) {
      fits = mayUse(group, offering.of.group) && offerings.emptySpace.fits(group.compiled, offering.empty);
      known.set(group, fits);
    }
    return fits;
  };

  /** What a pod of the group costs an hour at the cheapest offering for it alone. */
  const standaloneCost = (group: DemandGroup): number => {
    const known = standalone.get(group);
    if (known !== undefined) return known;
    const [pod] = group.pods;
    let least = Number.POSITIVE_INFINITY;
    for (const offering of offerings.open) {
      const { effectiveNanoDollarsPerHour } = offering.price;
      if (!pod || effectiveNanoDollarsPerHour === 0 || !isFeasible(group, offering)) continue;
      const perNode = Math.max(1, howMany(pod.requests, offering.empty.free));
      least = Math.min(least, effectiveNanoDollarsPerHour / perNode);
    }
    const cost = Number.isFinite(least) ? least : 1;
    standalone.set(group, cost);
    return cost;
  };

  const packableOn = (offering: OpenOffering): readonly DemandGroup[] => {
    let known = packable.get(offering);
    if (!known) {
      known = groups.filter((group) => isPlain(group) && isFeasible(group, offering));
      packable.set(offering, known);
    }
    return known;
  };

  const packingFor = (group: DemandGroup, offering: OpenOffering): Packing => {
    const riders = packableOn(offering).filter((other) => other !== group && !entangled.has(other));
    return pack(offering.empty.free, [group, ...riders], placement.remaining);
  };

  /** Lower is better: 1 means that no pod could be served for less. */
  const scoreOf = (offering: OpenOffering, packing: Packing): number => {
    let worth = 0;
    for (const { group, count } of packing) {
      if (group.mature) worth += count * standaloneCost(group);
    }
    return worth === 0 ? Number.POSITIVE_INFINITY : offering.price.effectiveNanoDollarsPerHour / worth;
  };

  const choose = (group: DemandGroup, plain: boolean): Choice | null => {
    let best: Choice | null = null;
    let last: { readonly offering: OpenOffering; readonly packing: Packing } | null = null;
    for (const offering of offerings.open) {
      if (!isFeasible(group, offering) || limits.allow(offering, 1).count === 0) continue;
      let packing: Packing;
      if (!plain) packing = tryOut(group, offering);
      else if (last && packsAlike(last.offering, offering)) packing = last.packing;
      else packing = packingFor(group, offering);
      last = { offering, packing };
      if (packing.length === 0) continue;
      const score = scoreOf(offering, packing);
      const better =
        best === null || score < best.score || (score === best.score && isCheaper(offering, best.offering));
      if (better) best = { offering, packing, score };
    }
    return best;
  };

  /** Two zones of one template that the same groups can use. */
  const packsAlike = (a: OpenOffering, b: OpenOffering): boolean => {
    if (a.template !== b.template) return false;
    const groupsOfB = packableOn(b);
    const groupsOfA = packableOn(a);
    return groupsOfA.length === groupsOfB.length && groupsOfA.every((group, i) => group === groupsOfB[i]);
  };

  /** Packs pods that depend on what is around the node, on a node that is added to try. */
  const tryOut = (group: DemandGroup, offering: OpenOffering): Packing => {
    const pods = placement.left(group);
    const node = placement.add(offering);
    const count = putOn(placement.space, node, group.compiled, pods, 0);
    for (const pod of pods.slice(0, count)) placement.space.displace(pod, node);
    placement.discard(node);
    return count === 0 ? [] : [{ group, count }];
  };

  /** Opens one node as chosen; false when the choice did not hold there and has to be made anew. */
  const openOne = ({ offering, packing }: Choice, leader: DemandGroup): boolean => {
    const node = placement.add(offering);
    let asChosen = true;
    for (const { group, count } of packing) {
      const put = settleOn(node, offering, group, count);
      if (put < count && isPlain(group)) entangled.add(group);
      if (put < count) asChosen = false;
      if (put === 0 && group === leader) {
        placement.discard(node);
        return false;
      }
    }
    placement.keep(node, offering, null, "PodsUnschedulable");
    limits.take(offering, 1);
    if (packing.length === 1 && packing[0]?.group === leader) fillUp(node, offering);
    return asChosen;
  };

  const fillUp = (node: NodeSpace, offering: OpenOffering): void => {
    for (const rider of packableOn(offering)) {
      if (!entangled.has(rider)) settleOn(node, offering, rider, placement.remaining(rider));
    }
  };

  const settleOn = (node: NodeSpace, offering: OpenOffering, group: DemandGroup, most: number): number => {
    const pods = placement.left(group).slice(0, most);
    const put = putOn(placement.space, node, group.compiled, pods, 0);
    placement.settle(group, put, "new", launchName(offering, null));
    return put;
  };

  const openFor = (group: DemandGroup): void => {
    while (placement.remaining(group) > 0) {
      const plain = isPlain(group) && !entangled.has(group);
      const choice = choose(group, plain);
      if (!choice) return;
      const nodes = plain ? limits.allow(choice.offering, timesPossible(choice.packing, placement)).count : 1;
      for (let i = 0; i < nodes && openOne(choice, group); i++);
    }
  };

  return { openFor, isFeasible };
}

interface Choice {
  readonly offering: OpenOffering;
  readonly packing: Packing;
  readonly score: number;
}

/** Spot is for pods that may be interrupted. */
export function mayUse(demand: DemandGroup, group: Group): boolean {
  return demand.interruptible || group.capacityType !== "spot";
}

/** How often the same packing can be repeated before one of its groups runs short. */
function timesPossible(packing: Packing, placement: Placement): number {
  return Math.min(...packing.map(({ group, count }) => Math.floor(placement.remaining(group) / count)));
}

function isCheaper(a: OpenOffering, b: OpenOffering): boolean {
  return a.price.nanoDollarsPerHour < b.price.nanoDollarsPerHour;
}
