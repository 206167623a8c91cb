import {
  AutoscalerError,
  type EpochMs,
  gangOf,
  type Interruption,
  type Labels,
  type Pod,
  workloadClass,
} from "@gpu-autoscaler/core";
import { bootAtOnce } from "./boot.ts";
import { loadChanged } from "./changes.ts";
import { BUSY_MILLI } from "./constants.ts";
import { setStrayLoad } from "./devices.ts";
import { groupNamed } from "./groups.ts";
import { die } from "./instances.ts";
import { announce, interrupt, scheduleInterruption } from "./interruptions.ts";
import { createInstance } from "./launch.ts";
import { bringGpus, setReady, updateNode } from "./nodes.ts";
import type { CapacityLimit, Fault, MetricsOutage } from "./options.ts";
import { bindPod, createPod } from "./pods.ts";
import { deletePod } from "./replacement.ts";
import { gangState } from "./rows.ts";
import { dequeue, enqueue } from "./scheduling-queue.ts";
import { withLeft } from "./script.ts";
import type { InstanceState, NodeState, PodState, WorldState } from "./state.ts";

/** How a submitted pod behaves. */
export interface Submission {
  /** For ever by default. */
  readonly durationMs?: number;
  /** Of the share of a GPU that it holds; by its class by default, 500 for serving. */
  readonly busyMilli?: number;
}

/** What a scenario or a test does to the world by hand, at the present time. */
export interface WorldVerbs {
  /**
   * Creates a pod out of this one: bound at once where it names a node, else pending. uid, phase and
   * times are the world's. With an owner it is replaced when it goes: a Job's pod starts over, others
   * run the rest of their time.
   */
  submit(pod: Pod, submission?: Submission): void;
  /** The pod's owner wants it no more: it ends and is not replaced. */
  deletePod(namespace: string, name: string): void;
  /** Takes the pod's scheduling gates away. */
  ungate(namespace: string, name: string): void;
  /** A node of the group that serves at once. Its name. */
  addRunningNode(group: string, zone: string, instanceType?: string): string;
  annotateNode(node: string, annotations: Labels): void;
  setNodeReady(node: string, ready: boolean): void;
  /** The device plugin now sees so many physical GPUs. */
  setGpus(node: string, gpus: number): void;
  /** EC2 announces to take the node's instance: Spot in two minutes; for the others say when, if ever. */
  announce(node: string, kind: Interruption["kind"], deadline?: EpochMs | null): void;
  /** The instance is gone, without a word. */
  killInstance(instanceId: string): void;
  /** The GPU is so busy without a pod; 0 ends it. */
  setStrayLoad(node: string, gpu: number, milli: number): void;
  limitCapacity(limit: CapacityLimit): void;
  addFault(fault: Fault): void;
  addMetricsOutage(outage: MetricsOutage): void;
}

export function createVerbs(world: WorldState): WorldVerbs {
  return {
    submit: (pod, submission = {}) => submit(world, pod, submission),
    deletePod: (namespace, name) => deletePod(world, podNamed(world, namespace, name)),
    ungate: (namespace, name) => ungate(world, podNamed(world, namespace, name)),
    addRunningNode: (group, zone, instanceType) => addRunningNode(world, group, zone, instanceType),
    annotateNode(name, annotations) {
      const state = nodeNamed(world, name);
      updateNode(world, state, { annotations: { ...state.node.annotations, ...annotations } });
    },
    setNodeReady: (name, ready) => setReady(world, nodeNamed(world, name), ready),
    setGpus: (name, gpus) => bringGpus(world, nodeNamed(world, name), gpus),
    announce(name, kind, deadline = null) {
      const instance = instanceOf(nodeNamed(world, name));
      if (kind === "spot-interruption") interrupt(world, instance);
      else announce(world, instance, kind, deadline);
    },
    killInstance(id) {
      const instance = world.instances.get(id);
      if (!instance) throw unknown("instance", id);
      die(world, instance);
    },
    setStrayLoad(name, gpu, milli) {
      const device = nodeNamed(world, name).devices[gpu];
      if (!device) throw unknown("GPU", `${name}/${gpu}`);
      setStrayLoad(device, milli, world.events.now);
      loadChanged(world);
    },
    limitCapacity(limit) {
      world.script.capacity.push(withLeft(limit));
    },
    addFault(fault) {
      world.script.faults.push(withLeft(fault));
    },
    addMetricsOutage(outage) {
      world.script.outages.push(outage);
      loadChanged(world);
    },
  };
}

function submit(world: WorldState, pod: Pod, { durationMs, busyMilli }: Submission): void {
  const gang = gangOf(pod);
  const byDefault =
    workloadClass(pod) === "serving"
      ? 500
      : BUSY_MILLI[workloadClass(pod) === "batch" ? "batch" : "training"];
  const workload = {
    template: { ...pod, nodeName: null },
    row: null,
    replaced: pod.owner === null ? "no" : pod.owner.kind === "Job" ? "starts-over" : "resumes",
    busyMilli: busyMilli ?? byDefault,
    remainingMs: durationMs ?? Number.POSITIVE_INFINITY,
    gang: gang ? gangState(world, gang.key) : null,
    attempts: 0,
    current: null,
  } as const;
  workload.gang?.members.push(workload);
  const state = createPod(world, workload);
  if (pod.nodeName === null) return;
  const node = nodeNamed(world, pod.nodeName);
  dequeue(world, state);
  world.space.place(state.pod, node.space);
  bindPod(world, state, node);
}

function ungate(world: WorldState, state: PodState): void {
  if (state.pod.schedulingGates.length === 0) return;
  state.pod = { ...state.pod, schedulingGates: [] };
  world.changes.pods += 1;
  enqueue(world, state);
}

function addRunningNode(world: WorldState, name: string, zone: string, instanceType?: string): string {
  const group = groupNamed(world, name);
  const shape = group.shapes.find((each) => each.instanceType === (instanceType ?? each.instanceType));
  if (!shape) throw unknown("instance type", instanceType ?? "");
  const instance = createInstance(world, group, shape, zone);
  group.desired += 1;
  bootAtOnce(world, instance);
  scheduleInterruption(world, instance);
  return instance.node?.node.name ?? "";
}

function nodeNamed({ nodes }: WorldState, name: string): NodeState {
  const node = nodes.get(name);
  if (!node) throw unknown("node", name);
  return node;
}

function podNamed({ podsByName }: WorldState, namespace: string, name: string): PodState {
  const pod = podsByName.get(`${namespace}/${name}`);
  if (!pod) throw unknown("pod", `${namespace}/${name}`);
  return pod;
}

function instanceOf({ instance, node }: NodeState): InstanceState {
  if (!instance) throw unknown("instance of node", node.name);
  return instance;
}

function unknown(what: string, name: string): AutoscalerError {
  return new AutoscalerError("sandbox-unknown", `there is no ${what} ${name} in this world`);
}
