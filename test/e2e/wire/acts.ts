import { instanceShape } from "@gpu-autoscaler/core";
import { expect, vi } from "vitest";
import { join, type PodToMake, registerGpus, run, submit, whereabouts } from "./kubelet.ts";
import type { Process } from "./process.ts";
import { done } from "./telling.ts";
import type { Wire } from "./wire.ts";
import type { WiredCluster } from "./wired-cluster.ts";

/** Steps that several tests go through. */

/** Waits until kube-scheduler has brought the pod there. */
export function scheduled({ plane }: Wire, pod: string, where: string): Promise<void> {
  return vi.waitFor(async () => expect(await whereabouts(plane, pod)).toBe(where), {
    timeout: 30_000,
    interval: 100,
  });
}

/** A pod comes that kube-scheduler finds no node for. */
export async function unschedulable(wire: Wire, pod: string, asked: PodToMake = {}): Promise<void> {
  await submit(wire.plane, pod, asked);
  await scheduled(wire, pod, "Unschedulable");
}

/** The pod gets a node of its own and runs on it. Gives the node's name, which is its instance's id. */
export async function served(
  wire: Wire,
  cluster: WiredCluster,
  process: Process,
  pod: string,
): Promise<string> {
  const before = new Set(await cluster.instances());
  await unschedulable(wire, pod);
  expect(done(await process.tick())).toEqual(["LaunchInstances us-east-1a PodsUnschedulable: done"]);
  const [id = ""] = (await cluster.instances()).filter((each) => !before.has(each));
  return serves(wire, cluster, id, pod);
}

/** The instance becomes a node with its GPUs, and the pod runs on it. */
export async function serves(wire: Wire, { group }: WiredCluster, id: string, pod: string): Promise<string> {
  const [instanceType = ""] = group.instanceTypes;
  const node = await join(wire.plane, { id, zone: "us-east-1a", instanceType });
  await registerGpus(wire.plane, node, instanceShape(instanceType)?.gpus ?? 0);
  await scheduled(wire, pod, node);
  await run(wire.plane, pod);
  return node;
}
