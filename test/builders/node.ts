import * as keys from "../../packages/core/src/model/keys.ts";
import type { Node } from "../../packages/core/src/model/node.ts";
import type { Labels, TaintEffect } from "../../packages/core/src/model/pod.ts";
import type { Resources } from "../../packages/core/src/model/resources.ts";
import { GPU } from "../../packages/core/src/model/sharing.ts";
import type { EpochMs } from "../../packages/core/src/model/units.ts";

const GIBI = 1024 ** 3;

/**
 * Makes a node by saying what is special about it. Immutable: each call gives a new builder, so
 * that variants can start from a shared one.
 */
export interface NodeBuilder {
  build(): Node;
  /** `count` nodes that differ in name, uid and instance id: "node-0", "node-1", … */
  times(count: number): Node[];
  named(name: string): NodeBuilder;
  inZone(zone: string): NodeBuilder;
  ofType(instanceType: string): NodeBuilder;
  inPool(pool: string): NodeBuilder;
  labelled(labels: Labels): NodeBuilder;
  /** As if it did not bear the label. */
  withoutLabel(key: string): NodeBuilder;
  annotated(annotations: Labels): NodeBuilder;
  /** With effect NoSchedule and no value, unless said otherwise. */
  tainted(key: string, taint?: { effect?: TaintEffect; value?: string }): NodeBuilder;
  cordoned(): NodeBuilder;
  notReady(): NodeBuilder;
  /** Whole GPUs. */
  gpu(count: number): NodeBuilder;
  /** Cores. */
  cpu(cores: number): NodeBuilder;
  memoryGi(gibi: number): NodeBuilder;
  ephemeralStorageGi(gibi: number): NodeBuilder;
  pods(slots: number): NodeBuilder;
  /** An extended resource by its full name. */
  offering(resource: string, count: number): NodeBuilder;
  createdAt(at: EpochMs): NodeBuilder;
  instance(id: string | null): NodeBuilder;
  /** Whatever has no word of its own. */
  with(fields: Partial<Node>): NodeBuilder;
}

/** A ready g6.xlarge in us-east-1a without a GPU: 8 cores, 32 GiB, 100 GiB of disk, 58 pod slots. */
export function aNode(name = "node"): NodeBuilder {
  return builderOf({
    name,
    uid: "",
    resourceVersion: "1",
    instanceId: "",
    labels: {
      [keys.ARCH_LABEL]: "amd64",
      [keys.OS_LABEL]: "linux",
      [keys.INSTANCE_TYPE_LABEL]: "g6.xlarge",
      [keys.ZONE_LABEL]: "us-east-1a",
      [keys.HOSTNAME_LABEL]: name,
    },
    annotations: {},
    taints: [],
    unschedulable: false,
    ready: true,
    createdAt: 0,
    allocatable: {
      cpuMilli: 8_000,
      memoryBytes: 32 * GIBI,
      ephemeralStorageBytes: 100 * GIBI,
      pods: 58,
      extended: {},
    },
  });
}

function builderOf(node: Node): NodeBuilder {
  const having = (fields: Partial<Node>): NodeBuilder => builderOf({ ...node, ...fields });
  const labelled = (labels: Labels) => having({ labels: { ...node.labels, ...labels } });
  const allocating = (resources: Partial<Resources>) =>
    having({ allocatable: { ...node.allocatable, ...resources } });
  const extended = (name: string, count: number) =>
    allocating({ extended: { ...node.allocatable.extended, [name]: count } });
  const named = (name: string) => {
    const hostname = keys.HOSTNAME_LABEL in node.labels ? { [keys.HOSTNAME_LABEL]: name } : {};
    return having({ name, uid: "", labels: { ...node.labels, ...hostname } });
  };
  const finished = (): Node => ({
    ...node,
    uid: node.uid || `uid-${node.name}`,
    instanceId: node.instanceId === "" ? `i-${node.name}` : node.instanceId,
  });

  return {
    build: finished,
    times: (count) => Array.from({ length: count }, (_, index) => named(`${node.name}-${index}`).build()),
    named,
    inZone: (zone) => labelled({ [keys.ZONE_LABEL]: zone }),
    ofType: (instanceType) => labelled({ [keys.INSTANCE_TYPE_LABEL]: instanceType }),
    inPool: (pool) => labelled({ [keys.POOL_LABEL]: pool }),
    labelled,
    withoutLabel: (key) => {
      const { [key]: _, ...labels } = node.labels;
      return having({ labels });
    },
    annotated: (annotations) => having({ annotations: { ...node.annotations, ...annotations } }),
    tainted: (key, { effect = "NoSchedule", value = "" } = {}) =>
      having({ taints: [...node.taints, { key, value, effect }] }),
    cordoned: () => having({ unschedulable: true }),
    notReady: () => having({ ready: false }),
    gpu: (count) => extended(GPU, count),
    cpu: (cores) => allocating({ cpuMilli: Math.round(cores * 1000) }),
    memoryGi: (gibi) => allocating({ memoryBytes: Math.round(gibi * GIBI) }),
    ephemeralStorageGi: (gibi) => allocating({ ephemeralStorageBytes: Math.round(gibi * GIBI) }),
    pods: (pods) => allocating({ pods }),
    offering: extended,
    createdAt: (createdAt) => having({ createdAt }),
    instance: (instanceId) => having({ instanceId }),
    with: having,
  };
}
