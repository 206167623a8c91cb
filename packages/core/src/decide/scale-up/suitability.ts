import { Eligible, selectorMatches } from "../../fit/index.ts";
import type { Group } from "../../model/pool.ts";
import type { NanoDollars } from "../../model/units.ts";
import type { DemandGroup } from "../demand.ts";
import type { Offerings, OpenOffering } from "./offerings.ts";
import { howMany } from "./packing.ts";

/** Which offerings suit which pods, by an empty node of each. Worked out once for each group of pods. */
export class Suitability {
  readonly #offerings: Offerings;
  readonly #eligible: Eligible<OpenOffering>;
  /** By the index of the group. */
  readonly #known: (SuitableOfferings | undefined)[] = [];

  constructor(offerings: Offerings) {
    this.#offerings = offerings;
    this.#eligible = new Eligible(offerings.emptySpace, offerings.open, ({ empty }) => empty);
  }

  of(group: DemandGroup): SuitableOfferings {
    let suitable = this.#known[group.index];
    if (suitable === undefined) {
      suitable = new SuitableOfferings(group, this.#offerings, this.#eligible.for(group.compiled));
      this.#known[group.index] = suitable;
    }
    return suitable;
  }
}

export class SuitableOfferings {
  /** In the order of the open ones. */
  readonly feasible: readonly OpenOffering[];
  /** What a pod of the group costs an hour at the cheapest feasible offering for it alone. */
  readonly standaloneCost: NanoDollars;
  /** By the index of the offering. */
  readonly #suits: Uint8Array;

  constructor(group: DemandGroup, { open, emptySpace }: Offerings, eligible: readonly OpenOffering[]) {
    const fitting = emptySpace.fitting(group.compiled, eligible, ({ empty }) => empty);
    this.feasible = feasibleOf(group, fitting);
    this.standaloneCost = standaloneCostOf(group, this.feasible);
    this.#suits = new Uint8Array(open.length);
    if (this.feasible !== fitting) for (const { index } of fitting) this.#suits[index] = FITTING;
    for (const { index } of this.feasible) this.#suits[index] = FEASIBLE;
  }

  /** Whether an empty node of the offering could take one of the pods. */
  isFitting({ index }: OpenOffering): boolean {
    return this.#suits[index] !== 0;
  }

  /** Whether, besides, the pods may use it. */
  isFeasible({ index }: OpenOffering): boolean {
    return this.#suits[index] === FEASIBLE;
  }
}

const FITTING = 1;
const FEASIBLE = 2;

function feasibleOf(group: DemandGroup, fitting: readonly OpenOffering[]): readonly OpenOffering[] {
  const allowed = group.spot === "forbidden" ? fitting.filter(({ of }) => mayUse(group, of.group)) : fitting;
  // What a dry run decides is not done: it must not keep pods from pools that would serve them.
  const live = allowed.some(({ of }) => of.pool.dryRun)
    ? orElse(
        allowed.filter(({ of }) => !of.pool.dryRun),
        allowed,
      )
    : allowed;
  if (group.spot !== "avoided") return live;
  const lasting = live.filter(({ of }) => of.group.capacityType !== "spot");
  return orElse(lasting, live);
}

function standaloneCostOf(group: DemandGroup, feasible: readonly OpenOffering[]): NanoDollars {
  let least = Number.POSITIVE_INFINITY;
  let last: OpenOffering | null = null;
  let perNode = 1;
  const isOne = isOneANode(group);
  for (const offering of feasible) {
    const { effectiveNanoDollarsPerHour } = offering.price;
    // Capacity that is paid for anyway says nothing of what a pod is worth.
    if (effectiveNanoDollarsPerHour === 0) continue;
    // Zones of one group have the same nodes.
    if (!isOne && last?.template !== offering.template) perNode = mostPods(group, offering);
    last = offering;
    const each = effectiveNanoDollarsPerHour / perNode;
    if (each < least) least = each;
  }
  return Number.isFinite(least) ? least : 1;
}

/** Spot is for pods that may be interrupted. */
export function mayUse(demand: DemandGroup, group: Group): boolean {
  return demand.spot !== "forbidden" || group.capacityType !== "spot";
}

/** How many pods of the group an empty node of the offering takes at most, if it takes one. */
export function podsPerNode(group: DemandGroup, offering: Pick<OpenOffering, "empty">): number {
  return isOneANode(group) ? 1 : mostPods(group, offering);
}

/** By what they ask for. */
function mostPods({ compiled }: DemandGroup, { empty }: Pick<OpenOffering, "empty">): number {
  return Math.max(1, howMany(compiled.spec.requests, empty.free));
}

/** Pods that keep away from their own kind, or hold a host port, never share a node. */
function isOneANode({ compiled: { spec: pod } }: DemandGroup): boolean {
  const isOwn = (namespaces: readonly string[]) =>
    namespaces.length === 0 || namespaces.includes(pod.namespace);
  return (
    pod.hostPorts.length > 0 ||
    pod.podAntiAffinity.some(
      ({ selector, namespaces }) => isOwn(namespaces) && selectorMatches(selector, pod.labels),
    )
  );
}

function orElse<Item>(items: readonly Item[], others: readonly Item[]): readonly Item[] {
  return items.length > 0 ? items : others;
}
