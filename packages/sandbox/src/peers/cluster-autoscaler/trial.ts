import { addNodeOf, type ClusterSpace, isGpuResource, type NodeSpace, type Pod } from "@gpu-autoscaler/core";
import type { Machine, Machines } from "./machines.ts";
import type { NodeGroup } from "./node-groups.ts";
import type { PodKind } from "./pod-kinds.ts";

/**
 * What a loop tries out in the simulation: the fork of Cluster Autoscaler's snapshot. All of it is
 * undone by `rollback`.
 */
export interface Trial {
  readonly space: ClusterSpace;
  /** With the nodes that were added. */
  readonly machines: readonly Machine[];
  named(name: string): Machine | null;
  put(pod: Pod, machine: Machine): void;
  take(pod: Pod, machine: Machine): void;
  /** A node that the group will have. */
  add(nodeGroup: NodeGroup): Machine;
  /** Where to roll back to. */
  mark(): number;
  rollback(mark: number): void;
}

export function createTrial({ space, all }: Machines): Trial {
  const machines = [...all];
  let byName: Map<string, Machine> | null = null;
  const undo: (() => void)[] = [];
  const put = (pod: Pod, machine: Machine) => {
    space.place(pod, machine.space);
    machine.pods.set(pod.uid, pod);
  };
  const take = (pod: Pod, machine: Machine) => {
    space.displace(pod, machine.space);
    machine.pods.delete(pod.uid);
  };
  return {
    space,
    machines,
    named(name) {
      byName ??= new Map(machines.map((machine) => [machine.name, machine]));
      return byName.get(name) ?? null;
    },
    put(pod, machine) {
      put(pod, machine);
      undo.push(() => take(pod, machine));
    },
    take(pod, machine) {
      take(pod, machine);
      undo.push(() => put(pod, machine));
    },
    add(nodeGroup) {
      const machine = newMachine(space, nodeGroup, `upcoming-${machines.length}`);
      machines.push(machine);
      byName = null;
      undo.push(() => {
        space.removeNode(machine.space);
        machines.splice(machines.indexOf(machine), 1);
        byName = null;
      });
      return machine;
    },
    mark: () => undo.length,
    rollback(mark) {
      while (undo.length > mark) undo.pop()?.();
    },
  };
}

/** A node as the group's template says, outside of any trial. */
export function newMachine(space: ClusterSpace, { template, zone, spot }: NodeGroup, name: string): Machine {
  return {
    name,
    status: "upcoming",
    node: null,
    managed: null,
    space: addNodeOf(template, space, name, zone),
    isSpot: spot !== null,
    pods: new Map(),
  };
}

/** Whether a pod of the kind may go to the machine, as it now is. */
export function takes(space: ClusterSpace, { compiled, mayBeSpot }: PodKind, machine: Machine): boolean {
  return (mayBeSpot || !machine.isSpot) && space.fits(compiled, machine.space);
}

/** Whether the node has a GPU, or a part of one, to give. */
export function hasFreeGpu({ free }: NodeSpace): boolean {
  for (const name in free.extended) {
    if (isGpuResource(name) && (free.extended[name] ?? 0) > 0) return true;
  }
  return false;
}
