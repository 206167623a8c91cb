import { asksForGpu, type Pod } from "@gpu-autoscaler/core";
import { bookHeld } from "./account.ts";
import { loadChanged, podsChanged } from "./changes.ts";
import { addPodLoad, giveBack, takeDevices } from "./devices.ts";
import { hexOf } from "./random.ts";
import { dequeue, enqueue, kindOf, noteRoom } from "./scheduling-queue.ts";
import type { NodeState, PodState, Workload, WorldState } from "./state.ts";
import { bookStay } from "./stays.ts";

/** The next pod of a workload, pending. Gated pods stay out of the scheduler's queue. */
export function createPod(world: WorldState, workload: Workload): PodState {
  const { template, row } = workload;
  const { now } = world.events;
  workload.attempts += 1;
  world.counters.pod += 1;
  const pod: Pod = {
    ...template,
    name: nameOf(world, workload),
    uid: `${hexOf(`pods/${world.seed}`)}-0000-4000-8000-${world.counters.pod.toString(16).padStart(12, "0")}`,
    phase: "Pending",
    ready: false,
    createdAt: now,
    nodeName: null,
    unschedulableSince: null,
    deletedAt: null,
  };
  const state: PodState = {
    pod,
    placed: pod,
    kind: kindOf(world, pod),
    workload,
    node: null,
    devices: [],
    startedAt: null,
    next: null,
  };
  workload.current = state;
  world.pods.set(pod.uid, state);
  world.podsByName.set(`${pod.namespace}/${pod.name}`, state);
  if (row) row.status = "waiting";
  podsChanged(world);
  if (pod.schedulingGates.length === 0) enqueue(world, state);
  return state;
}

/**
 * Binds a pod that the cluster space has placed on the node already. It runs when the node has
 * pulled its image, which GPU pods alone wait for.
 */
export function bindPod(world: WorldState, state: PodState, node: NodeState): void {
  const { now } = world.events;
  state.node = node;
  node.pods.add(state);
  state.placed = state.pod;
  state.devices = takeDevices(node.devices, state.pod.requests.extended, podKey(state.pod), now);
  state.pod = { ...state.pod, nodeName: node.node.name, unschedulableSince: null };
  podsChanged(world);
  const startAt = asksForGpu(state.pod.requests) ? Math.max(now, node.imageReadyAt) : now;
  if (startAt <= now) startPod(world, state);
  else state.next = world.events.schedule(startAt, () => startPod(world, state));
}

function podKey({ namespace, name }: Pod): string {
  return `${namespace}/${name}`;
}

function startPod(world: WorldState, state: PodState): void {
  const { now } = world.events;
  const { row, busyMilli, remainingMs } = state.workload;
  state.pod = { ...state.pod, phase: "Running", ready: true };
  state.startedAt = now;
  for (const { device, units } of state.devices) addPodLoad(device, (busyMilli * units) / device.units, now);
  if (state.devices.length > 0) loadChanged(world);
  if (row) {
    row.waitMs += now - state.pod.createdAt;
    row.status = "running";
    world.runningRows += 1;
    world.progressAt = now;
  }
  podsChanged(world);
  state.next = Number.isFinite(remainingMs)
    ? world.events.schedule(now + remainingMs, () => finishPod(world, state))
    : null;
}

/** The pod has run to its end. Its object goes at once, as with `ttlSecondsAfterFinished: 0`. */
function finishPod(world: WorldState, state: PodState): void {
  const { row } = state.workload;
  state.workload.current = null;
  if (row) {
    row.status = "ended";
    row.endedAt = world.events.now;
    world.runningRows -= 1;
    world.openRows -= 1;
    world.progressAt = world.events.now;
  }
  removePod(world, state);
}

/** Takes the pod off its node and out of the API, and books what it held. Nothing happens to one that is gone. */
export function removePod(world: WorldState, state: PodState): void {
  const { pod, node } = state;
  if (world.pods.get(pod.uid) !== state) return;
  if (state.next) world.events.cancel(state.next);
  bookStay(world, state);
  world.pods.delete(pod.uid);
  world.podsByName.delete(`${pod.namespace}/${pod.name}`);
  if (node) leaveNode(world, state, node);
  else dequeue(world, state);
  podsChanged(world);
}

function leaveNode(world: WorldState, state: PodState, node: NodeState): void {
  const { now } = world.events;
  if (state.startedAt !== null) {
    bookHeld(world.account.heldPartMs, node.sharing, state.pod.requests.extended, now - state.startedAt);
    for (const { device, units } of state.devices) {
      addPodLoad(device, -(state.workload.busyMilli * units) / device.units, now);
    }
    if (state.devices.length > 0) loadChanged(world);
  }
  for (const { device, units } of state.devices) giveBack(device, units, podKey(state.pod));
  node.pods.delete(state);
  world.space.displace(state.placed, node.space);
  noteRoom(world, node, state);
}

/** The first pod bears its workload's name, each later one a suffix of its own. */
function nameOf(world: WorldState, { template, attempts }: Workload): string {
  if (attempts === 1) return template.name;
  return `${template.name}-${hexOf(`${template.namespace}/${template.name}/${world.counters.pod}`).slice(0, 5)}`;
}
