import { ClusterSpace } from "../fit/index.ts";
import { hasEnded, type Pod } from "../model/pod.ts";
import type { Policy } from "../model/policy.ts";
import type { Group, GroupStatus, Pool } from "../model/pool.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { isGanged } from "../model/workload.ts";
import { append } from "./append.ts";
import { type Join, type Machine, machineOfInstance, machineOfNode } from "./machines.ts";
import { fleetGroups, inOrder, knownInstances } from "./managed-instances.ts";
import { createPricing, type Pricing } from "./pricing.ts";
import type { Reconsider } from "./reconsider.ts";
import { daemonsOf, type NodeTemplate } from "./template.ts";

/** Everything that has or will have room, joined from Kubernetes, Auto Scaling and the state. */
export interface Fleet {
  readonly space: ClusterSpace;
  readonly machines: readonly Machine[];
  /** How many GPU pods on nodes are ready, by the uid of their ReplicaSet. */
  readonly readyReplicas: ReadonlyMap<string, number>;
  /** Pods that have not ended and hold room on no node. */
  readonly unplaced: readonly Pod[];
  /** Pods of gangs, whatever became of them. */
  readonly ganged: readonly Pod[];
  readonly groups: readonly FleetGroup[];
  readonly pricing: Pricing;
}

export interface FleetGroup {
  readonly pool: Pool;
  readonly group: Group;
  /** null when Auto Scaling did not tell of it. */
  readonly status: GroupStatus | null;
  /** null when nothing says what its nodes offer. */
  readonly template: NodeTemplate | null;
}

export function joinFleet(snapshot: Snapshot, policy: Policy, reconsider: Reconsider): Fleet {
  const space = new ClusterSpace(snapshot.namespaces);
  const daemons = daemonsOf(snapshot);
  const groups = fleetGroups(snapshot, policy, daemons);
  const instances = knownInstances(snapshot, groups, daemons, reconsider);
  const { podsByNode, unplaced, ganged } = byPlace(snapshot.pods);
  space.expect(unplaced);
  const join: Join = {
    space,
    podsByNode,
    readyReplicas: new Map(),
    draining: new Map(Object.entries(snapshot.state.draining)),
    interrupted: interruptedInstances(snapshot),
    interruptibleClasses: policy.spot.interruptibleClasses,
    reconsider,
  };

  const machines: Machine[] = [];
  for (const node of inOrder(snapshot.nodes, ({ name }) => name)) {
    const known = node.instanceId === null ? undefined : instances.get(node.instanceId);
    if (known) known.hasNode = true;
    machines.push(machineOfNode(join, node, known?.managed ?? null));
  }
  for (const { managed, hasNode } of instances.values()) {
    if (!hasNode) machines.push(machineOfInstance(join, managed));
  }
  return {
    space,
    machines,
    readyReplicas: join.readyReplicas,
    unplaced,
    ganged,
    groups,
    pricing: createPricing(snapshot.prices, policy, snapshot.state, reconsider.now),
  };
}

interface PodsByPlace extends Pick<Fleet, "unplaced" | "ganged"> {
  readonly podsByNode: ReadonlyMap<string, readonly Pod[]>;
}

/** Pods by the node that they hold room on, bound to it or nominated for it, and those that hold none. */
function byPlace(pods: readonly Pod[]): PodsByPlace {
  const podsByNode = new Map<string, Pod[]>();
  const unplaced: Pod[] = [];
  const ganged: Pod[] = [];
  for (const pod of pods) {
    if (isGanged(pod)) ganged.push(pod);
    if (hasEnded(pod)) continue;
    const name = pod.nodeName ?? pod.nominatedNodeName;
    if (name === null) unplaced.push(pod);
    else append(podsByNode, name, pod);
  }
  return { podsByNode, unplaced, ganged };
}

function interruptedInstances(snapshot: Snapshot): Set<string> {
  return new Set(
    snapshot.interruptions.filter((each) => each.kind === "spot-interruption").map((each) => each.instanceId),
  );
}
