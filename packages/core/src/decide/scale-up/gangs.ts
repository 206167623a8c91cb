import type { NodeSpace } from "../../fit/index.ts";
import { HOSTNAME_LABEL, ZONE_LABEL } from "../../model/keys.ts";
import { fnv1a } from "../../model/text.ts";
import type { NanoDollars } from "../../model/units.ts";
import { append } from "../append.ts";
import type { DemandGroup, GangDemand } from "../demand.ts";
import type { Fleet } from "../fleet.ts";
import { type GangPlan, type GangShelves, type NewNodeSource, tryGang } from "./gang-plan.ts";
import type { Market } from "./market.ts";
import type { OpenOffering } from "./offerings.ts";
import { launchName, type Placement } from "./placement.ts";
import { ORDER, type Shelf, type Shelves } from "./shelves.ts";

export interface Gangs {
  /** Places the gang on nodes that were launched for its pods, and others where it has to, if all of it fits. */
  placeOnReserved(gang: GangDemand): boolean;
  /** Places the gang on nodes that exist or are coming, if all of it fits there. */
  placeOnShelves(gang: GangDemand): boolean;
  /** Places it with the help of new nodes, the cheapest way; false when no offering can take it whole. */
  placeWithNewNodes(gang: GangDemand, market: Market): boolean;
}

/** A LaunchInstances call takes at most so many, and a gang is one call. */
const MOST_NODES = 100;

/**
 * Gangs are placed whole or not at all, in one domain of their topology key (the zone, unless they
 * say otherwise), with new nodes of one offering, since a gang runs at the pace of its slowest node.
 */
export function createGangs(placement: Placement, shelves: Shelves, fleet: Fleet): Gangs {
  const place = (gang: GangDemand, there: GangShelves): boolean => {
    const plan = hasGpusFor(gang, there) ? tryGang(placement, gang, there, null) : null;
    if (plan) commit(placement, gang, plan);
    return plan !== null;
  };

  return {
    placeOnReserved(gang) {
      const pods = new Set(gang.groups.flatMap((group) => group.pods.map(({ uid }) => fnv1a(uid))));
      const isOurs = ({ reservedFor }: Shelf) => reservedFor.some((hash) => pods.has(hash));
      if (![...shelves.values()].some((some) => some.some(isOurs))) return false;
      const oursFirst = (some: readonly Shelf[]) =>
        some.toSorted((a, b) => Number(isOurs(b)) - Number(isOurs(a)));
      return shelvesByDomain(gang).some((there) => place(gang, mapped(there, oursFirst)));
    },
    // What is there first: a domain of nodes to come is no reason to leave one that serves.
    placeOnShelves(gang) {
      const roomy = shelvesByDomain(gang).filter((there) => hasGpusFor(gang, there));
      return ORDER.some((_, last) => {
        const upTo = (some: readonly Shelf[]) => some.filter(({ kind }) => ORDER.indexOf(kind) <= last);
        return roomy.some((there) => place(gang, mapped(there, upTo)));
      });
    },
    placeWithNewNodes(gang, market) {
      const ours = shelvesFor(gang);
      let best: GangPlan | null = null;
      for (const offering of market.offerings.open) {
        const source = sourceOf(gang, offering, market);
        if (!source) continue;
        const there = (source.isOneNode ? null : ours.get(source.domain)) ?? NO_SHELVES;
        const nodes = leastNodes(lackingGpus(gang, there), offering);
        const isTooDear = best && nodes * costOf(offering) >= best.effectiveNanoDollarsPerHour;
        if (nodes > source.mostNodes || isTooDear) continue;
        const plan = tryGang(placement, gang, there, source);
        if (plan && (!best || plan.effectiveNanoDollarsPerHour < best.effectiveNanoDollarsPerHour))
          best = plan;
      }
      if (!best) return false;
      commit(placement, gang, best);
      if (best.offering) market.limits.take(best.offering, best.nodes);
      return true;
    },
  };

  /** Where a gang may be tried: one domain of its topology key after the other; where its bound pods are, when it has some. */
  function shelvesByDomain(gang: GangDemand): readonly GangShelves[] {
    const ours = shelvesFor(gang);
    const bound = domainOfBound(gang);
    const domains = bound === undefined ? [...ours.keys()].sort() : [bound];
    return domains.flatMap((domain) => ours.get(domain) ?? []);
  }

  /** Those that one of its pods may go to, by the value of its topology key; null where it does not matter. */
  function shelvesFor({ topologyKey, groups }: GangDemand): ReadonlyMap<string | null, GangShelves> {
    const found = new Map<string | null, Map<string, Shelf[]>>();
    for (const resource of new Set(groups.map(({ gpuResource }) => gpuResource))) {
      const ours = groups.filter(({ gpuResource }) => gpuResource === resource);
      for (const shelf of shelves.get(resource) ?? []) {
        if (!ours.some((group) => placement.mayTake(group, shelf))) continue;
        const domain = topologyKey === null ? null : shelf.space.spec.labels[topologyKey];
        if (domain === undefined) continue;
        const there = found.get(domain) ?? new Map<string, Shelf[]>();
        found.set(domain, there);
        append(there, resource, shelf);
      }
    }
    return found;
  }

  /** New nodes of the offering, if they are where the gang can be. */
  function sourceOf(gang: GangDemand, offering: OpenOffering, market: Market): NewNodeSource | null {
    const { topologyKey } = gang;
    const isOneNode = topologyKey === HOSTNAME_LABEL;
    const domain = topologyKey === null || isOneNode ? null : domainOfOffering(topologyKey, offering);
    const bound = domainOfBound(gang);
    if (domain === undefined || (bound !== undefined && (isOneNode || bound !== domain))) return null;
    const canTake = gang.groups.filter((group) => market.suitability.of(group).isFeasible(offering));
    const mostNodes = market.limits.allow(offering, isOneNode ? 1 : MOST_NODES).count;
    return canTake.length > 0 && mostNodes > 0 ? { offering, domain, isOneNode, canTake, mostNodes } : null;
  }

  function domainOfBound({ bound: [pod], topologyKey }: GangDemand): string | undefined {
    if (topologyKey === null || !pod) return undefined;
    return fleet.machines.find(({ name }) => name === pod.nodeName)?.node?.labels[topologyKey];
  }
}

const NO_SHELVES: GangShelves = new Map();

function mapped(all: GangShelves, offered: (shelves: readonly Shelf[]) => readonly Shelf[]): GangShelves {
  return new Map([...all].map(([resource, some]) => [resource, offered(some)]));
}

function hasGpusFor(gang: GangDemand, there: GangShelves): boolean {
  return lackingGpus(gang, there).size === 0;
}

/** How much of each GPU resource the gang asks for beyond what is free there in all. */
function lackingGpus({ groups }: GangDemand, there: GangShelves): ReadonlyMap<string, number> {
  const lacking = new Map<string, number>();
  for (const { gpuResource, gpuAmount, pods } of groups) {
    lacking.set(gpuResource, (lacking.get(gpuResource) ?? 0) + gpuAmount * pods.length);
  }
  for (const [resource, amount] of lacking) {
    let left = amount;
    for (const { space } of there.get(resource) ?? [])
      left -= Math.max(0, space.free.extended[resource] ?? 0);
    if (left > 0) lacking.set(resource, left);
    else lacking.delete(resource);
  }
  return lacking;
}

/** With fewer new nodes of the offering the gang cannot be whole. */
function leastNodes(lacking: ReadonlyMap<string, number>, { template }: OpenOffering): number {
  let nodes = 0;
  for (const [resource, amount] of lacking) {
    nodes = Math.max(nodes, Math.ceil(amount / (template.gpuResources[resource] ?? 0)));
  }
  return nodes;
}

function costOf({ price }: OpenOffering): NanoDollars {
  return price.effectiveNanoDollarsPerHour;
}

function domainOfOffering(topologyKey: string, { zone, template }: OpenOffering): string | undefined {
  return topologyKey === ZONE_LABEL ? zone : template.labels[topologyKey];
}

/** Does for good what was tried: the same pods on the same nodes. */
function commit(placement: Placement, gang: GangDemand, plan: GangPlan): void {
  const place = (group: DemandGroup, count: number, node: NodeSpace) => {
    const from = placement.placed(group);
    for (const pod of group.pods.slice(from, from + count)) placement.space.place(pod, node);
  };
  for (const { group, count, shelf } of plan.onShelves) {
    place(group, count, shelf.space);
    placement.settle(group, count, shelf.kind, shelf.name);
  }
  const { offering } = plan;
  if (!offering || plan.nodes === 0) return;
  const nodes = Array.from({ length: plan.nodes }, () => placement.add(offering));
  for (const { group, count, node: index } of plan.onNewNodes) {
    const node = nodes[index];
    if (!node) continue;
    place(group, count, node);
    placement.settle(group, count, "new", launchName(offering, gang.name));
  }
  for (const node of nodes) placement.keep(node, offering, gang.name, "GangUnschedulable");
}
