import type { NodeSpace } from "../../fit/index.ts";
import type { DemandGroup } from "../demand.ts";
import type { ExpectedFill } from "./expected-fill.ts";
import type { Limits } from "./limits.ts";
import type { OpenOffering } from "./offerings.ts";
import { type Packing, pack } from "./packing.ts";
import { launchName, type Placement } from "./placement.ts";
import { createRiders } from "./riders.ts";
import { putOn } from "./shelves.ts";
import type { Suitability } from "./suitability.ts";

/**
 * Opens new nodes for single pods. For the largest group that still has pods without a place, each
 * feasible offering is packed with that group and then with the others, and the offering that
 * serves its pods for the least wins: its effective price, as far as they pay it, over what the
 * pods that it serves would cost by themselves, each at the cheapest offering for it. For equal pods that is the cheapest per
 * pod served; for unequal ones it keeps a large node from looking cheap because many small pods,
 * which a small node would serve for less, could also run on it.
 */
export interface NewNodes {
  /** Opens nodes for the group until none of its pods is left or nothing may be launched for it. */
  openFor(group: DemandGroup): void;
}

interface Choice {
  readonly offering: OpenOffering;
  readonly packing: Packing;
  /** Lower is better: 1 means that no pod could be served for less. */
  readonly score: number;
}

export function createNewNodes(
  placement: Placement,
  suitability: Suitability,
  limits: Limits,
  fill: ExpectedFill,
  groups: readonly DemandGroup[],
): NewNodes {
  const riders = createRiders(groups, suitability, placement);

  const scoreOf = (offering: OpenOffering, packing: Packing): number => {
    let worth = 0;
    for (const { group, count } of packing) {
      if (group.mature) worth += count * suitability.of(group).standaloneCost;
    }
    if (worth === 0) return Number.POSITIVE_INFINITY;
    return (offering.price.effectiveNanoDollarsPerHour * fill.partOf(offering, packing)) / worth;
  };

  const choose = (group: DemandGroup): Choice | null =>
    riders.isPlain(group) ? chooseByArithmetic(group) : chooseByTrying(group);

  const chooseByArithmetic = (group: DemandGroup): Choice | null => {
    let best: Choice | null = null;
    let last: Choice | null = null;
    let lastShares: readonly DemandGroup[] = [];
    for (const offering of suitability.of(group).feasible) {
      const shares = riders.on(offering);
      const alike: Choice | null =
        last && lastShares === shares && last.offering.template === offering.template ? last : null;
      // Another zone at the same price is no better.
      if (alike && hasPriceOf(alike.offering, offering)) continue;
      if (!limits.allowsOne(offering)) continue;
      const packing = alike?.packing ?? pack(offering.empty.free, group, shares, placement.remaining);
      const choice: Choice = { offering, packing, score: scoreOf(offering, packing) };
      last = choice;
      lastShares = shares;
      if (packing.length > 0 && (best === null || isBetter(choice, best))) best = choice;
    }
    return best;
  };

  /** Trying out is dear: it goes on only while an offering could still win, were its node full. */
  const chooseByTrying = (group: DemandGroup): Choice | null => {
    let best: Choice | null = null;
    for (const { offering, perNode, score: atBest } of suitability.of(group).byPromise()) {
      const part = fill.partOf(offering, [{ group, count: perNode }]);
      if (best !== null && atBest * part >= best.score) continue;
      if (!limits.allowsOne(offering)) continue;
      const packing = tryOut(group, offering);
      const choice: Choice = { offering, packing, score: scoreOf(offering, packing) };
      if (packing.length > 0 && (best === null || isBetter(choice, best))) best = choice;
    }
    return best;
  };

  /** Packs pods that depend on what is around the node, on a node that is added to try. */
  const tryOut = (group: DemandGroup, offering: OpenOffering): Packing => {
    const from = placement.placed(group);
    const node = placement.add(offering);
    const count = putOn(placement.space, node, group.compiled, group.pods, from);
    for (const pod of group.pods.slice(from, from + count)) placement.space.displace(pod, node);
    placement.discard(node);
    return count === 0 ? [] : [{ group, count }];
  };

  /** Opens one node as chosen; false when the choice did not hold there and has to be made anew. */
  const openOne = ({ offering, packing }: Choice, leader: DemandGroup): boolean => {
    const node = placement.add(offering);
    let asChosen = true;
    for (const { group, count } of packing) {
      const put = settleOn(node, offering, group, count);
      if (put < count) {
        asChosen = false;
        riders.exclude(group);
      }
      if (put === 0 && group === leader) {
        placement.discard(node);
        return false;
      }
    }
    placement.keep(node, offering, null, "PodsUnschedulable");
    limits.take(offering, 1);
    if (!riders.isPlain(leader)) fillUp(node, offering);
    return asChosen;
  };

  /** Gives the rest of a node to riders. */
  const fillUp = (node: NodeSpace, offering: OpenOffering): void => {
    for (const { group, count } of pack(node.free, null, riders.on(offering), placement.remaining)) {
      if (settleOn(node, offering, group, count) < count) riders.exclude(group);
    }
  };

  const settleOn = (node: NodeSpace, offering: OpenOffering, group: DemandGroup, most: number): number => {
    const from = placement.placed(group);
    const put = putOn(placement.space, node, group.compiled, group.pods, from, from + most);
    placement.settle(group, put, "new", launchName(offering, null));
    return put;
  };

  return {
    openFor(group) {
      while (placement.remaining(group) > 0) {
        const choice = choose(group);
        if (!choice) return;
        const times = riders.isPlain(group) ? timesPossible(choice.packing, placement) : 1;
        const nodes = limits.allow(choice.offering, times).count;
        for (let i = 0; i < nodes && openOne(choice, group); i++);
      }
    },
  };
}

function hasPriceOf(a: OpenOffering, b: OpenOffering): boolean {
  return (
    a.price.effectiveNanoDollarsPerHour === b.price.effectiveNanoDollarsPerHour &&
    a.price.nanoDollarsPerHour === b.price.nanoDollarsPerHour
  );
}

/** How often the same packing can be repeated before one of its groups runs short. */
function timesPossible(packing: Packing, placement: Placement): number {
  return Math.min(...packing.map(({ group, count }) => Math.floor(placement.remaining(group) / count)));
}

function isBetter(a: Choice, b: Choice): boolean {
  if (a.score !== b.score) return a.score < b.score;
  return a.offering.price.nanoDollarsPerHour < b.offering.price.nanoDollarsPerHour;
}
