import {
  addNodeOf,
  ClusterSpace,
  hasEnded,
  type NodeSpace,
  type Pod,
  type Snapshot,
} from "@gpu-autoscaler/core";
import type { Clockwork } from "./clockwork.ts";
import type { Cloud } from "./node-groups.ts";
import { type LateInstance, look, type SeenNode, type Sight } from "./sight.ts";

/** A node of the simulation. */
export interface Machine extends SeenNode {
  readonly space: NodeSpace;
  readonly isSpot: boolean;
  /** On it, or tried there: by uid. */
  readonly pods: Map<string, Pod>;
}

/** The machine's pods by age, then by uid: whatever was tried with them before. */
export function podsOf({ pods }: Machine): readonly Pod[] {
  const list = [...pods.values()];
  return list.sort((a, b) => a.createdAt - b.createdAt || (a.uid < b.uid ? -1 : 1));
}

/** The cluster as the simulation begins with it: `clusterSnapshot` with its upcoming nodes. */
export interface Machines {
  readonly space: ClusterSpace;
  /** Registered nodes in the order of the snapshot, then upcoming ones in the order of the groups. */
  readonly all: readonly Machine[];
  readonly late: readonly LateInstance[];
}

/**
 * Keeps the cluster of the simulation from tick to tick, and changes in it only what has changed:
 * nodes, pods and groups of a snapshot are the same objects until they are others.
 */
export function createMachineKeeper(): (snapshot: Snapshot, cloud: Cloud, clock: Clockwork) => Machines {
  let space = new ClusterSpace({});
  let last: { readonly snapshot: Snapshot; readonly cloud: Cloud; readonly sight: Sight } | null = null;
  let all: readonly Machine[] = [];
  const known = new Map<string, Machine>();
  const seats = new Map<string, Seat>();
  let round = 0;

  function drop(machine: Machine): void {
    space.removeNode(machine.space);
    known.delete(machine.name);
    for (const uid of machine.pods.keys()) seats.delete(uid);
  }

  function stand(pod: Pod, machine: Machine): void {
    space.place(pod, machine.space);
    machine.pods.set(pod.uid, pod);
    seats.set(pod.uid, { pod, machine, round });
  }

  function leave({ pod, machine }: Seat): void {
    space.displace(pod, machine.space);
    machine.pods.delete(pod.uid);
    seats.delete(pod.uid);
  }

  /** Whether there is another node or another one less. */
  function keepNodes(wanted: readonly SeenNode[], cloud: Cloud): boolean {
    const names = new Set(wanted.map(({ name }) => name));
    let changed = false;
    for (const machine of [...known.values()]) {
      if (names.has(machine.name)) continue;
      drop(machine);
      changed = true;
    }
    all = wanted.map((each) => {
      const before = known.get(each.name);
      if (before && before.node === each.node && before.status === each.status) return before;
      if (before) drop(before);
      changed = true;
      const machine = machineOf(space, cloud, each);
      known.set(each.name, machine);
      return machine;
    });
    return changed;
  }

  function seatPods(pods: Snapshot["pods"]): void {
    round += 1;
    let seated = 0;
    for (const pod of pods) {
      if (pod.nodeName === null) continue;
      const before = seats.get(pod.uid);
      if (before?.pod === pod) {
        before.round = round;
        seated += 1;
        continue;
      }
      const machine = hasEnded(pod) ? undefined : known.get(pod.nodeName);
      if (before) leave(before);
      if (!machine?.node) continue;
      stand(pod, machine);
      seated += 1;
    }
    if (seated === seats.size) return;
    for (const seat of seats.values()) if (seat.round !== round) leave(seat);
  }

  return (snapshot, cloud, clock) => {
    if (last?.snapshot.namespaces !== snapshot.namespaces) {
      space = new ClusterSpace(snapshot.namespaces);
      known.clear();
      seats.clear();
      last = null;
    }
    const isSeen = last?.snapshot.nodes === snapshot.nodes && last.cloud === cloud;
    const sight =
      last && isSeen && !clock.reached(last.sight.until) ? last.sight : look(snapshot, cloud, clock);
    const moved = sight !== last?.sight && keepNodes(sight.nodes, cloud);
    if (moved || last?.snapshot.pods !== snapshot.pods) seatPods(snapshot.pods);
    last = { snapshot, cloud, sight };
    return { space, all, late: sight.late };
  };
}

interface Seat {
  readonly pod: Pod;
  readonly machine: Machine;
  /** When it was last seen taken. */
  round: number;
}

function machineOf(space: ClusterSpace, cloud: Cloud, seen: SeenNode): Machine {
  const group = cloud.groups.get(seen.managed?.group ?? "")?.group;
  const isSpot = group?.capacityType === "spot";
  return { ...seen, space: spaceOf(space, cloud, seen), isSpot, pods: new Map() };
}

function spaceOf(space: ClusterSpace, cloud: Cloud, { name, node, managed }: SeenNode): NodeSpace {
  if (node) return space.addNode(node);
  const template = cloud.groups.get(managed?.group ?? "")?.template;
  if (!template || !managed) throw new RangeError(`nothing says what ${name} will be`);
  return addNodeOf(template, space, name, managed.zone);
}
