import type { NodeSpace } from "../../fit/index.ts";
import type { DemandGroup } from "../demand.ts";
import type { ExpectedFill } from "./expected-fill.ts";
import type { Limits } from "./limits.ts";
import type { OpenOffering } from "./offerings.ts";
import { Packer, type Packing } from "./packing.ts";
import { launchName, type Placement } from "./placement.ts";
import { Riders } from "./riders.ts";
import { putOn } from "./shelves.ts";
import { podsPerNode, type Suitability } from "./suitability.ts";

interface Choice {
  readonly offering: OpenOffering;
  readonly packing: Packing;
  /** Lower is better: 1 means that no pod could be served for less. */
  readonly score: number;
}

/** A new node with the next pods of the group that it was tried for. */
interface Trial {
  readonly node: NodeSpace;
  readonly offering: OpenOffering;
  readonly count: number;
}

/** An offering, and the score of a node that is full of one group's pods: none has a better one. */
interface Promising {
  readonly offering: OpenOffering;
  readonly atBest: number;
}

/**
 * Opens new nodes for single pods. For the largest group that still has pods without a place, each
 * feasible offering is packed with that group and then with the others, and the offering that
 * serves its pods for the least wins: its effective price, as far as they pay it, over what the
 * pods that it serves would cost by themselves, each at the cheapest offering for it. For equal pods that is the cheapest per
 * pod served; for unequal ones it keeps a large node from looking cheap because many small pods,
 * which a small node would serve for less, could also run on it.
 */
export class NewNodes {
  readonly #placement: Placement;
  readonly #suitability: Suitability;
  readonly #limits: Limits;
  readonly #fill: ExpectedFill;
  readonly #riders: Riders;
  readonly #packer: Packer;
  /** By the index of the group. */
  readonly #promising: (readonly Promising[] | undefined)[] = [];

  constructor(
    placement: Placement,
    suitability: Suitability,
    limits: Limits,
    fill: ExpectedFill,
    groups: readonly DemandGroup[],
  ) {
    this.#placement = placement;
    this.#suitability = suitability;
    this.#limits = limits;
    this.#fill = fill;
    this.#riders = new Riders(groups, suitability, placement);
    this.#packer = new Packer(placement);
  }

  /** Opens nodes for the group until none of its pods is left or nothing may be launched for it. */
  openFor(group: DemandGroup): void {
    let isOpened = true;
    while (isOpened && this.#placement.remaining(group) > 0) {
      isOpened = this.#riders.isPlain(group) ? this.#openByArithmetic(group) : this.#openByTrying(group);
    }
  }

  #openByArithmetic(group: DemandGroup): boolean {
    const choice = this.#chooseByArithmetic(group);
    if (!choice) return false;
    const times = timesPossible(choice.packing, this.#placement);
    const nodes = this.#limits.allow(choice.offering, times).count;
    for (let i = 0; i < nodes && this.#openOne(choice, group); i++);
    return true;
  }

  #chooseByArithmetic(group: DemandGroup): Choice | null {
    let best: Choice | null = null;
    let last: OpenOffering | null = null;
    let lastShares: readonly DemandGroup[] = [];
    let packing: Packing = [];
    for (const offering of this.#suitability.of(group).feasible) {
      const shares = this.#riders.on(offering);
      const isAlike = last !== null && lastShares === shares && last.template === offering.template;
      // Another zone at the same price is no better, nor is more of it left.
      if (isAlike && last !== null && hasPriceOf(last, offering)) continue;
      if (!isAlike) packing = this.#packer.pack(offering.empty.free, group, shares);
      last = offering;
      lastShares = shares;
      if (packing.length === 0) continue;
      const score = this.#scoreOf(offering, packing);
      const isBest = best === null || isBetter(score, offering, best);
      if (isBest && this.#limits.allowsOne(offering)) best = { offering, packing, score };
    }
    return best;
  }

  #openByTrying(group: DemandGroup): boolean {
    const trial = this.#bestTrial(group);
    if (!trial) return false;
    const { node, offering, count } = trial;
    this.#placement.settle(group, count, "new", launchName(offering, null));
    this.#keep(node, offering);
    this.#fillUp(node, offering);
    return true;
  }

  /** Trying out is dear: it goes on only while an offering could still win, were its node full. */
  #bestTrial(group: DemandGroup): Trial | null {
    let best: Choice | null = null;
    let trial: Trial | null = null;
    for (const { offering, atBest } of this.#promisingFor(group)) {
      if (best !== null && atBest >= best.score) break;
      if (!this.#limits.allowsOne(offering)) continue;
      if (trial !== null) this.#placement.discard(trial.node);
      trial = this.#tryOut(group, offering);
      if (trial === null) continue;
      const packing = [{ group, count: trial.count }];
      const score = this.#scoreOf(offering, packing);
      if (best === null || isBetter(score, offering, best)) best = { offering, packing, score };
    }
    if (best === null || trial?.offering === best.offering) return trial;
    if (trial !== null) this.#placement.discard(trial.node);
    return this.#tryOut(group, best.offering);
  }

  /** The feasible ones, best first. */
  #promisingFor(group: DemandGroup): readonly Promising[] {
    let promising = this.#promising[group.index];
    if (promising === undefined) {
      promising = this.#promisingAnew(group);
      this.#promising[group.index] = promising;
    }
    return promising;
  }

  #promisingAnew(group: DemandGroup): readonly Promising[] {
    const alike: { readonly offerings: OpenOffering[]; readonly atBest: number }[] = [];
    let last: OpenOffering | null = null;
    for (const offering of this.#suitability.of(group).feasible) {
      // Zones of a group mostly differ in nothing.
      if (last !== null && last.template === offering.template && hasPriceOf(last, offering)) {
        alike.at(-1)?.offerings.push(offering);
      } else {
        const atBest = this.#scoreOf(offering, [{ group, count: podsPerNode(group, offering) }]);
        alike.push({ offerings: [offering], atBest });
      }
      last = offering;
    }
    return alike
      .sort((a, b) => a.atBest - b.atBest)
      .flatMap(({ offerings, atBest }) => offerings.map((offering) => ({ offering, atBest })));
  }

  #scoreOf(offering: OpenOffering, packing: Packing): number {
    let worth = 0;
    for (const { group, count } of packing) {
      if (group.mature) worth += count * this.#suitability.of(group).standaloneCost;
    }
    if (worth === 0) return Number.POSITIVE_INFINITY;
    return (offering.price.effectiveNanoDollarsPerHour * this.#fill.partOf(offering, packing)) / worth;
  }

  /** Adds a node with as many of the group's pods as fit there; null: none does. */
  #tryOut(group: DemandGroup, offering: OpenOffering): Trial | null {
    if (!this.#placement.space.mayFitOnCopy(group.compiled, offering.empty)) return null;
    const node = this.#placement.add(offering);
    const from = this.#placement.placed(group);
    const count = putOn(this.#placement.space, node, group.compiled, group.pods, from);
    if (count > 0) return { node, offering, count };
    this.#placement.discard(node);
    return null;
  }

  /** Opens one node as chosen; false when the choice did not hold there and has to be made anew. */
  #openOne({ offering, packing }: Choice, leader: DemandGroup): boolean {
    const node = this.#placement.add(offering);
    let asChosen = true;
    for (const { group, count } of packing) {
      const put = this.#settleOn(node, offering, group, count);
      if (put < count) {
        asChosen = false;
        this.#riders.exclude(group);
      }
      if (put === 0 && group === leader) {
        this.#placement.discard(node);
        return false;
      }
    }
    this.#keep(node, offering);
    if (!this.#riders.isPlain(leader)) this.#fillUp(node, offering);
    return asChosen;
  }

  #keep(node: NodeSpace, offering: OpenOffering): void {
    this.#placement.keep(node, offering, null, "PodsUnschedulable");
    this.#limits.take(offering, 1);
  }

  /** Gives the rest of a node to riders. */
  #fillUp(node: NodeSpace, offering: OpenOffering): void {
    for (const { group, count } of this.#packer.pack(node.free, null, this.#riders.on(offering))) {
      if (this.#settleOn(node, offering, group, count) < count) this.#riders.exclude(group);
    }
  }

  #settleOn(node: NodeSpace, offering: OpenOffering, group: DemandGroup, most: number): number {
    const from = this.#placement.placed(group);
    const put = putOn(this.#placement.space, node, group.compiled, group.pods, from, from + most);
    this.#placement.settle(group, put, "new", launchName(offering, null));
    return put;
  }
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

function isBetter(score: number, { price }: OpenOffering, best: Choice): boolean {
  if (score !== best.score) return score < best.score;
  return price.nanoDollarsPerHour < best.offering.price.nanoDollarsPerHour;
}
