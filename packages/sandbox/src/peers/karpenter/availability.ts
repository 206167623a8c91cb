import type { EpochMs, Group, GroupStatus, Policy } from "@gpu-autoscaler/core";
import type { Catalog, NodePool, Offering } from "./catalog.ts";
import { UNAVAILABLE_MS } from "./constants.ts";

/** UnavailableOfferings: until when an offering rests (provider, pkg/cache/unavailableofferings.go). */
export type UnavailableOfferings = Map<Offering, EpochMs>;

export function markUnavailable(unavailable: UnavailableOfferings, offering: Offering, now: EpochMs): void {
  unavailable.set(offering, now + UNAVAILABLE_MS);
}

/** Drops what has rested long enough. */
export function forgetRested(unavailable: UnavailableOfferings, now: EpochMs): void {
  for (const [offering, until] of unavailable) if (until <= now) unavailable.delete(offering);
}

/** When the first one will have rested long enough; Infinity for none. */
export function nextRested(unavailable: UnavailableOfferings): EpochMs {
  return Math.min(Number.POSITIVE_INFINITY, ...unavailable.values());
}

/** What can still be launched now. */
export interface Availability {
  has(offering: Offering): boolean;
  /** All that a NodePool still can. */
  of(nodePool: NodePool): readonly Offering[];
  /** One more is being launched. */
  take(offering: Offering): void;
}

/**
 * Offerings that do not rest and whose group, pool, cluster and reservation have room: the maxima
 * stand in for a NodePool's limits.
 */
export function availabilityOf(
  catalog: Catalog,
  unavailable: UnavailableOfferings,
  statuses: readonly GroupStatus[],
  policy: Policy,
): Availability {
  const rooms = roomsOf(statuses, policy);
  const isOpen = (offering: Offering) => !unavailable.has(offering) && rooms.left(offering.group) > 0;
  let open: readonly boolean[] = catalog.offerings.map(isOpen);
  const byNodePool = new Map<NodePool, readonly Offering[]>();
  const has = ({ index }: Offering) => open[index] === true;
  return {
    has,
    of(nodePool) {
      let offerings = byNodePool.get(nodePool);
      if (!offerings) {
        offerings = nodePool.types.flatMap((type) => type.offerings.filter(has));
        byNodePool.set(nodePool, offerings);
      }
      return offerings;
    },
    take({ group }) {
      rooms.take(group, 1);
      if (rooms.left(group) > 0) return;
      open = catalog.offerings.map(isOpen);
      byNodePool.clear();
    },
  };
}

/** How many more instances there may be. */
interface Rooms {
  left(group: Group): number;
  take(group: Group, count: number): void;
}

function roomsOf(statuses: readonly GroupStatus[], { pools, scaleUp }: Policy): Rooms {
  const groups = new Map<string, number>();
  const inPools = new Map(pools.map(({ name, maxNodes }) => [name, maxNodes]));
  let inCluster = scaleUp.maxNodes;
  const take = ({ name, pool }: Group, count: number) => {
    groups.set(name, (groups.get(name) ?? 0) - count);
    inPools.set(pool, (inPools.get(pool) ?? 0) - count);
    inCluster -= count;
  };
  const byName = new Map(statuses.map((status) => [status.name, status]));
  for (const group of pools.flatMap((pool) => pool.groups)) {
    const status = byName.get(group.name);
    const existing = status?.instances.length ?? 0;
    const reserved = status?.reservedAvailable ?? Number.POSITIVE_INFINITY;
    groups.set(group.name, Math.min(group.maxNodes, existing + reserved));
    take(group, existing);
  }
  return {
    left: ({ name, pool }) => Math.min(groups.get(name) ?? 0, inPools.get(pool) ?? 0, inCluster),
    take,
  };
}
