import { HOSTNAME_LABEL, ZONE_LABEL } from "../../model/keys.ts";
import { fnv1a } from "../../model/text.ts";
import type { NanoDollars } from "../../model/units.ts";
import type { GangDemand } from "../demand.ts";
import type { Fleet } from "../fleet.ts";
import {
  createDomains,
  type GangShelves,
  hasGpusFor,
  lackingGpus,
  mapped,
  NO_SHELVES,
  type ShelvesByDomain,
} from "./gang-shelves.ts";
import { type GangTrial, type NewNodeSource, tryGang, undo } from "./gang-trial.ts";
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
  const all = [...shelves.values()].flat();
  const reserved = all.filter(({ reservedFor }) => reservedFor.length > 0);
  const kinds = ORDER.filter((kind) => all.some((shelf) => shelf.kind === kind));
  const domains = createDomains(shelves);
  const place = (gang: GangDemand, there: GangShelves): boolean => {
    const trial = hasGpusFor(gang, there) ? tryGang(placement, gang, there, null) : null;
    if (trial) settle(placement, gang, trial);
    return trial !== null;
  };

  return {
    placeOnReserved(gang) {
      if (reserved.length === 0) return false;
      const pods = new Set(gang.groups.flatMap((group) => group.pods.map(({ uid }) => fnv1a(uid))));
      const isOurs = ({ reservedFor }: Shelf) => reservedFor.some((hash) => pods.has(hash));
      if (!reserved.some(isOurs)) return false;
      const oursFirst = (some: readonly Shelf[]) =>
        some.toSorted((a, b) => Number(isOurs(b)) - Number(isOurs(a)));
      return shelvesInTurn(gang).some((there) => place(gang, mapped(there, oursFirst)));
    },
    // What is there first: a domain of nodes to come is no reason to leave one that serves.
    placeOnShelves(gang) {
      const roomy = shelvesInTurn(gang).filter((there) => hasGpusFor(gang, there));
      return kinds.some((_, last) => {
        const upTo = (some: readonly Shelf[]) => some.filter(({ kind }) => kinds.indexOf(kind) <= last);
        const isLast = last === kinds.length - 1;
        return roomy.some((there) => place(gang, isLast ? there : mapped(there, upTo)));
      });
    },
    placeWithNewNodes(gang, market) {
      const trial = cheapestTrial(gang, market);
      if (!trial) return false;
      settle(placement, gang, trial);
      if (trial.offering) market.limits.take(trial.offering, trial.nodes.length);
      return true;
    },
  };

  /** Tries each offering that could still be the cheapest, and leaves the gang where it costs least. */
  function cheapestTrial(gang: GangDemand, market: Market): GangTrial | null {
    const ours = shelvesFor(gang);
    const lacking = new Map([...ours].map(([domain, there]) => [domain, lackingGpus(gang, there)]));
    const lackingNew = lackingGpus(gang, NO_SHELVES);
    const bound = domainOfBound(gang);
    let best: Attempt | null = null;
    let trial: GangTrial | null = null;
    for (const offering of market.offerings.open) {
      const domain = newDomainOf(gang, offering);
      if (domain === undefined || (bound !== undefined && bound !== domain)) continue;
      const nodes = leastNodes(lacking.get(domain) ?? lackingNew, offering);
      if (best && nodes * costOf(offering) >= best.cost) continue;
      const source = sourceOf(gang, offering, domain, market);
      if (!source || nodes > source.mostNodes) continue;
      const there = ours.get(domain) ?? NO_SHELVES;
      if (trial) undo(placement, trial);
      trial = tryGang(placement, gang, there, source);
      const cost = trial?.effectiveNanoDollarsPerHour ?? Number.POSITIVE_INFINITY;
      if (trial && (!best || cost < best.cost)) best = { there, source, cost };
    }
    if (!best || trial?.offering === best.source.offering) return trial;
    if (trial) undo(placement, trial);
    return tryGang(placement, gang, best.there, best.source);
  }

  /** Where a gang may be tried: one domain of its topology key after the other; where its bound pods are, when it has some. */
  function shelvesInTurn(gang: GangDemand): readonly GangShelves[] {
    const ours = shelvesFor(gang);
    const bound = domainOfBound(gang);
    const inTurn = bound === undefined ? [...ours.keys()].sort() : [bound];
    return inTurn.flatMap((domain) => ours.get(domain) ?? []);
  }

  /** Those that one of its pods may go to, by the value of its topology key; null where it does not matter. */
  function shelvesFor({ topologyKey, groups }: GangDemand): ShelvesByDomain {
    const there = domains(topologyKey);
    if (!kinds.includes("closed")) return there;
    const mayTake = (resource: string, shelf: Shelf) =>
      groups.some((group) => group.gpuResource === resource && placement.mayTake(group, shelf));
    return new Map(
      [...there].map(([domain, some]) => [
        domain,
        mapped(some, (all, resource) => all.filter((shelf) => mayTake(resource, shelf))),
      ]),
    );
  }

  /** New nodes of the offering, if they can take any of the gang. */
  function sourceOf(
    gang: GangDemand,
    offering: OpenOffering,
    domain: string | null,
    market: Market,
  ): NewNodeSource | null {
    const isOneNode = gang.topologyKey === HOSTNAME_LABEL;
    const canTake = gang.groups.filter((group) => market.suitability.of(group).isFeasible(offering));
    const mostNodes = market.limits.allow(offering, isOneNode ? 1 : MOST_NODES).count;
    return canTake.length > 0 && mostNodes > 0 ? { offering, domain, isOneNode, canTake, mostNodes } : null;
  }

  function domainOfBound({ bound: [pod], topologyKey }: GangDemand): string | undefined {
    if (topologyKey === null || !pod) return undefined;
    return fleet.machines.find(({ name }) => name === pod.nodeName)?.node?.labels[topologyKey];
  }
}

/** What a gang was tried on, and what new nodes it then needed. */
interface Attempt {
  readonly there: GangShelves;
  readonly source: NewNodeSource;
  readonly cost: NanoDollars;
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

/** Where its nodes are, by the gang's topology key. null: in no domain that was there before; undefined: they have none. */
function newDomainOf(
  { topologyKey }: GangDemand,
  { zone, template }: OpenOffering,
): string | null | undefined {
  if (topologyKey === null || topologyKey === HOSTNAME_LABEL) return null;
  return topologyKey === ZONE_LABEL ? zone : template.labels[topologyKey];
}

/** Leaves the gang for good where it was tried. */
function settle(placement: Placement, gang: GangDemand, trial: GangTrial): void {
  const { onShelves, onNewNodes, offering, nodes } = trial;
  for (const { group, count, shelf } of onShelves) placement.settle(group, count, shelf.kind, shelf.name);
  if (!offering) return;
  for (const { group, count } of onNewNodes)
    placement.settle(group, count, "new", launchName(offering, gang.name));
  for (const node of nodes) placement.keep(node, offering, gang.name, "GangUnschedulable");
}
