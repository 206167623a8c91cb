import type { EpochMs, Node, Snapshot } from "@gpu-autoscaler/core";
import type { Clockwork } from "./clockwork.ts";
import { MAX_NODE_PROVISION_TIME_MS } from "./constants.ts";
import type { AutoScalingGroup, Cloud } from "./node-groups.ts";

/**
 * - `ready`: a node that serves;
 * - `unready`: a registered node that did not become ready, or lost its readiness;
 * - `upcoming`: an instance that has not become a ready node yet. It stands in the simulation as its
 *   group's template says. A Ready node of a GPU group that has no GPU to give yet is one
 *   (processors/customresources/gpu_processor.go), as its nodes bear `k8s.amazonaws.com/accelerator`.
 */
type MachineStatus = "ready" | "unready" | "upcoming";

/** What stays the same of an instance as long as it lives. */
interface ManagedInstance {
  readonly id: string;
  readonly zone: string;
  readonly launchedAt: EpochMs;
  /** The Auto Scaling group's name. */
  readonly group: string;
}

/** A node that there is, or is to come. */
export interface SeenNode {
  /** The node's name; while upcoming, the instance's id. */
  readonly name: string;
  readonly status: MachineStatus;
  /** null while upcoming. */
  readonly node: Node | null;
  /** Of the configuration's groups; null for a node of none. */
  readonly managed: ManagedInstance | null;
}

/** An instance that did not become a ready node in time, with the node if it became one at all. */
export interface LateInstance {
  readonly instance: ManagedInstance;
  readonly node: Node | null;
}

export interface Sight {
  /** Registered nodes in the order of the snapshot, then upcoming ones in the order of the groups. */
  readonly nodes: readonly SeenNode[];
  readonly late: readonly LateInstance[];
  /** When the first of the upcoming nodes will be late. */
  readonly until: EpochMs;
}

/** Instances that go, or are gone, are none. */
export function look(snapshot: Snapshot, { groups }: Cloud, clock: Clockwork): Sight {
  const nodes: SeenNode[] = [];
  const late: LateInstance[] = [];
  let until = Number.POSITIVE_INFINITY;
  const isInTime = ({ launchedAt }: ManagedInstance) => {
    const deadline = launchedAt + MAX_NODE_PROVISION_TIME_MS;
    if (clock.reached(deadline)) return false;
    until = Math.min(until, deadline);
    return true;
  };
  const { going, staying } = instancesOf(groups);
  for (const node of snapshot.nodes) {
    const id = node.instanceId ?? "";
    const managed = staying.get(id) ?? null;
    if (going.has(id)) continue;
    const isReady = node.ready && (managed === null || servesGpus(node, groups.get(managed.group)));
    if (!isReady && managed && isInTime(managed)) continue;
    if (managed) {
      staying.delete(id);
      if (!isReady) late.push({ instance: managed, node });
    }
    nodes.push({ name: node.name, status: isReady ? "ready" : "unready", node, managed });
  }
  for (const managed of staying.values()) {
    if (isInTime(managed)) nodes.push({ name: managed.id, status: "upcoming", node: null, managed });
    else late.push({ instance: managed, node: null });
  }
  return { nodes, late, until };
}

function instancesOf(groups: Cloud["groups"]) {
  const going = new Set<string>();
  const staying = new Map<string, ManagedInstance>();
  for (const { group, status } of groups.values()) {
    for (const { id, zone, launchedAt, lifecycle, healthy } of status.instances) {
      if (lifecycle === "terminating" || !healthy) going.add(id);
      else staying.set(id, { id, zone, launchedAt, group: group.name });
    }
  }
  return { going, staying };
}

/** Whether a node of a group with GPUs has any to give. */
function servesGpus({ allocatable }: Node, group: AutoScalingGroup | undefined): boolean {
  const resources = group?.gpuResources ?? [];
  return resources.length === 0 || resources.some((name) => (allocatable.extended[name] ?? 0) > 0);
}
