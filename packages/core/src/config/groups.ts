import { instanceType } from "../catalog/index.ts";
import type { CapacityType, Group } from "../model/pool.ts";
import type { ClusterConfig, PoolConfig } from "./schema.ts";

const GIB = 1024 ** 3;

/** What the groups of a pool follow from. */
type PoolOfGroups = Pick<
  PoolConfig,
  "name" | "capacityTypes" | "capacityReservations" | "maxNodes" | "instanceTypes" | "zones" | "adopt"
>;

/**
 * The Auto Scaling groups of a pool.
 *
 * A pool's instance types are divided by size, that is by vCPUs and memory, and each size has a
 * group for each capacity type, named `<cluster>-<pool>-<capacity type>-<vCPUs>x<GiB>`, such as
 * `production-l4-spot-4x16`: what is added to a pool later never renames a group that it has. A
 * capacity reservation has one named `<cluster>-<pool>-reserved-<reservation id>`. Adopted groups
 * keep their names. At most 190 characters, of the 255 that Auto Scaling allows.
 */
export function groupsOf(cluster: Pick<ClusterConfig, "name" | "zones">, pool: PoolOfGroups): Group[] {
  const zones = pool.zones ?? cluster.zones;
  const prefix = `${cluster.name}-${pool.name}`;
  const group = (name: string, capacityType: CapacityType, of: Partial<Group>): Group => ({
    name,
    pool: pool.name,
    capacityType,
    zones,
    instanceTypes: [],
    minNodes: 0,
    maxNodes: pool.maxNodes,
    adopted: false,
    reservationEndsAt: null,
    ...of,
  });

  const reserved = pool.capacityReservations.map(({ id, instanceType, zone, endsAt }) =>
    group(`${prefix}-reserved-${id}`, "reserved", {
      instanceTypes: [instanceType],
      zones: [zone],
      reservationEndsAt: endsAt ?? null,
    }),
  );
  const sizes = Map.groupBy(pool.instanceTypes ?? [], sizeOf);
  const derived = pool.capacityTypes.flatMap((capacityType) =>
    [...sizes].map(([size, instanceTypes]) =>
      group(`${prefix}-${capacityType}-${size}`, capacityType, { instanceTypes }),
    ),
  );
  const adopted = (pool.adopt ?? []).map(({ autoScalingGroup, capacityType, ...of }) =>
    group(autoScalingGroup, capacityType, {
      instanceTypes: of.instanceTypes,
      zones: of.zones ?? zones,
      minNodes: of.minNodes,
      maxNodes: of.maxNodes ?? pool.maxNodes,
      adopted: true,
    }),
  );
  return [...reserved, ...(pool.adopt ? [] : derived), ...adopted];
}

/** "4x16": vCPUs and GiB of memory. */
function sizeOf(name: string): string {
  const type = instanceType(name);
  return type ? `${type.vcpus}x${Math.round(type.memoryBytes / GIB)}` : name;
}
