import { compilePod, type DaemonSet, type Pod, type Toleration } from "@gpu-autoscaler/core";
import { bindPod, createPod } from "./pods.ts";
import { dequeue } from "./scheduling-queue.ts";
import type { NodeState, WorldState } from "./state.ts";
import { UNBORN } from "./unborn-pod.ts";

/** What the DaemonSet controller adds to every pod of its own (Kubernetes, DaemonSet, "Taints and tolerations"). */
const DAEMON_TOLERATIONS: readonly Toleration[] = [
  "node.kubernetes.io/not-ready",
  "node.kubernetes.io/unreachable",
  "node.kubernetes.io/disk-pressure",
  "node.kubernetes.io/memory-pressure",
  "node.kubernetes.io/pid-pressure",
  "node.kubernetes.io/unschedulable",
].map((key) => ({ key, operator: "Exists", value: "", effect: "" }));

/** Starts the pods of all DaemonSets whose template fits the node, in the order of the options. */
export function startDaemons(world: WorldState, node: NodeState): void {
  for (const daemonSet of world.options.daemonSets ?? []) {
    const template = daemonPod(daemonSet, node.node.name);
    if (!world.space.fits(compilePod(template), node.space)) continue;
    const pod = createPod(world, {
      template,
      row: null,
      replaced: "no",
      busyMilli: 0,
      remainingMs: Number.POSITIVE_INFINITY,
      gang: null,
      attempts: 0,
      current: null,
    });
    dequeue(world, pod);
    world.space.place(pod.pod, node.space);
    bindPod(world, pod, node);
  }
}

export function daemonPod({ namespace, name, template }: DaemonSet, node: string): Pod {
  return {
    ...template,
    tolerations: [...template.tolerations, ...DAEMON_TOLERATIONS],
    name: `${name}-${node}`,
    ...UNBORN,
    annotations: {},
    owner: { kind: "DaemonSet", name, uid: `daemonset-${namespace}-${name}` },
  };
}
