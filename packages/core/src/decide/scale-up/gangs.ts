import type { NodeSpace } from "../../fit/index.ts";
import { HOSTNAME_LABEL, ZONE_LABEL } from "../../model/keys.ts";
import { fnv1a } from "../../model/text.ts";
import type { DemandGroup, GangDemand } from "../demand.ts";
import type { Fleet } from "../fleet.ts";
import { type GangPlan, type NewNodeSource, tryGang } from "./gang-plan.ts";
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
  const place = (gang: GangDemand, offered: (shelves: readonly Shelf[]) => readonly Shelf[]): boolean => {
    for (const domain of domainsOfShelves(gang)) {
      const all = shelvesIn(gang, domain);
      const plan = tryGang(placement, gang, (resource) => offered(all(resource)), null);
      if (plan) {
        commit(placement, gang, plan);
        return true;
      }
    }
    return false;
  };

  return {
    placeOnReserved(gang) {
      const pods = new Set(gang.groups.flatMap((group) => group.pods.map(({ uid }) => fnv1a(uid))));
      const isOurs = ({ reservedFor }: Shelf) => reservedFor.some((hash) => pods.has(hash));
      if (![...shelves.values()].some((some) => some.some(isOurs))) return false;
      return place(gang, (some) => some.toSorted((a, b) => Number(isOurs(b)) - Number(isOurs(a))));
    },
    // What is there first: a domain of nodes to come is no reason to leave one that serves.
    placeOnShelves: (gang) =>
      ORDER.some((_, last) => place(gang, (some) => some.filter(({ kind }) => ORDER.indexOf(kind) <= last))),
    placeWithNewNodes(gang, market) {
      let best: GangPlan | null = null;
      for (const offering of market.offerings.open) {
        const source = sourceOf(gang, offering, market);
        if (!source) continue;
        const there = source.isOneNode ? NO_SHELVES : shelvesIn(gang, source.domain);
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

  /** Values of the gang's topology key among nodes; the one its bound pods are in, when it has some. */
  function domainsOfShelves(gang: GangDemand): readonly (string | null)[] {
    const { topologyKey } = gang;
    if (topologyKey === null) return [null];
    const bound = domainOfBound(gang);
    if (bound !== undefined) return [bound];
    const values = new Set<string>();
    for (const group of gang.groups) {
      for (const { space } of shelves.get(group.gpuResource) ?? []) {
        const value = space.spec.labels[topologyKey];
        if (value !== undefined) values.add(value);
      }
    }
    return [...values].sort();
  }

  function shelvesIn({ topologyKey, groups }: GangDemand, domain: string | null) {
    return (resource: string): readonly Shelf[] => {
      const isOurs = (group: DemandGroup) => group.gpuResource === resource;
      const all = (shelves.get(resource) ?? []).filter((shelf) =>
        groups.some((group) => isOurs(group) && placement.mayTake(group, shelf)),
      );
      if (topologyKey === null || domain === null) return all;
      return all.filter(({ space }) => space.spec.labels[topologyKey] === domain);
    };
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

const NO_SHELVES = (): readonly Shelf[] => [];

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
