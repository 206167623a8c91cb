import { GANG_SIZE_ANNOTATION } from "@gpu-autoscaler/core";
import { podsChanged } from "./changes.ts";
import { POD_EXIT_MS } from "./constants.ts";
import { createPod, removePod } from "./pods.ts";
import type { PodState, Workload, WorldState } from "./state.ts";

/**
 * What the controllers of pods do when one goes before its end: a replacement is made as soon as
 * the old one is being deleted (Job: podReplacementPolicy TerminatingOrFailed, the default;
 * ReplicaSet: always). A gang that lost a pod starts over as a whole, as JobSet's failure policy
 * does: its other pods could not go on alone.
 */

/** Ends a pod through the API, with the grace period that was asked for; null leaves the pod's own. */
export function evictPod(world: WorldState, state: PodState, gracePeriodSeconds: number | null): void {
  if (state.pod.deletedAt !== null) return;
  world.account.evictions += 1;
  const graceMs = Math.min(POD_EXIT_MS, (gracePeriodSeconds ?? Number.POSITIVE_INFINITY) * 1_000);
  const replaced = startDeletion(world, state);
  exit(world, state, graceMs);
  if (replaced) replace(world, state);
}

/** The machine under the pod is gone. */
export function losePod(world: WorldState, state: PodState): void {
  const replaced = state.pod.deletedAt === null && startDeletion(world, state);
  removePod(world, state);
  if (replaced) replace(world, state);
}

/** Its owner does not want it any more. */
export function deletePod(world: WorldState, state: PodState): void {
  if (state.pod.deletedAt !== null) return;
  startDeletion(world, state);
  exit(world, state, POD_EXIT_MS);
}

/** Marks the pod deleted and puts down what of its run counts. Whether something replaces it. */
function startDeletion(world: WorldState, state: PodState): boolean {
  const { now } = world.events;
  const { workload } = state;
  const { row } = workload;
  if (state.next) world.events.cancel(state.next);
  state.next = null;
  if (row && state.startedAt === null) row.waitMs += now - state.pod.createdAt;
  if (row && state.startedAt !== null) {
    row.status = "waiting";
    world.runningRows -= 1;
    world.progressAt = now;
  }
  if (state.startedAt !== null && workload.replaced === "resumes") {
    workload.remainingMs = Math.max(1, workload.remainingMs - (now - state.startedAt));
  }
  state.pod = { ...state.pod, deletedAt: now, ready: false };
  if (state.node) {
    // Topology spread no longer counts a pod that is being deleted, and may let another in.
    world.space.displace(state.placed, state.node.space);
    state.placed = state.pod;
    world.space.place(state.placed, state.node.space);
    world.queue.dirty = true;
  }
  workload.current = null;
  podsChanged(world);
  return workload.replaced !== "no";
}

function exit(world: WorldState, state: PodState, graceMs: number): void {
  if (state.startedAt === null || graceMs <= 0) removePod(world, state);
  else state.next = world.events.schedule(world.events.now + graceMs, () => removePod(world, state));
}

function replace(world: WorldState, state: PodState): void {
  const { workload } = state;
  const gang = workload.gang;
  const others = gang ? gang.members.filter((each) => each !== workload && each.current?.node) : [];
  const restarted: Workload[] = [workload];
  for (const other of others) {
    const pod = other.current;
    if (!pod) continue;
    startDeletion(world, pod);
    exit(world, pod, POD_EXIT_MS);
    restarted.push(other);
  }
  if (gang) resize(gang.members, restarted);
  for (const each of restarted) {
    world.account.replacements += 1;
    createPod(world, each);
  }
}

/** Members that ran to their end are not needed again: the gang is what is left of it. */
function resize(members: readonly Workload[], restarted: readonly Workload[]): void {
  const left = members.filter((each) => each.current !== null || restarted.includes(each));
  for (const member of left) {
    const annotations = { ...member.template.annotations, [GANG_SIZE_ANNOTATION]: String(left.length) };
    member.template = { ...member.template, annotations };
  }
}
