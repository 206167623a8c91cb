import {
  type Effect,
  INTERRUPTED_TAINT,
  MIRROR_POD_ANNOTATION,
  type Node,
  type Pod,
  reason,
  type Snapshot,
} from "@gpu-autoscaler/core";
import { isDaemon } from "./drainability.ts";
import type { AutoScalingGroup, Cloud } from "./node-groups.ts";
import type { PodKinds } from "./pod-kinds.ts";
import { evict } from "./scale-down.ts";

const INTERRUPTED = reason("SpotInterruption", "cordoned and drained");

/**
 * AWS Node Termination Handler, which AWS has beside Cluster Autoscaler for self-managed groups, as it
 * installs by default: on a Spot interruption notice or a scheduled event it cordons the node and evicts
 * its pods, however they are annotated, with their own grace periods, and tries again what a budget
 * refused. It does nothing on a rebalance recommendation (aws/aws-node-termination-handler,
 * pkg/config/config.go and the chart's README). It launches nothing: that is Cluster Autoscaler's, once
 * pods are pending. `offSpot` is told of the pods that Spot interrupts.
 */
export function drainInterrupted(
  snapshot: Snapshot,
  cloud: Cloud,
  offSpot: PodKinds["takeOffSpot"] | null,
): readonly Effect[] {
  const noticed = new Set(
    snapshot.interruptions
      .filter(({ kind }) => kind !== "rebalance-recommendation")
      .map(({ instanceId }) => instanceId),
  );
  if (noticed.size === 0) return [];
  const groupOf = new Map<string, AutoScalingGroup>();
  for (const group of cloud.groups.values()) {
    for (const { id } of group.status.instances) if (noticed.has(id)) groupOf.set(id, group);
  }
  const cordons: Effect[] = [];
  const evictions: Effect[] = [];
  for (const node of snapshot.nodes) {
    const group = groupOf.get(node.instanceId ?? "");
    if (!group) continue;
    if (!node.taints.some(({ key }) => key === INTERRUPTED_TAINT)) cordons.push(cordon(node, group));
    const pods = snapshot.pods.filter((pod) => pod.nodeName === node.name && mustGo(pod));
    evictions.push(...pods.map((pod) => evict(pod, node, group, INTERRUPTED)));
    if (group.group.capacityType === "spot") offSpot?.(pods);
  }
  return [...cordons, ...evictions];
}

function mustGo(pod: Pod): boolean {
  return pod.deletedAt === null && !isDaemon(pod) && !(MIRROR_POD_ANNOTATION in pod.annotations);
}

/** The taint stands for `aws-node-termination-handler/spot-itn`. */
function cordon(node: Node, { pool }: AutoScalingGroup): Effect {
  return {
    kind: "CordonNode",
    key: `interrupted/${node.name}/${node.resourceVersion}`,
    pool: pool.name,
    node: node.name,
    resourceVersion: node.resourceVersion,
    taint: { key: INTERRUPTED_TAINT, value: "", effect: "NoSchedule" },
    reason: INTERRUPTED,
  };
}
