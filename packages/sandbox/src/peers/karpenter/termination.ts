import {
  DRAINING_TAINT,
  hasEnded,
  type Instance,
  type Node,
  type Reason,
  reason,
  type Taint,
} from "@gpu-autoscaler/core";
import { type Deletion, type Machine, nameOf } from "./cluster.ts";
import { EVICTION_RETRY_MS, MIN_DRAIN_MS, REGISTRATION_TIMEOUT_MS } from "./constants.ts";
import type { PodRecord } from "./pod-records.ts";
import { movable } from "./provisioner.ts";
import { type Karpenter, type Look, nextKey } from "./state.ts";

/**
 * In place of `karpenter.sh/disrupted:NoSchedule`: the effect that takes a cordon back knows this
 * project's own taints alone. No pod of a trace tolerates either.
 */
const DISRUPTED_TAINT: Taint = { key: DRAINING_TAINT, value: "karpenter", effect: "NoSchedule" };

/** A command has chosen the node: it is tainted, and where its pods go is the provisioner's concern too. */
export function mark(state: Karpenter, { now }: Look, machine: Machine): void {
  if (machine.marked) return;
  machine.marked = true;
  state.cluster.version += 1;
  state.cluster.consolidation += 1;
  if (movable(machine.pods).length > 0) state.provisioning.triggers.set(machine.id, now);
}

/** The NodeClaim is deleted: from now on the node drains. */
export function startDeletion(state: Karpenter, look: Look, machine: Machine, why: Reason): void {
  if (machine.deletion !== null) return;
  mark(state, look, machine);
  machine.deletion = { since: look.now, reason: why, evictedAt: new Map() };
}

/** Taints, drains and ends what is on its way out, and takes the taint off nodes that are not any more. */
export function terminate(state: Karpenter, look: Look): void {
  for (const machine of state.cluster.machines.values()) {
    const { offering, instance, node } = machine;
    if (offering === null || instance === null || instance.lifecycle === "terminating") continue;
    if (!instance.healthy) {
      endInstance(state, look, machine, reason("InstanceUnhealthy", "its instance is gone"));
      continue;
    }
    if (node) keepTaint(state, look, machine, node);
    else expireUnregistered(state, look, machine, instance);
    if (machine.deletion) drain(state, look, machine, machine.deletion);
  }
}

/** An instance without a node 15 min after its launch is ended. */
function expireUnregistered(state: Karpenter, look: Look, machine: Machine, instance: Instance): void {
  if (machine.deletion !== null) return;
  const timeoutAt = instance.launchedAt + REGISTRATION_TIMEOUT_MS;
  if (look.now < timeoutAt) {
    look.reconsider(timeoutAt);
    return;
  }
  startDeletion(state, look, machine, reason("RegistrationTimeout", "no node registered within 15 min"));
}

function keepTaint(state: Karpenter, { effects }: Look, machine: Machine, node: Node): void {
  const { offering, marked, deletion } = machine;
  const isTainted = node.taints.some(({ key }) => key === DISRUPTED_TAINT.key);
  if (isTainted === marked) return;
  const base = { pool: offering?.group.pool ?? "", node: node.name, resourceVersion: node.resourceVersion };
  const key = nextKey(state);
  if (marked) {
    const why = deletion?.reason ?? reason("NodeEmpty", "Karpenter: waits for its replacement");
    effects.push({ kind: "CordonNode", key, ...base, taint: DISRUPTED_TAINT, reason: why });
  } else {
    const why = reason("DemandReturned", "Karpenter: its replacement did not come");
    effects.push({ kind: "UncordonNode", key, ...base, reason: why });
  }
}

/**
 * Evicts what may be evicted and waits for the rest; ends the instance when nothing is left, 5 s after
 * the start at the earliest (core, node/termination/controller.go, awaitDrain). Pods of DaemonSets
 * go with the node.
 */
function drain(state: Karpenter, look: Look, machine: Machine, deletion: Deletion): void {
  const waiting = [...machine.pods].filter(({ pod }) => !hasEnded(pod) && pod.owner?.kind !== "DaemonSet");
  for (const record of waiting) evict(state, look, machine, deletion, record);
  if (waiting.length > 0) return;
  const drainedAt = machine.node === null ? deletion.since : deletion.since + MIN_DRAIN_MS;
  if (look.now >= drainedAt) endInstance(state, look, machine, deletion.reason);
  else look.reconsider(drainedAt);
}

/** A pod that must not be disrupted is waited for; a refused eviction is tried again. */
function evict(state: Karpenter, look: Look, machine: Machine, deletion: Deletion, record: PodRecord): void {
  const { pod, isProtected } = record;
  if (isProtected || pod.deletedAt !== null) return;
  const lastAt = deletion.evictedAt.get(record);
  if (lastAt !== undefined && look.now < lastAt + EVICTION_RETRY_MS) {
    look.reconsider(lastAt + EVICTION_RETRY_MS);
    return;
  }
  deletion.evictedAt.set(record, look.now);
  look.effects.push({
    kind: "EvictPod",
    key: nextKey(state),
    pool: machine.offering?.group.pool ?? "",
    node: nameOf(machine),
    namespace: pod.namespace,
    name: pod.name,
    uid: pod.uid,
    gracePeriodSeconds: null,
    reason: deletion.reason,
  });
}

function endInstance(state: Karpenter, { effects }: Look, machine: Machine, why: Reason): void {
  const { offering, id, node } = machine;
  if (offering === null) return;
  effects.push({
    kind: "TerminateInstances",
    key: nextKey(state),
    pool: offering.group.pool,
    group: offering.group.name,
    instances: [{ id, node: node?.name ?? null }],
    onlyIfNoGpuPods: false,
    reason: why,
  });
}
