import type { ClusterSpace, NodeSpace, NodeSpec } from "../fit/index.ts";
import { CLOSED_TAINT, DRAINING_TAINT, INTERRUPTED_TAINT } from "../model/keys.ts";
import type { Node } from "../model/node.ts";
import type { Pod } from "../model/pod.ts";
import type { Policy } from "../model/policy.ts";
import type { Group, Pool } from "../model/pool.ts";
import { asksForGpu } from "../model/resources.ts";
import { gpusHeld } from "../model/sharing.ts";
import { type Drain, isUnneeded } from "../model/state.ts";
import type { EpochMs } from "../model/units.ts";
import { isInterruptible, isMovableKind } from "../model/workload.ts";
import type { Reconsider } from "./reconsider.ts";
import { addNodeOf, type NodeTemplate } from "./template.ts";

/**
 * - `serving`: a ready node whose GPUs are what they will be;
 * - `upcoming`: launched, within its time to become one;
 * - `failed`: an instance that did not become a node in time, or died;
 * - `not-ready`: a node that kubelet or network took away;
 * - `leaving`: being drained, interrupted or terminated.
 */
type MachineStatus = "serving" | "upcoming" | "failed" | "not-ready" | "leaving";

/** A node, the instance behind it, or an instance that is to become a node. */
export interface Machine {
  /** The node's name; the instance's id while there is no node. */
  readonly name: string;
  readonly status: MachineStatus;
  readonly node: Node | null;
  /** null for a node that no group of the configuration holds. */
  readonly managed: ManagedInstance | null;
  /** null for what has no room any more. */
  readonly space: NodeSpace | null;
  /** Bound pods that have not ended. */
  readonly pods: readonly Pod[];
  readonly gpuPods: number;
  /** Those of them that may be moved, as far as their owner and annotations say. */
  readonly movableGpuPods: number;
  /** The first of them by uid. */
  readonly firstGpuPod: Pod | null;
  /** GPUs that its pods hold under its pool's sharing layout; parts of one count as such. 0 where it is not managed. */
  readonly gpusHeld: number;
  /** Those of them that interruptible pods hold. */
  readonly gpusHeldInterruptibly: number;
  /** It takes no new pods, so that it empties. */
  readonly closed: boolean;
  /** Serves fewer GPUs than expected, and its time to bring them is over. */
  readonly missingGpus: string | null;
}

export interface ManagedInstance {
  readonly id: string;
  readonly zone: string;
  readonly instanceType: string;
  readonly launchedAt: EpochMs;
  readonly healthy: boolean;
  readonly terminating: boolean;
  readonly group: Group;
  readonly pool: Pool;
  readonly template: NodeTemplate | null;
}

/** Taints of a node that is still coming up; they go by themselves. */
const STARTUP_TAINTS = new Set([
  "node.kubernetes.io/not-ready",
  "node.kubernetes.io/unreachable",
  "node.cloudprovider.kubernetes.io/uninitialized",
]);

/** What all nodes and instances are joined with, and what is counted as they are. */
export interface Join {
  readonly space: ClusterSpace;
  readonly podsByNode: ReadonlyMap<string, readonly Pod[]>;
  readonly readyReplicas: Map<string, number>;
  /** By node name. */
  readonly draining: ReadonlyMap<string, Drain>;
  readonly interrupted: ReadonlySet<string>;
  readonly interruptibleClasses: Policy["spot"]["interruptibleClasses"];
  readonly reconsider: Reconsider;
}

export function machineOfNode(join: Join, node: Node, managed: ManagedInstance | null): Machine {
  const pods = join.podsByNode.get(node.name) ?? NO_PODS;
  const missing = managed?.template ? missingGpus(node, managed.template) : null;
  const status = statusOfNode(join, node, managed, missing);
  const closed = status === "serving" && node.taints.some(({ key }) => key === CLOSED_TAINT);
  const space = join.space.addNode(asSpace(join, node, status, closed, managed), pods);
  let gpuPods = 0;
  let firstGpuPod: Pod | null = null;
  let gpusHeldInAll = 0;
  let gpusHeldInterruptibly = 0;
  let movableGpuPods = 0;
  for (const pod of pods) {
    if (!asksForGpu(pod.requests)) continue;
    gpuPods++;
    if (firstGpuPod === null || pod.uid < firstGpuPod.uid) firstGpuPod = pod;
    if (isMovableKind(pod)) {
      movableGpuPods++;
      countReplica(join.readyReplicas, pod);
    }
    const held = managed === null ? 0 : gpusHeld(managed.pool.sharing, pod.requests.extended);
    gpusHeldInAll += held;
    if (held > 0 && isInterruptible(pod, join.interruptibleClasses)) gpusHeldInterruptibly += held;
  }
  return {
    name: node.name,
    status,
    node,
    managed,
    space,
    pods,
    gpuPods,
    movableGpuPods,
    firstGpuPod,
    gpusHeld: gpusHeldInAll,
    gpusHeldInterruptibly,
    closed,
    missingGpus: status === "serving" ? missing : null,
  };
}

function countReplica(replicas: Map<string, number>, { owner, ready, deletedAt }: Pod): void {
  if (owner?.kind !== "ReplicaSet" || !ready || deletedAt !== null) return;
  replicas.set(owner.uid, (replicas.get(owner.uid) ?? 0) + 1);
}

/** How the node is offered to pods: as it will be when it is upcoming, as it was when demand may take it back. */
function asSpace(
  join: Join,
  node: Node,
  status: MachineStatus,
  closed: boolean,
  managed: ManagedInstance | null,
): NodeSpec {
  if (status === "serving") return closed ? opened(node) : node;
  if (status === "upcoming" && managed?.template) return whatNodeWillBe(node, managed.template);
  if (status === "leaving" && isUnneeded(join.draining.get(node.name))) {
    return opened(node);
  }
  return { ...node, unschedulable: true };
}

/** Without our cordon. */
function opened(node: Node): NodeSpec {
  const taints = node.taints.filter((taint) => !isOurTaint(taint) && taint.key !== CLOSED_TAINT);
  return { ...node, unschedulable: false, taints };
}

function statusOfNode(
  join: Join,
  node: Node,
  managed: ManagedInstance | null,
  missing: string | null,
): MachineStatus {
  if (isLeaving(join, node, managed)) return "leaving";
  if (node.ready && missing === null) return "serving";
  const inTime =
    managed !== null && !join.reconsider.reached(managed.launchedAt + managed.pool.provisionTimeoutMs);
  if (inTime) return "upcoming";
  return node.ready ? "serving" : "not-ready";
}

export function machineOfInstance(join: Join, managed: ManagedInstance): Machine {
  const rest = {
    name: managed.id,
    node: null,
    managed,
    pods: NO_PODS,
    gpuPods: 0,
    movableGpuPods: 0,
    firstGpuPod: null,
    gpusHeld: 0,
    gpusHeldInterruptibly: 0,
    closed: false,
    missingGpus: null,
  };
  const gone = { ...rest, space: null };
  if (isLeaving(join, null, managed)) return { ...gone, status: "leaving" };
  if (!managed.healthy) return { ...gone, status: "failed" };
  if (join.reconsider.reached(managed.launchedAt + managed.pool.provisionTimeoutMs))
    return { ...gone, status: "failed" };
  if (!managed.template) return { ...gone, status: "upcoming" };
  return {
    ...rest,
    status: "upcoming",
    space: addNodeOf(managed.template, join.space, managed.id, managed.zone),
  };
}

function isLeaving(join: Join, node: Node | null, managed: ManagedInstance | null): boolean {
  if (managed && (managed.terminating || join.interrupted.has(managed.id))) return true;
  if (!node) return false;
  return join.draining.has(node.name) || node.taints.some(isOurTaint);
}

function isOurTaint(taint: { readonly key: string }): boolean {
  return taint.key === DRAINING_TAINT || taint.key === INTERRUPTED_TAINT;
}

/** Says which GPUs are missing from a node: "serves 7 of 8 nvidia.com/gpu"; null for none. */
function missingGpus(node: Node, template: NodeTemplate): string | null {
  for (const name in template.gpuResources) {
    const expected = template.gpuResources[name] ?? 0;
    const actual = node.allocatable.extended[name] ?? 0;
    if (actual < expected) return `serves ${actual} of ${expected} ${name}`;
  }
  return null;
}

/** A node that is still coming up, as it will be: its GPUs there, its startup taints gone. */
function whatNodeWillBe(node: Node, template: NodeTemplate): NodeSpec {
  const { cpuMilli, memoryBytes, ephemeralStorageBytes, pods, extended } = node.allocatable;
  const expected = template.allocatable;
  return {
    name: node.name,
    labels: { ...template.labels, ...node.labels },
    taints: node.taints.filter((taint) => !STARTUP_TAINTS.has(taint.key)),
    unschedulable: node.unschedulable,
    allocatable: {
      cpuMilli: cpuMilli || expected.cpuMilli,
      memoryBytes: memoryBytes || expected.memoryBytes,
      ephemeralStorageBytes: ephemeralStorageBytes || expected.ephemeralStorageBytes,
      pods: pods || expected.pods,
      extended: { ...extended, ...template.gpuResources },
    },
  };
}

const NO_PODS: readonly Pod[] = [];
