import type { ClusterSpace, CompiledPod, NodeSpace } from "../../fit/index.ts";
import { isUnneeded, type LaunchIntent, type Snapshot } from "../../model/index.ts";
import type { PodSpec } from "../../model/pod.ts";
import { isGpuResource } from "../../model/resources.ts";
import { compareText } from "../../model/text.ts";
import { append } from "../append.ts";
import type { Fleet } from "../fleet.ts";
import type { Machine } from "../machines.ts";
import { addNodeOf } from "../template.ts";
import { desiredWithoutInstance } from "./limits.ts";

/** Something with room for pods, in the order in which they are offered it. */
export interface Shelf {
  readonly space: NodeSpace;
  readonly kind: ShelfKind;
  /** The node's or instance's name, the intent's key; the offering for a new node. */
  readonly name: string;
  /** Pods that it was launched for, by the hash of their uids. */
  readonly reservedFor: readonly string[];
  /** null for a new or repeated one. */
  readonly machine: Machine | null;
}

/**
 * - `serving` and `upcoming` nodes;
 * - `repeated`: nodes of a launch whose answer was never recorded;
 * - `closed`: a node that takes no new pods but those that need it;
 * - `draining`: an empty node on its way out, which demand takes back;
 * - `new`: a node that this plan launches.
 */
export type ShelfKind = "serving" | "closed" | "upcoming" | "repeated" | "draining" | "new";

export const ORDER: readonly ShelfKind[] = ["serving", "closed", "upcoming", "repeated", "draining"];

/** Shelves by the GPU resource that they have some of: fullest first, so that others can empty. */
export type Shelves = ReadonlyMap<string, Shelf[]>;

export function stockShelves(
  fleet: Fleet,
  snapshot: Snapshot,
  repeatable: ReadonlyMap<string, LaunchIntent>,
): Shelves {
  const all: Shelf[] = [];
  const reservations = reservationsOf(snapshot);
  for (const machine of fleet.machines) {
    const kind = kindOf(machine, snapshot);
    if (!kind || !machine.space) continue;
    const reservedFor = (kind === "upcoming" && reservations.get(machine.managed?.id ?? "")) || NONE;
    all.push({ space: machine.space, kind, name: machine.name, reservedFor, machine });
  }
  for (const [key, intent] of repeatable) all.push(...repeated(key, intent, fleet));
  for (const of of fleet.groups) {
    for (let i = 0; i < desiredWithoutInstance(of); i++) {
      if (!of.template) continue;
      const name = `${of.group.name}/desired-${i}`;
      const space = addNodeOf(of.template, fleet.space, name, of.group.zones[0] ?? "");
      all.push({ space, kind: "upcoming", name, reservedFor: NONE, machine: null });
    }
  }
  return byResource(all);
}

function kindOf(machine: Machine, snapshot: Snapshot): ShelfKind | null {
  // Nobody opens the nodes of a pool that is paused or in dry run.
  if (machine.closed) return isOutOfHand(machine, snapshot) ? null : "closed";
  if (machine.status === "serving" || machine.status === "upcoming") return machine.status;
  return isReprievable(machine, snapshot) ? "draining" : null;
}

function isOutOfHand({ managed }: Machine, { state: { paused } }: Snapshot): boolean {
  const pool = managed?.pool;
  return pool === undefined || pool.dryRun || paused.includes("*") || paused.includes(pool.name);
}

/** Whether the machine is a node that is being removed because it is not needed, and still there. */
export function isReprievable(machine: Machine, snapshot: Snapshot): boolean {
  return (
    machine.status === "leaving" &&
    machine.node?.ready === true &&
    machine.managed?.terminating === false &&
    isUnneeded(snapshot.state.draining[machine.name]) &&
    !snapshot.interruptions.some(
      ({ kind, instanceId }) => kind === "spot-interruption" && instanceId === machine.managed?.id,
    )
  );
}

function repeated(key: string, intent: LaunchIntent, fleet: Fleet): Shelf[] {
  const template = fleet.groups.find(({ group }) => group.name === intent.group)?.template;
  if (!template) return [];
  return Array.from({ length: intent.count }, (_, i) => ({
    space: addNodeOf(template, fleet.space, `${key}/${i}`, intent.zone),
    kind: "repeated",
    name: key,
    reservedFor: intent.pods[i] ?? NONE,
    machine: null,
  }));
}

const NONE: readonly string[] = [];

/** Which pods the instances of made launches are for, by instance id. */
function reservationsOf({ state }: Snapshot): Map<string, readonly string[]> {
  const reservations = new Map<string, readonly string[]>();
  for (const { instances, pods } of Object.values(state.launches)) {
    for (const [i, { id }] of (instances ?? []).entries()) reservations.set(id, pods[i] ?? NONE);
  }
  return reservations;
}

function byResource(shelves: readonly Shelf[]): Shelves {
  const lists = new Map<string, { shelf: Shelf; free: number }[]>();
  for (const shelf of shelves) {
    const { extended } = shelf.space.free;
    for (const name in extended) {
      const free = extended[name] ?? 0;
      if (free <= 0 || !isGpuResource(name)) continue;
      append(lists, name, { shelf, free });
    }
  }
  return new Map(
    [...lists].map(([name, list]) => [
      name,
      list
        .sort(
          (a, b) =>
            ORDER.indexOf(a.shelf.kind) - ORDER.indexOf(b.shelf.kind) ||
            a.free - b.free ||
            compareText(a.shelf.space.spec.name, b.shelf.space.spec.name),
        )
        .map(({ shelf }) => shelf),
    ]),
  );
}

/** Puts as many of the pods from `from` to before `to` on the node as fit; gives how many. */
export function putOn(
  space: ClusterSpace,
  node: NodeSpace,
  compiled: CompiledPod,
  pods: readonly PodSpec[],
  from: number,
  to: number = pods.length,
): number {
  let count = 0;
  for (let i = from; i < to; i++) {
    const pod = pods[i];
    if (!pod || !space.fits(compiled, node)) break;
    space.place(pod, node);
    count++;
  }
  return count;
}
