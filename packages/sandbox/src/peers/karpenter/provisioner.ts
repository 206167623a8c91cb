import { type EpochMs, reason } from "@gpu-autoscaler/core";
import { nextRested } from "./availability.ts";
import { isActive, type Machine } from "./cluster.ts";
import { BATCH_IDLE_MS, BATCH_MAX_MS, NOMINATION_MS, REQUEUE_MS } from "./constants.ts";
import { createClaims } from "./launcher.ts";
import { isReschedulable, type PodRecord } from "./pod-records.ts";
import { type SimulationResult, simulate, type Target } from "./simulation.ts";
import { type Karpenter, type Look, targetsIn } from "./state.ts";

/** Runs the provisioner when its batching window closes, or when pods that still wait are requeued. */
export function provision(state: Karpenter, look: Look): void {
  const { provisioning, cluster } = state;
  const { triggers, lastRunAt } = provisioning;
  if (triggers.size > 0) {
    const closesAt = windowEnd([...triggers.values()]);
    if (look.now >= closesAt) run(state, look);
    else look.reconsider(closesAt);
    return;
  }
  if (cluster.pending.size === 0) return;
  const againAt = provisioning.version === cluster.version ? provisioning.restedAt : look.now;
  const requeuedAt = Math.max(lastRunAt + REQUEUE_MS, againAt);
  if (look.now >= requeuedAt) run(state, look);
  else look.reconsider(requeuedAt);
}

/** One second after the last trigger that followed the one before within a second, ten after the first at most (core, batcher.go). */
function windowEnd(triggers: readonly EpochMs[]): EpochMs {
  const [first = 0, ...others] = triggers.toSorted((a, b) => a - b);
  let closesAt = first + BATCH_IDLE_MS;
  for (const at of others) {
    if (at > closesAt) break;
    closesAt = Math.min(at + BATCH_IDLE_MS, first + BATCH_MAX_MS);
  }
  return closesAt;
}

function run(state: Karpenter, look: Look): void {
  const { provisioning, cluster } = state;
  const pods = [...cluster.pending, ...podsOnDeletingNodes(state)];
  const result = simulate({
    cluster,
    targets: targetsIn(state),
    availability: look.availability,
    pods,
  });
  createClaims(
    state,
    look,
    result.claims.map(({ options, pods: its }) => ({
      options,
      reason: reason(
        "PodsUnschedulable",
        `a NodeClaim for ${its.length} ${its.length === 1 ? "pod" : "pods"}`,
      ),
    })),
  );
  nominate(result, look.now);
  provisioning.triggers.clear();
  provisioning.lastRunAt = look.now;
  provisioning.version = cluster.version;
  provisioning.placed = result.placed;
  provisioning.failed = result.failed;
  provisioning.restedAt = result.failed.length > 0 ? nextRested(state.unavailable) : Number.POSITIVE_INFINITY;
}

/** Pods that will be evicted from nodes that go, and will want room (core, provisioner.go, Schedule). */
export function podsOnDeletingNodes({ cluster }: Karpenter): readonly PodRecord[] {
  return [...cluster.machines.values()].filter(isDeleting).flatMap(({ pods }) => movable(pods));
}

function isDeleting(machine: Machine): boolean {
  return machine.space !== null && !isActive(machine);
}

/** IsCurrentlyReschedulable (core, utils/pdb/pdb.go); budgets that block for good are not told apart from others. */
export function movable(pods: Iterable<PodRecord>): readonly PodRecord[] {
  return [...pods].filter(({ pod, isProtected }) => isReschedulable(pod) && !isProtected);
}

/** Nodes that are to take a pod are not disrupted for a while (core, scheduler.go, Record). */
export function nominate({ placed }: Pick<SimulationResult, "placed">, now: EpochMs): void {
  for (const { machine } of placed.values()) {
    if (machine) machine.nominatedUntil = Math.max(machine.nominatedUntil, now + NOMINATION_MS);
  }
}

/**
 * While pods wait, the real provisioner runs again every ten seconds, and nominates their nodes
 * again. As long as nothing changes its result is the same, so here only the nominations are renewed,
 * by the pods that waited until this look.
 */
export function renewNominations({ provisioning, cluster }: Karpenter, now: EpochMs): void {
  const { lastRunAt, placed } = provisioning;
  if (placed.size === 0) return;
  const renewedAt = lastRunAt + Math.floor((now - lastRunAt) / REQUEUE_MS) * REQUEUE_MS;
  if (renewedAt <= lastRunAt) return;
  const waiting = new Map<PodRecord, Target>();
  for (const [record, target] of placed) if (cluster.pending.has(record)) waiting.set(record, target);
  nominate({ placed: waiting }, renewedAt);
}
