import type { Pod, Snapshot } from "@gpu-autoscaler/core";
import type { Clockwork } from "./clockwork.ts";
import {
  EXPENDABLE_PRIORITY_CUTOFF,
  UNSCHEDULABLE_GPU_POD_BUFFER_MS,
  UNSCHEDULABLE_POD_BUFFER_MS,
} from "./constants.ts";
import type { Machine } from "./machines.ts";
import type { PodKind } from "./pod-kinds.ts";
import { hasFreeGpu, type Trial, takes } from "./trial.ts";

/**
 * Pods that kube-scheduler found unschedulable and that are not expendable, the most important
 * first (`ArrangePodsBySchedulability`, `FilterOutExpendablePods`, core/podlistprocessor). Those that
 * wait for claims or volumes fit no node and are left out. Gated pods are not unschedulable.
 */
export function unschedulablePods({ pods }: Snapshot): readonly Pod[] {
  const pending = pods.filter(
    (pod) =>
      pod.nodeName === null &&
      pod.unschedulableSince !== null &&
      pod.deletedAt === null &&
      pod.nominatedNodeName === null &&
      pod.schedulingGates.length === 0 &&
      pod.priority >= EXPENDABLE_PRIORITY_CUTOFF &&
      !pod.usesResourceClaims &&
      pod.volumeProblem === null,
  );
  // Stable: where Go's sort leaves equals in any order, the order of the list stands.
  return pending.sort((a, b) => b.priority - a.priority);
}

/**
 * Takes out the pods that fit on nodes that are there or upcoming, which they hold in the
 * simulation from now on (core/podlistprocessor/filter_out_schedulable.go). Each pod is tried where
 * it was put last, then on all nodes in a circle, from the one after the last that took a pod
 * (simulator/clustersnapshot/scheduling_opts.go). The circle begins anew with each loop, where the
 * original goes on: so a loop that is left out changes nothing.
 */
export function withoutSchedulable(
  pods: readonly Pod[],
  trial: Trial,
  kindOf: (pod: Pod) => PodKind,
  hints: Map<string, string>,
): readonly Pod[] {
  if (pods.length === 0) return pods;
  const find = createCircle(trial, () => true);
  const left: Pod[] = [];
  for (const pod of pods) {
    const kind = kindOf(pod);
    const hint = hints.get(pod.uid);
    const hinted = hint === undefined ? null : trial.named(hint);
    const machine = hinted && takes(trial.space, kind, hinted) ? hinted : find(kind, null);
    if (!machine) {
      left.push(pod);
      continue;
    }
    trial.put(pod, machine);
    hints.set(pod.uid, machine.name);
  }
  return left;
}

/**
 * Finds the first node that takes a pod, in a circle from behind the last one found. A kind that
 * found none is not tried again: room only shrinks.
 */
export function createCircle(
  { space, machines }: Trial,
  isAcceptable: (machine: Machine) => boolean,
): (kind: PodKind, without: Machine | null) => Machine | null {
  const everywhere = machines.filter(isAcceptable);
  let withGpus: Machine[] | null = null;
  const last = { any: 0, gpu: 0 };
  const hopeless = new Set<PodKind>();
  return (kind, without) => {
    if (hopeless.has(kind)) return null;
    if (kind.gpu) withGpus ??= everywhere.filter((machine) => hasFreeGpu(machine.space));
    const [nodes, which] = kind.gpu ? [withGpus ?? [], "gpu" as const] : [everywhere, "any" as const];
    for (let i = 1; i <= nodes.length; i++) {
      const at = (last[which] + i) % nodes.length;
      const machine = nodes[at];
      if (!machine || machine === without || !takes(space, kind, machine)) continue;
      last[which] = at;
      return machine;
    }
    if (!kind.looksAtOthers && without === null) hopeless.add(kind);
    return null;
  };
}

/**
 * Whether all pods are so young that more are expected: a loop later is soon enough (`allPodsAreNew`,
 * core/static_autoscaler.go). One old pod takes the young ones with it.
 */
export function areAllNew(pods: readonly Pod[], kindOf: (pod: Pod) => PodKind, clock: Clockwork): boolean {
  const oldest = (some: readonly Pod[]) =>
    some.reduce((least, { createdAt }) => Math.min(least, createdAt), Number.POSITIVE_INFINITY);
  if (!clock.reached(oldest(pods) + UNSCHEDULABLE_POD_BUFFER_MS)) return true;
  const gpuPods = pods.filter((pod) => kindOf(pod).gpu);
  return gpuPods.length > 0 && !clock.reached(oldest(gpuPods) + UNSCHEDULABLE_GPU_POD_BUFFER_MS);
}
