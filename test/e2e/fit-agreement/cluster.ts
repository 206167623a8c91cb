import type { RawClusterObjects } from "@gpu-autoscaler/adapters";
import * as z from "zod";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import type { Attempts } from "./attempts.ts";
import type { Raw } from "./drafts.ts";
import { RUNTIME_CLASS } from "./requests.ts";
import { FINALIZER, STORAGE_CLASSES } from "./volumes.ts";
import type { PlacedObject, WorldObjects } from "./world-objects.ts";
import { NAMESPACES } from "./worlds.ts";

/** What is there for every world. */
export async function prepare({ client }: ControlPlane): Promise<void> {
  for (const metadata of NAMESPACES) {
    const object = { apiVersion: "v1", kind: "Namespace", metadata };
    if (metadata.name === "default") await client.patch("/api/v1/namespaces/default", object);
    else await client.create("/api/v1/namespaces", object);
  }
  for (const object of STORAGE_CLASSES) {
    await client.create("/apis/storage.k8s.io/v1/storageclasses", object);
  }
  await client.create("/apis/node.k8s.io/v1/runtimeclasses", RUNTIME_CLASS);
}

export const LISTS = {
  nodes: "/api/v1/nodes",
  pods: "/api/v1/pods",
  claims: "/api/v1/persistentvolumeclaims",
  persistentVolumes: "/api/v1/persistentvolumes",
} as const;

/** Of pods that have no node. */
export const PENDING = "fieldSelector=spec.nodeName%3D";

export function podsPath(namespace: string, name = ""): string {
  return `/api/v1/namespaces/${namespace}/pods${name && `/${name}`}`;
}

function claimsPath(namespace: string, name = ""): string {
  return `/api/v1/namespaces/${namespace}/persistentvolumeclaims${name && `/${name}`}`;
}

/** Makes all but the pods that are asked about. */
export async function build(
  controlPlane: ControlPlane,
  attempts: Attempts,
  world: WorldObjects,
): Promise<void> {
  const { client } = controlPlane;
  const volumes = world.persistentVolumes.map(async ({ name, object }) => {
    await client.create(LISTS.persistentVolumes, object);
    await client.patch(`${LISTS.persistentVolumes}/${name}/status`, { status: object.status });
  });
  const claims = world.claims.map(async ({ namespace, name, object }) => {
    await client.create(claimsPath(namespace), object);
    await client.patch(`${claimsPath(namespace, name)}/status`, { status: object.status });
    if (isHeld(object)) await client.delete(claimsPath(namespace, name));
  });
  const nodes = world.nodes.map((node) => client.create(LISTS.nodes, node));
  await Promise.all([...volumes, ...claims, ...nodes]);
  // Before the others come: two that hold the same host port are never there at a time.
  await place(controlPlane, attempts, world, ({ state }) => state === "ended");
  await place(controlPlane, attempts, world, ({ state }) => state !== "ended");
}

async function place(
  { client }: ControlPlane,
  attempts: Attempts,
  world: WorldObjects,
  isMeant: (pod: PlacedObject) => boolean,
): Promise<void> {
  const placed = world.placed.filter(isMeant).map(async ({ namespace, name, object, state, nodeName }) => {
    const patchStatus = (status: Raw) => client.patch(`${podsPath(namespace, name)}/status`, { status });
    const attempt = state === "nominated" ? attempts.of(name) : undefined;
    await client.create(podsPath(namespace), object);
    // As after a preemption: tried once, and promised a node.
    await attempt;
    if (state === "nominated") await patchStatus({ nominatedNodeName: nodeName });
    if (state === "ended") await patchStatus({ phase: "Succeeded" });
    if (state === "terminating")
      await client.delete(podsPath(namespace, name), { gracePeriodSeconds: 3_600 });
  });
  await Promise.all(placed);
}

function isHeld({ metadata }: Raw): boolean {
  return JSON.stringify(metadata).includes(FINALIZER);
}

async function deletePods({ client }: ControlPlane, query: string): Promise<void> {
  await Promise.all(
    NAMESPACES.map(({ name }) =>
      client.delete(`${podsPath(String(name))}${query}`, { gracePeriodSeconds: 0 }),
    ),
  );
}

/** Pods that wait go first, or the scheduler would try them again with each that leaves. */
export async function clear(controlPlane: ControlPlane, world: WorldObjects): Promise<void> {
  const { client } = controlPlane;
  await deletePods(controlPlane, `?${PENDING}`);
  await deletePods(controlPlane, "");
  const held = world.claims.filter(({ object }) => isHeld(object));
  await Promise.all(
    held.map(({ namespace, name }) =>
      client.patch(claimsPath(namespace, name), { metadata: { finalizers: null } }),
    ),
  );
  await Promise.all([
    client.delete(LISTS.nodes),
    client.delete(LISTS.persistentVolumes),
    ...NAMESPACES.map(({ name }) => client.delete(claimsPath(String(name)))),
  ]);
}

const listed = z.object({ items: z.array(z.unknown()) });

/** As the API server serves it. */
export async function read({ client }: ControlPlane): Promise<RawClusterObjects> {
  const list = async (path: string) => listed.parse(await client.get(path)).items;
  const [nodes, pods, claims, persistentVolumes, storageClasses, namespaces] = await Promise.all([
    list(LISTS.nodes),
    list(LISTS.pods),
    list(LISTS.claims),
    list(LISTS.persistentVolumes),
    list("/apis/storage.k8s.io/v1/storageclasses"),
    list("/api/v1/namespaces"),
  ]);
  return {
    at: 0,
    nodes,
    pods,
    claims,
    persistentVolumes,
    storageClasses,
    namespaces,
    daemonSets: [],
    budgets: [],
  };
}
