import type { GroupStatus, Instance, Policy } from "@gpu-autoscaler/core";
import { type AutoScalingGroup, type Cloud, type NodeGroup, partsOf } from "./node-groups.ts";

/** How large groups are, with what this loop launches and removes. */
export interface Sizes {
  ofGroup(group: string): number;
  /** How many nodes a node group may still add. */
  room(nodeGroup: NodeGroup): number;
  /** How many an Auto Scaling group may still add, by its own maximum and its pool's. */
  roomOf(group: AutoScalingGroup): number;
  /** Whether a group or its pool would fall below its minimum with one node less. */
  atMinimum(group: AutoScalingGroup): boolean;
  isBelowMinimum(group: AutoScalingGroup): boolean;
  change(group: AutoScalingGroup, by: number): void;
}

/**
 * MinSize and MaxSize are those of the configuration, of the group and of its pool. The cluster's
 * maximum of nodes is `--max-nodes-total`.
 */
export function createSizes(cloud: Cloud, policy: Policy): Sizes {
  const groups = new Map<string, number>();
  const pools = new Map<string, number>();
  let cluster = 0;
  const add = ({ group, pool }: AutoScalingGroup, by: number) => {
    groups.set(group.name, (groups.get(group.name) ?? 0) + by);
    pools.set(pool.name, (pools.get(pool.name) ?? 0) + by);
    cluster += by;
  };
  for (const each of cloud.groups.values()) add(each, livingOf(each.status));

  const ofGroup = (name: string) => groups.get(name) ?? 0;
  const ofPool = (name: string) => pools.get(name) ?? 0;
  /** By the maxima of pool and cluster. */
  const roomAround = ({ pool }: AutoScalingGroup) =>
    Math.min(pool.maxNodes - ofPool(pool.name), policy.scaleUp.maxNodes - cluster);
  const roomWithin = ({ group, status }: AutoScalingGroup) =>
    Math.min(group.maxNodes, status.max) - ofGroup(group.name);
  const roomOf = (group: AutoScalingGroup) => Math.max(0, Math.min(roomWithin(group), roomAround(group)));
  return {
    ofGroup,
    roomOf,
    room(nodeGroup) {
      const parts = partsOf(nodeGroup);
      const within = parts.reduce((sum, part) => sum + roomOf(part), 0);
      return Math.min(within, ...parts.map((part) => Math.max(0, roomAround(part))));
    },
    atMinimum: ({ group, pool, status }) =>
      ofGroup(group.name) <= Math.max(group.minNodes, status.min) || ofPool(pool.name) <= pool.minNodes,
    isBelowMinimum: ({ group, pool, status }) =>
      ofGroup(group.name) < Math.max(group.minNodes, status.min) || ofPool(pool.name) < pool.minNodes,
    change: add,
  };
}

/** Not being shut down, and not dead. */
export function isAlive({ lifecycle, healthy }: Instance): boolean {
  return lifecycle !== "terminating" && healthy;
}

const living = new WeakMap<GroupStatus, number>();

/** Counted once for each state of a group. */
function livingOf(status: GroupStatus): number {
  let count = living.get(status);
  if (count === undefined) {
    count = status.instances.filter(isAlive).length;
    living.set(status, count);
  }
  return count;
}
