import {
  ARCH_LABEL,
  type EpochMs,
  expectedGpuResources,
  GPU_MODEL_LABEL,
  HOSTNAME_LABEL,
  INSTANCE_TYPE_LABEL,
  type Labels,
  type Node,
  OS_LABEL,
  POOL_LABEL,
  type Resources,
  readNodeTemplateTags,
  type Sharing,
  ZONE_LABEL,
} from "@gpu-autoscaler/core";
import { nodesChanged, podsChanged } from "./changes.ts";
import { NOT_READY_TAINT } from "./constants.ts";
import { startDaemons } from "./daemons.ts";
import { devicesOf } from "./devices.ts";
import { losePod } from "./replacement.ts";
import { forgetNode, noteRoom } from "./scheduling-queue.ts";
import type { GroupState, InstanceState, NodeState, WorldState } from "./state.ts";

/** The kubelet registers a Ready node. It zeroes extended resources: the GPUs come later. */
export function registerNode(world: WorldState, instance: InstanceState, imageReadyAt: EpochMs): NodeState {
  const { group, shape, view } = instance;
  const name = nameNode(world);
  const labels = { ...poolLabels(group, shape), [HOSTNAME_LABEL]: name, [ZONE_LABEL]: view.zone };
  const node: Node = {
    name,
    uid: `node-${view.id}`,
    resourceVersion: nextVersion(world),
    instanceId: view.id,
    labels,
    annotations: {},
    taints: [...group.pool.taints, ...readNodeTemplateTags(group.tags).taints],
    unschedulable: false,
    ready: true,
    createdAt: world.events.now,
    allocatable: withGpus(shape.allocatable, group.pool.sharing, 0),
  };
  instance.node = addNode(world, node, { instance, sharing: group.pool.sharing, imageReadyAt });
  return instance.node;
}

/** What every node of the group bears, its zone and hostname apart. The tags of an adopted group tell what its nodes are. */
export function poolLabels(
  { pool, tags }: Pick<GroupState, "pool" | "tags">,
  shape: InstanceState["shape"],
): Labels {
  return {
    [ARCH_LABEL]: architectureOf(shape.instanceType),
    [OS_LABEL]: "linux",
    [INSTANCE_TYPE_LABEL]: shape.instanceType,
    [POOL_LABEL]: pool.name,
    ...(shape.gpuModel === "" ? {} : { [GPU_MODEL_LABEL]: shape.gpuModel }),
    ...pool.labels,
    ...readNodeTemplateTags(tags).labels,
  };
}

export function addNode(
  world: WorldState,
  node: Node,
  { instance, sharing, imageReadyAt }: Pick<NodeState, "instance" | "sharing" | "imageReadyAt">,
): NodeState {
  const space = world.space.addNode(node);
  const state: NodeState = { node, space, instance, sharing, pods: new Set(), devices: [], imageReadyAt };
  world.nodes.set(node.name, state);
  nodesChanged(world);
  startDaemons(world, state);
  noteRoom(world, state);
  return state;
}

/** The device plugin registers this many physical GPUs. */
export function bringGpus(world: WorldState, state: NodeState, gpus: number): void {
  const { sharing, node, instance } = state;
  if (instance) instance.servingFrom ??= Math.max(world.events.now, state.imageReadyAt);
  state.devices = devicesOf(node.name, sharing, gpus, world.events.now).map(
    (device) => state.devices.find((known) => known.id === device.id) ?? device,
  );
  updateNode(world, state, { allocatable: withGpus(node.allocatable, sharing, gpus) });
}

/** Puts other values into a node, under a new resourceVersion. */
export function updateNode(world: WorldState, state: NodeState, fields: Partial<Node>): void {
  state.node = { ...state.node, ...fields, resourceVersion: nextVersion(world) };
  world.space.removeNode(state.space);
  state.space = world.space.addNode(state.node);
  for (const pod of state.pods) world.space.place(pod.placed, state.space);
  nodesChanged(world);
  noteRoom(world, state);
}

/** The node stops with its instance: nothing can start there, and its pods are lost. */
export function takeDown(world: WorldState, state: NodeState): void {
  setReady(world, state, false);
  for (const pod of [...state.pods]) losePod(world, pod);
}

export function setReady(world: WorldState, state: NodeState, ready: boolean): void {
  const others = state.node.taints.filter((taint) => taint.key !== NOT_READY_TAINT);
  const taint = { key: NOT_READY_TAINT, value: "", effect: "NoSchedule" } as const;
  updateNode(world, state, { ready, taints: ready ? others : [...others, taint] });
}

/** Deletes the Node object; pods that are still bound to it are lost. */
export function removeNode(world: WorldState, state: NodeState): void {
  for (const pod of [...state.pods]) losePod(world, pod);
  world.space.removeNode(state.space);
  world.nodes.delete(state.node.name);
  forgetNode(world, state);
  if (state.instance) state.instance.node = null;
  nodesChanged(world);
  podsChanged(world);
}

function withGpus(allocatable: Resources, sharing: Sharing, gpus: number): Resources {
  return { ...allocatable, extended: { ...allocatable.extended, ...expectedGpuResources(sharing, gpus) } };
}

/** Private DNS names as EC2 gives them in us-east-1, one after the other. */
function nameNode({ counters }: WorldState): string {
  counters.node += 1;
  const [a, b, c] = [16, 8, 0].map((shift) => (counters.node >> shift) & 255);
  return `ip-10-${a}-${b}-${c}.ec2.internal`;
}

function nextVersion({ counters }: WorldState): string {
  counters.resourceVersion += 1;
  return String(counters.resourceVersion);
}

/** Graviton types have a "g" after their generation: g5g, c7gn. */
function architectureOf(instanceType: string): string {
  return /^[a-z]+\d+g/.test(instanceType) ? "arm64" : "amd64";
}
