import { DRAINING_TAINT, type Effect, type Node, type Pod, reason } from "@gpu-autoscaler/core";
import type { Clockwork } from "./clockwork.ts";
import { MAX_POD_EVICTION_TIME_MS, MAX_POD_EXIT_TIME_MS } from "./constants.ts";
import { isDaemon } from "./drainability.ts";
import { type Machine, type Machines, podsOf } from "./machines.ts";
import type { AutoScalingGroup, Cloud } from "./node-groups.ts";
import { evict, type RemovalMemory, terminate, UNDERUSED } from "./scale-down.ts";

/**
 * Goes on with the drains that were begun (core/scaledown/actuation/drain.go): refused evictions are tried
 * again, pods waited for, the emptied node's instance terminated. A drain that takes too long is given up,
 * as is a deletion that found a pod on the node at the last moment: the node is used again.
 */
export function continueDrains(
  { all }: Machines,
  cloud: Cloud,
  { drains }: RemovalMemory,
  clock: Clockwork,
): readonly Effect[] {
  if (drains.size > 0) {
    const names = new Set(all.map(({ name }) => name));
    for (const name of drains.keys()) if (!names.has(name)) drains.delete(name);
  }
  const effects: Effect[] = [];
  for (const machine of all) {
    if (!machine.node || machine.node.taints.length === 0) continue;
    const group = cloud.groups.get(machine.managed?.group ?? "");
    const { node } = machine;
    if (!group || !node.taints.some(({ key }) => key === DRAINING_TAINT)) continue;
    effects.push(...stepOf(machine, node, group, drains, clock));
    clock.reached(clock.now + 1);
  }
  return effects;
}

function stepOf(
  machine: Machine,
  node: Node,
  group: AutoScalingGroup,
  drains: RemovalMemory["drains"],
  clock: Clockwork,
): readonly Effect[] {
  const since = drains.get(machine.name);
  const pods = podsOf(machine).filter((pod) => !isDaemon(pod));
  if (since !== undefined && pods.length === 0) return [terminate(machine, group, UNDERUSED)];
  const refused = pods.filter((pod) => pod.deletedAt === null);
  if (since !== undefined && !isOver(since, refused, clock)) {
    return refused.map((pod) => evict(pod, node, group, UNDERUSED));
  }
  drains.delete(machine.name);
  return [
    {
      kind: "UncordonNode",
      key: `uncordon/${node.name}/${node.resourceVersion}`,
      pool: group.pool.name,
      node: node.name,
      resourceVersion: node.resourceVersion,
      reason: reason("DrainTimedOut"),
    },
  ];
}

function isOver(since: number, refused: readonly Pod[], clock: Clockwork): boolean {
  return clock.reached(since + (refused.length > 0 ? MAX_POD_EVICTION_TIME_MS : MAX_POD_EXIT_TIME_MS));
}
