import {
  type Effect,
  type Group,
  gpuParts,
  type Instance,
  isGpuResource,
  isInterruptible,
  type LaunchInstances,
  type Node,
  type Plan,
  type Pod,
  type Pool,
} from "@gpu-autoscaler/core";
import { START } from "../builders/index.ts";
import type { Situation } from "./arbitraries.ts";

/** An instance as Auto Scaling or a recorded launch tells of it. */
export interface Standing {
  readonly instance: Instance;
  readonly pool: Pool;
  readonly group: Group;
  readonly node: Node | null;
  /** Died, or did not become a node in time. */
  readonly dead: boolean;
  /** EC2 announced to take it. */
  readonly interrupted: boolean;
  /** Somebody takes it: EC2, or a drain that began before. */
  readonly leaving: boolean;
}

/** Every instance that is not being terminated, counted without the program's help. */
export function standing({ policy, snapshot }: Situation): Standing[] {
  const listed = new Set(snapshot.groups.flatMap(({ instances }) => instances.map(({ id }) => id)));
  return policy.pools.flatMap((pool) =>
    pool.groups.flatMap((group) => {
      const status = snapshot.groups.find(({ name }) => name === group.name);
      const unlisted = Object.values(snapshot.state.launches)
        .filter((intent) => intent.group === group.name)
        .flatMap(({ instances, createdAt }) =>
          (instances ?? [])
            .filter(({ id }) => !listed.has(id))
            .map(
              (each): Instance => ({ ...each, lifecycle: "pending", healthy: true, launchedAt: createdAt }),
            ),
        );
      return [...(status?.instances ?? []), ...unlisted]
        .filter(({ lifecycle }) => lifecycle !== "terminating")
        .map((instance) => standingOf({ policy, snapshot }, pool, group, instance));
    }),
  );
}

function standingOf({ snapshot }: Situation, pool: Pool, group: Group, instance: Instance): Standing {
  const node = snapshot.nodes.find(({ instanceId }) => instanceId === instance.id) ?? null;
  const isLate = START >= instance.launchedAt + pool.provisionTimeoutMs;
  const isInterrupted = snapshot.interruptions.some(
    ({ instanceId, kind }) => instanceId === instance.id && kind === "spot-interruption",
  );
  const isDrained =
    node !== null &&
    (node.name in snapshot.state.draining || node.taints.some(({ key }) => /^gpu-auto/.test(key)));
  return {
    instance,
    pool,
    group,
    node,
    dead: node === null && (!instance.healthy || isLate),
    interrupted: isInterrupted,
    leaving: isInterrupted || isDrained,
  };
}

export function launchesOf({ effects }: Plan): LaunchInstances[] {
  return effects.filter((effect) => effect.kind === "LaunchInstances");
}

/** Nodes that a plan adds to a group: launched, or by a raised desired capacity. */
export function addedTo({ effects }: Plan, group: string): number {
  return sum(effects, (effect) => {
    if (effect.kind === "LaunchInstances" && effect.group === group) return effect.count;
    if (effect.kind === "SetDesiredCapacity" && effect.group === group)
      return Math.max(0, effect.to - effect.from);
    return 0;
  });
}

/** Ids of instances that a plan ends for the reason. */
export function endedBy({ effects }: Plan, isFor: (effect: Effect) => boolean = () => true): Set<string> {
  return new Set(
    effects.flatMap((effect) =>
      effect.kind === "TerminateInstances" && isFor(effect) ? effect.instances.map(({ id }) => id) : [],
    ),
  );
}

/** Desired capacity of an adopted group that no instance fills yet. */
export function unborn({ snapshot }: Situation, group: Group): number {
  const status = snapshot.groups.find(({ name }) => name === group.name);
  if (!group.adopted || !status) return 0;
  const live = status.instances.filter(({ lifecycle }) => lifecycle !== "terminating").length;
  return Math.max(0, status.desired - live);
}

/** Least common multiple of the parts that any layout of the arbitraries cuts a GPU into. */
export const PARTS_OF_A_GPU = 42;

/** The GPUs that interruptible pods hold or ask for, at the most, in parts of a GPU: exact. */
export function interruptibleParts({ policy, snapshot }: Situation): number {
  const layouts = policy.pools.map(({ sharing }) => sharing);
  const partsOf = (resource: string) =>
    Math.max(
      0,
      ...layouts.map((sharing) => {
        const share = gpuParts(sharing, resource);
        return share ? (share.parts * PARTS_OF_A_GPU) / share.perGpu : 0;
      }),
    );
  const held = ({ requests }: Pod) =>
    sum(Object.entries(requests.extended), ([name, amount]) =>
      isGpuResource(name) ? amount * partsOf(name) : 0,
    );
  return sum(
    snapshot.pods.filter((pod) => isInterruptible(pod, policy.spot.interruptibleClasses)),
    held,
  );
}

export function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
