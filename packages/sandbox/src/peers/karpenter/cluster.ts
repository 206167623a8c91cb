import {
  addNodeOf,
  ClusterSpace,
  type EpochMs,
  type GroupStatus,
  type Instance,
  type Node,
  type NodeSpace,
  offeringKey,
  type Pod,
  type Reason,
  type Snapshot,
} from "@gpu-autoscaler/core";
import type { Catalog, Offering } from "./catalog.ts";
import { difference } from "./difference.ts";
import type { PodRecord } from "./pod-records.ts";

/** StateNode: an instance and its node, from the launch on; or a node that Karpenter has not made. */
export interface Machine {
  /** The instance's id; the node's name where it has none. */
  readonly id: string;
  /** null for a node that Karpenter has not made. */
  readonly offering: Offering | null;
  instance: Instance | null;
  node: Node | null;
  /** null where nothing can run any more. */
  space: NodeSpace | null;
  /** Was ready once, with all its GPUs. */
  initialized: boolean;
  readonly pods: Set<PodRecord>;
  /** When a pod last came or went, or the node was initialized. */
  lastPodEventAt: EpochMs;
  /** A simulation gave it a pod that is still to come. */
  nominatedUntil: EpochMs;
  /** On its way out: a command has chosen it, or it is being deleted. */
  marked: boolean;
  deletion: Deletion | null;
}

/** The NodeClaim is being deleted: its node is drained, then its instance ended. */
export interface Deletion {
  readonly since: EpochMs;
  readonly reason: Reason;
  /** When each pod's eviction was last asked for. */
  readonly evictedAt: Map<PodRecord, EpochMs>;
}

/** What Karpenter holds in memory of the cluster, kept up by what changed. */
export interface Cluster {
  readonly catalog: Catalog;
  readonly space: ClusterSpace;
  /** By id. */
  readonly machines: Map<string, Machine>;
  readonly byNode: Map<string, Machine>;
  /** By uid. */
  readonly pods: Map<string, PodRecord>;
  readonly pending: Set<PodRecord>;
  /** Instances that were not there at the look before. */
  readonly newcomers: Machine[];
  groups: readonly GroupStatus[];
  nodes: readonly Node[];
  podList: readonly Pod[];
  /** Grows with every change. */
  version: number;
  /** Grows when consolidation may have become possible: MarkUnconsolidated (core, state/cluster.go). */
  consolidation: number;
}

export function createCluster(catalog: Catalog, namespaces: Snapshot["namespaces"]): Cluster {
  return {
    catalog,
    space: new ClusterSpace(namespaces),
    machines: new Map(),
    byNode: new Map(),
    pods: new Map(),
    pending: new Set(),
    newcomers: [],
    groups: [],
    nodes: [],
    podList: [],
    version: 0,
    consolidation: 0,
  };
}

/** Active: neither gone nor going (core, state/statenode.go, Active). */
export function isActive({ space, marked }: Machine): boolean {
  return space !== null && !marked;
}

export function nameOf({ node, id }: Machine): string {
  return node?.name ?? id;
}

export function syncGroups(cluster: Cluster, groups: readonly GroupStatus[], now: EpochMs): void {
  const before = new Map(cluster.groups.map((status) => [status.name, status]));
  for (const status of groups) {
    const known = before.get(status.name);
    if (known === status) continue;
    const { removed, changed } = difference(known?.instances ?? [], status.instances, ({ id }) => id);
    for (const { id } of removed) removeMachine(cluster, id);
    for (const instance of changed) noteInstance(cluster, status.name, instance, now);
  }
  cluster.groups = groups;
}

function noteInstance(cluster: Cluster, group: string, instance: Instance, now: EpochMs): void {
  const known = cluster.machines.get(instance.id);
  if (known) {
    known.instance = instance;
    if (!isRunning(instance)) leaveSpace(cluster, known);
    return;
  }
  const offering = cluster.catalog.byKey.get(offeringKey({ group, zone: instance.zone })) ?? null;
  const machine = addMachine(cluster, instance.id, offering, instance, now);
  cluster.newcomers.push(machine);
  if (offering && isRunning(instance)) {
    machine.space = addNodeOf(offering.type.template, cluster.space, instance.id, instance.zone);
  }
}

function isRunning({ healthy, lifecycle }: Instance): boolean {
  return healthy && lifecycle !== "terminating";
}

function addMachine(
  cluster: Cluster,
  id: string,
  offering: Offering | null,
  instance: Instance | null,
  now: EpochMs,
): Machine {
  const machine: Machine = {
    id,
    offering,
    instance,
    node: null,
    space: null,
    initialized: offering === null,
    pods: new Set(),
    lastPodEventAt: now,
    nominatedUntil: Number.NEGATIVE_INFINITY,
    marked: false,
    deletion: null,
  };
  cluster.machines.set(id, machine);
  cluster.consolidation += 1;
  return machine;
}

function removeMachine(cluster: Cluster, id: string): void {
  const machine = cluster.machines.get(id);
  if (!machine) return;
  leaveSpace(cluster, machine);
  cluster.machines.delete(id);
  cluster.consolidation += 1;
}

export function syncNodes(cluster: Cluster, nodes: readonly Node[], now: EpochMs): void {
  const { removed, changed } = difference(cluster.nodes, nodes, ({ name }) => name);
  cluster.nodes = nodes;
  for (const { name, instanceId } of removed) {
    const machine = cluster.byNode.get(name);
    cluster.byNode.delete(name);
    if (!machine) continue;
    machine.node = null;
    leaveSpace(cluster, machine);
    cluster.consolidation += 1;
    if (machine.instance === null) cluster.machines.delete(instanceId ?? name);
  }
  for (const node of changed) {
    const id = node.instanceId ?? node.name;
    const machine = cluster.machines.get(id) ?? addMachine(cluster, id, null, null, now);
    machine.node = node;
    cluster.byNode.set(node.name, machine);
    if (!machine.initialized && isInitialized(node, machine)) {
      machine.initialized = true;
      cluster.consolidation += 1;
      machine.lastPodEventAt = now;
    }
    enterSpace(cluster, machine, node);
  }
}

/** Initialized: Ready, without ephemeral taints, every resource registered (core, nodeclaim/lifecycle/initialization.go). */
function isInitialized({ ready, taints, allocatable }: Node, { offering }: Machine): boolean {
  if (!ready || taints.some(({ key }) => EPHEMERAL_TAINTS.has(key))) return false;
  const expected = Object.keys(offering?.type.template.gpuResources ?? {});
  return expected.every((name) => (allocatable.extended[name] ?? 0) > 0);
}

/** KnownEphemeralTaints (core, pkg/scheduling/taints.go), as far as the sandbox has them. */
const EPHEMERAL_TAINTS = new Set(["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]);

function enterSpace(cluster: Cluster, machine: Machine, node: Node): void {
  leaveSpace(cluster, machine);
  if (machine.instance !== null && !isRunning(machine.instance)) return;
  machine.space = cluster.space.addNode(machine.initialized ? node : asItWillBe(node, machine));
  for (const record of machine.pods) if (record.placed) cluster.space.place(record.placed, machine.space);
}

/** Until it is initialized a node counts for what its NodeClaim promises (core, state/statenode.go, Allocatable and Taints). */
function asItWillBe(node: Node, { offering }: Machine): Node {
  const expected = offering?.type.template.gpuResources ?? {};
  return {
    ...node,
    taints: node.taints.filter(({ key }) => !EPHEMERAL_TAINTS.has(key)),
    allocatable: { ...node.allocatable, extended: { ...node.allocatable.extended, ...expected } },
  };
}

function leaveSpace(cluster: Cluster, machine: Machine): void {
  if (machine.space) cluster.space.removeNode(machine.space);
  machine.space = null;
}
