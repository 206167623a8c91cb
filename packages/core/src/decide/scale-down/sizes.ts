import type { Group, Pool } from "../../model/pool.ts";
import { type Reason, reason } from "../../model/reason.ts";
import type { Fleet } from "../fleet.ts";
import type { ManagedInstance } from "../machines.ts";

/** How many nodes groups and pools have that stay, against their minimum sizes. */
export interface Sizes {
  /** Why one more of the group may not go, or null. */
  whyAtMinimum(managed: ManagedInstance): Reason | null;
  /** Whether the group or pool has fewer than its minimum without this one, which is on its way out. */
  isBelowMinimum(managed: ManagedInstance): boolean;
  remove(managed: ManagedInstance): void;
  /** One that was on its way out stays. */
  keep(managed: ManagedInstance): void;
}

export function createSizes(fleet: Fleet): Sizes {
  const byGroup = new Map<Group, number>();
  const byPool = new Map<Pool, number>();
  const count = ({ group, pool }: ManagedInstance, change: 1 | -1) => {
    byGroup.set(group, (byGroup.get(group) ?? 0) + change);
    byPool.set(pool, (byPool.get(pool) ?? 0) + change);
  };
  for (const { managed, status } of fleet.machines) {
    if (managed && (status === "serving" || status === "not-ready")) count(managed, 1);
  }
  const minimum = new Map(
    fleet.groups.map(({ group, status }) => [group, Math.max(group.minNodes, status?.min ?? 0)]),
  );
  const groupNodes = ({ group }: ManagedInstance) => byGroup.get(group) ?? 0;
  const poolNodes = ({ pool }: ManagedInstance) => byPool.get(pool) ?? 0;
  const groupMinimum = ({ group }: ManagedInstance) => minimum.get(group) ?? 0;

  return {
    whyAtMinimum(managed) {
      const { group, pool } = managed;
      if (groupNodes(managed) <= groupMinimum(managed)) {
        return reason("NodeGroupMinSizeReached", `${group.name}: ${groupMinimum(managed)}`);
      }
      return poolNodes(managed) <= pool.minNodes
        ? reason("NodeGroupMinSizeReached", `pool ${pool.name}: ${pool.minNodes}`)
        : null;
    },
    isBelowMinimum: (managed) =>
      groupNodes(managed) < groupMinimum(managed) || poolNodes(managed) < managed.pool.minNodes,
    remove: (managed) => count(managed, -1),
    keep: (managed) => count(managed, 1),
  };
}
