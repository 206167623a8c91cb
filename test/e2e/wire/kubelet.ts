import { INSTANCE_TYPE_LABEL, instanceShape, POOL_LABEL, ZONE_LABEL } from "@gpu-autoscaler/core";
import * as z from "zod";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import { POOL } from "./cluster.ts";

/** What kubelet, device plugin and job controllers would do to nodes and pods. */

const PODS = "/api/v1/namespaces/default/pods";

/** An instance, as Auto Scaling launched it. */
export interface Launched {
  readonly id: string;
  readonly zone: string;
  readonly instanceType: string;
}

/** The node of an instance registers: it is Ready, and its device plugin has not spoken yet. Gives its name. */
export async function join(
  { client }: ControlPlane,
  { id, zone, instanceType }: Launched,
  name = id,
): Promise<string> {
  const shape = instanceShape(instanceType);
  if (!shape) throw new Error(`no instance type ${instanceType}`);
  const { cpuMilli, memoryBytes, ephemeralStorageBytes, pods } = shape.allocatable;
  const allocatable = {
    cpu: `${cpuMilli}m`,
    memory: String(memoryBytes),
    "ephemeral-storage": String(ephemeralStorageBytes),
    pods: String(pods),
    "nvidia.com/gpu": "0",
  };
  await client.create("/api/v1/nodes", {
    metadata: {
      name,
      labels: {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": shape.architecture,
        [ZONE_LABEL]: zone,
        [INSTANCE_TYPE_LABEL]: instanceType,
        [POOL_LABEL]: POOL,
      },
    },
    spec: { providerID: `aws:///${zone}/${id}` },
    status: { capacity: allocatable, allocatable, conditions: [condition("Ready", "True", "KubeletReady")] },
  });
  return name;
}

/** The device plugin has spoken. */
export async function registerGpus({ client }: ControlPlane, node: string, gpus: number): Promise<void> {
  const extended = { "nvidia.com/gpu": String(gpus) };
  const status = { capacity: extended, allocatable: extended };
  await client.patch(`/api/v1/nodes/${node}/status`, { status });
}

/** The instance is gone, and with it the node. */
export async function leave({ client }: ControlPlane, node: string): Promise<void> {
  await client.delete(`/api/v1/nodes/${node}`);
}

export interface PodToMake {
  readonly gpus?: number;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Bound by the one who makes it, and not by kube-scheduler. */
  readonly node?: string;
  /** The only one that it may run in. */
  readonly zone?: string;
  /** Whether a ReplicaSet owns it. */
  readonly isOwned?: boolean;
}

/** A pod that asks for GPUs, and tolerates what every node of the pool bears. */
export async function submit({ client }: ControlPlane, name: string, pod: PodToMake = {}): Promise<void> {
  const { gpus = 1, annotations = {}, node, zone, isOwned = false } = pod;
  const owner = {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    name,
    uid: `uid-of-${name}`,
    controller: true,
  };
  const resources = { requests: { cpu: "1" }, limits: { "nvidia.com/gpu": String(gpus) } };
  await client.create(PODS, {
    metadata: { name, annotations, ...(isOwned && { ownerReferences: [owner] }) },
    spec: {
      containers: [{ name: "main", image: "none", resources }],
      ...(node && { nodeName: node }),
      ...(zone && { nodeSelector: { [ZONE_LABEL]: zone } }),
    },
  });
}

/** The pod's containers run, if kube-scheduler bound it. */
export async function run({ client }: ControlPlane, name: string): Promise<void> {
  const conditions = [condition("PodScheduled", "True", ""), condition("Ready", "True", "")];
  await client.patch(`${PODS}/${name}/status`, { status: { phase: "Running", conditions } });
}

export async function succeed({ client }: ControlPlane, name: string): Promise<void> {
  await client.patch(`${PODS}/${name}/status`, { status: { phase: "Succeeded" } });
}

function condition(type: string, status: string, reason: string) {
  const at = new Date().toISOString();
  return { type, status, reason, message: "", lastHeartbeatTime: at, lastTransitionTime: at };
}

const Pod = z.object({
  spec: z.object({ nodeName: z.string().optional() }),
  status: z.object({
    conditions: z.array(z.object({ type: z.string(), reason: z.string().optional() })).default([]),
  }),
});

/** Where kube-scheduler has brought it: a node's name, "Unschedulable", or null where it has not looked yet. */
export async function whereabouts({ client }: ControlPlane, name: string): Promise<string | null> {
  const { spec, status } = Pod.parse(await client.get(`${PODS}/${name}`));
  const scheduled = status.conditions.find(({ type }) => type === "PodScheduled");
  return spec.nodeName ?? scheduled?.reason ?? null;
}
