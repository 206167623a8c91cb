import { DRAINING_TAINT, INTERRUPTED_TAINT, MIRROR_POD_ANNOTATION } from "../../model/keys.ts";
import type { Effect, TerminateInstances } from "../../model/plan.ts";
import type { Pod } from "../../model/pod.ts";
import { type Reason, reason } from "../../model/reason.ts";
import type { Drain } from "../../model/state.ts";
import { compareText } from "../../model/text.ts";
import type { Machine, ManagedInstance } from "../machines.ts";

/** One step of removing a node: what is still to be done of cordon, eviction and termination. */
export function drainStep(
  machine: Machine,
  managed: ManagedInstance,
  drain: Drain,
  mayEvict: boolean,
): Effect[] {
  const why = reason(drain.reason);
  const effects: Effect[] = [];
  const cordon = cordonIfNeeded(machine, managed, drain, why);
  if (cordon) effects.push(cordon);
  const toEvict = movedByDrain(machine);
  if (toEvict.length === 0)
    effects.push(terminate(managed, machine, why, drain.reason !== "SpotInterruption"));
  else if (mayEvict)
    effects.push(
      ...toEvict.filter((pod) => pod.deletedAt === null).map((pod) => evict(pod, machine, managed, why)),
    );
  return effects;
}

/** Pods that a drain has to wait for, in an order of their own. */
export function movedByDrain({ pods }: Machine): readonly Pod[] {
  return pods.filter(isMovedByDrain).sort((a, b) => compareText(a.uid, b.uid));
}

/** Those of DaemonSets and the kubelet's own go with the node. */
export function isMovedByDrain(pod: Pod): boolean {
  return pod.owner?.kind !== "DaemonSet" && !(MIRROR_POD_ANNOTATION in pod.annotations);
}

/** null: it is cordoned and tainted already. */
export function cordonIfNeeded(
  { node }: Machine,
  managed: ManagedInstance,
  drain: Drain,
  why: Reason,
): Effect | null {
  const key = drain.reason === "SpotInterruption" ? INTERRUPTED_TAINT : DRAINING_TAINT;
  if (!node || (node.unschedulable && node.taints.some((taint) => taint.key === key))) return null;
  return {
    kind: "CordonNode",
    key: `cordon/${node.name}/${managed.id}`,
    pool: managed.pool.name,
    reason: why,
    node: node.name,
    resourceVersion: node.resourceVersion,
    taint: { key, value: "true", effect: "NoSchedule" },
  };
}

export function uncordon(machine: Machine, managed: ManagedInstance, why: Reason): Effect[] {
  const { node } = machine;
  if (!node) return [];
  return [
    {
      kind: "UncordonNode",
      key: `uncordon/${node.name}/${managed.id}`,
      pool: managed.pool.name,
      reason: why,
      node: node.name,
      resourceVersion: node.resourceVersion,
    },
  ];
}

export function evict(pod: Pod, machine: Machine, managed: ManagedInstance, why: Reason): Effect {
  return {
    kind: "EvictPod",
    key: `evict/${pod.uid}`,
    pool: managed.pool.name,
    reason: why,
    node: machine.name,
    namespace: pod.namespace,
    name: pod.name,
    uid: pod.uid,
    gracePeriodSeconds: null,
  };
}

export function terminate(
  managed: ManagedInstance,
  machine: Machine,
  why: Reason,
  onlyIfNoGpuPods: boolean,
): TerminateInstances {
  return {
    kind: "TerminateInstances",
    key: `terminate/${managed.id}`,
    pool: managed.pool.name,
    reason: why,
    group: managed.group.name,
    instances: [{ id: managed.id, node: machine.node?.name ?? null }],
    onlyIfNoGpuPods,
  };
}
