import { type Effect, type EpochMs, reason, type TerminateInstances } from "@gpu-autoscaler/core";
import type { Backoff } from "./backoff.ts";
import type { Machines } from "./machines.ts";
import type { AutoScalingGroup, Cloud } from "./node-groups.ts";
import { isAlive } from "./sizes.ts";

/**
 * Node groups rest whose instances did not become ready in time: once for each instance
 * (`updateScaleRequests`, clusterstate/clusterstate.go).
 */
export function noteLate(
  { late }: Machines,
  cloud: Cloud,
  known: Set<string>,
  backoff: Backoff,
  now: EpochMs,
): void {
  for (const { instance } of late) {
    if (known.has(instance.id)) continue;
    known.add(instance.id);
    const isOf = (group: AutoScalingGroup | null) => group?.group.name === instance.group;
    for (const { id, zone, base, spot } of cloud.nodeGroups) {
      if (zone === instance.zone && (isOf(base) || isOf(spot))) backoff.failed(id, now);
    }
  }
}

/**
 * Ends instances that never registered (`removeOldUnregisteredNodes`, core/static_autoscaler.go), and
 * takes dead ones off their groups. Auto Scaling itself would replace the dead; here Cluster Autoscaler
 * launches for the pods that need it, and no node besides.
 */
export function endBroken({ late }: Machines, cloud: Cloud): readonly Effect[] {
  const unregistered = new Set(late.filter(({ node }) => node === null).map(({ instance }) => instance.id));
  const effects: TerminateInstances[] = [];
  for (const group of cloud.groups.values()) {
    for (const instance of group.status.instances) {
      if (instance.lifecycle === "terminating") continue;
      if (isAlive(instance) && !unregistered.has(instance.id)) continue;
      effects.push({
        kind: "TerminateInstances",
        key: `terminate/${instance.id}`,
        pool: group.pool.name,
        group: group.group.name,
        instances: [{ id: instance.id, node: null }],
        onlyIfNoGpuPods: false,
        reason: isAlive(instance) ? reason("RegistrationTimeout") : reason("InstanceUnhealthy"),
      });
    }
  }
  return effects;
}
