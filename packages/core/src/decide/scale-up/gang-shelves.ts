import { append } from "../append.ts";
import type { GangDemand } from "../demand.ts";
import type { Shelf, Shelves } from "./shelves.ts";

/** Nodes that pods of a gang may go to, by the GPU resource that they have, in the order in which they are offered. */
export type GangShelves = ReadonlyMap<string, readonly Shelf[]>;

export const NO_SHELVES: GangShelves = new Map();

export function mapped(
  all: GangShelves,
  offered: (shelves: readonly Shelf[], resource: string) => readonly Shelf[],
): GangShelves {
  return new Map([...all].map(([resource, some]) => [resource, offered(some, resource)]));
}

/** By the value of a topology key; null where it does not matter. */
export type ShelvesByDomain = ReadonlyMap<string | null, GangShelves>;

/** Finds them when a gang with the topology key first asks. */
export function createDomains(shelves: Shelves): (topologyKey: string | null) => ShelvesByDomain {
  const known = new Map<string | null, ShelvesByDomain>();
  return (topologyKey) => {
    let domains = known.get(topologyKey);
    if (domains === undefined) {
      domains = byDomain(shelves, topologyKey);
      known.set(topologyKey, domains);
    }
    return domains;
  };
}

function byDomain(shelves: Shelves, topologyKey: string | null): ShelvesByDomain {
  const domains = new Map<string | null, Map<string, Shelf[]>>();
  for (const [resource, some] of shelves) {
    for (const shelf of some) {
      const domain = topologyKey === null ? null : shelf.space.spec.labels[topologyKey];
      if (domain === undefined) continue;
      const there = domains.get(domain) ?? new Map<string, Shelf[]>();
      domains.set(domain, there);
      append(there, resource, shelf);
    }
  }
  return domains;
}

export function hasGpusFor(gang: GangDemand, there: GangShelves): boolean {
  return lackingGpus(gang, there).size === 0;
}

/** How much of each GPU resource the gang asks for beyond what is free there in all. */
export function lackingGpus({ groups }: GangDemand, there: GangShelves): ReadonlyMap<string, number> {
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
