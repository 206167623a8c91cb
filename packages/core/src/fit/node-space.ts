import { HOSTNAME_LABEL } from "../model/keys.ts";
import type { Node } from "../model/node.ts";
import type { HostPort, PodSpec } from "../model/pod.ts";
import { isGpuResource, type Resources } from "../model/resources.ts";
import type { EpochMs } from "../model/units.ts";
import { type FreeResources, freeOf, numbered, type ResourceNumbers, take, takeAll } from "./resources.ts";

/** What scheduling looks at in a node. */
export type NodeSpec = Pick<Node, "name" | "labels" | "taints" | "unschedulable" | "allocatable">;

/** A pod as it is placed. One that is being deleted holds its place, but topology spread no longer counts it. */
export type PlacedPod = PodSpec & { readonly uid?: string; readonly deletedAt?: EpochMs | null };

/** A node and what is left of it. */
export interface NodeSpace {
  readonly spec: NodeSpec;
  /** Negative where the pods ask for more than there is. A resource that is missing is 0. */
  readonly free: Resources;
  readonly pods: readonly PlacedPod[];
  /** The same things, for the cluster space to change. */
  readonly state: NodeState;
}

/** What the cluster space keeps of a node. */
export interface NodeState {
  readonly spec: NodeSpec;
  readonly free: FreeResources;
  /** The extended resources of `free` again, by the number that the cluster space gave them. */
  readonly freeExtended: number[];
  readonly pods: PlacedPod[];
  /** Made when the first pod with host ports comes. */
  usedPorts: HostPort[] | null;
  /** Of its taints and cordon: the same for nodes that are alike in both. */
  readonly taintId: number;
  /** Its values of the labels that somebody looked at, by the index of the label's column. */
  readonly values: number[];
  /** What checks see of it, by the index of the view: the same for nodes that look alike there. */
  readonly profiles: number[];
}

/**
 * How much is mostly looked at; the lists are made that long, and grow where more is. One that grows
 * from nothing takes room for 17 numbers in V8, on each node.
 */
const USUAL_COLUMNS = 4;
const USUAL_VIEWS = 8;

export function nodeSpace(
  spec: NodeSpec,
  taintId: number,
  resources: ResourceNumbers,
  placed: readonly PlacedPod[],
): NodeSpace {
  const free = freeOf(spec.allocatable);
  const freeExtended = numbered(free.extended, resources);
  const pods = placed.slice();
  const state: NodeState = {
    spec,
    free,
    freeExtended,
    pods,
    usedPorts: null,
    taintId,
    values: new Array<number>(USUAL_COLUMNS),
    profiles: new Array<number>(USUAL_VIEWS),
  };
  takeAll(state, pods, resources);
  for (const pod of pods) if (pod.hostPorts.length > 0) usePorts(state, pod);
  return { spec, free, pods, state };
}

/** With the same labels, room and pods. What depends on the name remains to be set right. */
export function copyOf(of: NodeState, name: string): NodeSpace {
  const { labels, taints, unschedulable, allocatable } = of.spec;
  const spec = { name, labels: { ...labels, [HOSTNAME_LABEL]: name }, taints, unschedulable, allocatable };
  const { cpuMilli, memoryBytes, ephemeralStorageBytes } = of.free;
  const extended = { ...of.free.extended };
  const free = { cpuMilli, memoryBytes, ephemeralStorageBytes, pods: of.free.pods, extended };
  const pods = of.pods.slice();
  const state: NodeState = {
    spec,
    free,
    freeExtended: of.freeExtended.slice(),
    pods,
    usedPorts: of.usedPorts?.slice() ?? null,
    taintId: of.taintId,
    values: of.values.slice(),
    profiles: of.profiles.slice(),
  };
  return { spec, free, pods, state };
}

export function placeOn(node: NodeState, pod: PlacedPod, resources: ResourceNumbers): void {
  take(node, pod.requests, resources, 1);
  node.pods.push(pod);
  if (pod.hostPorts.length > 0) usePorts(node, pod);
}

function usePorts(node: NodeState, pod: PlacedPod): void {
  node.usedPorts ??= [];
  node.usedPorts.push(...pod.hostPorts);
}

/** false: the pod is not there. */
export function displaceFrom(node: NodeState, pod: PlacedPod, resources: ResourceNumbers): boolean {
  const at = node.pods.lastIndexOf(pod);
  if (at < 0) return false;
  node.pods.splice(at, 1);
  take(node, pod.requests, resources, -1);
  if (pod.hostPorts.length > 0) node.usedPorts = node.pods.flatMap((other) => other.hostPorts);
  return true;
}

/** Whether any GPU, or part of one, is free. */
export function hasGpusLeft({ free: { extended } }: NodeSpace): boolean {
  for (const name in extended) if (isGpuResource(name) && (extended[name] ?? 0) > 0) return true;
  return false;
}
