import type { ClusterSpace, NodeSpace } from "../../fit/index.ts";
import type { PodsOutcome } from "../../model/plan.ts";
import { type ReasonCode, reason } from "../../model/reason.ts";
import { fnv1a } from "../../model/text.ts";
import { append } from "../append.ts";
import type { DemandGroup } from "../demand.ts";
import { addNodeOf } from "../template.ts";
import type { Worth } from "../worth.ts";
import type { OpenOffering } from "./offerings.ts";
import { putOn, type Shelf, type ShelfKind, type Shelves } from "./shelves.ts";

/** A node that the plan launches. */
export interface PlannedNode {
  /** With the pods that it is for. */
  readonly node: NodeSpace;
  readonly offering: OpenOffering;
  readonly gang: string | null;
  readonly why:
    | "PodsUnschedulable"
    | "GangUnschedulable"
    | "BelowMinimum"
    | "UtilizationHigh"
    | "PodsReplaceable";
}

/** Where the demand went so far. Grows as scale-up goes through it. */
export interface Placement {
  readonly space: ClusterSpace;
  readonly planned: readonly PlannedNode[];
  /** Names of the shelves, of other than new nodes, that demand was put on. */
  readonly used: Readonly<
    Record<"serving" | "closed" | "upcoming" | "repeated" | "draining", ReadonlySet<string>>
  >;
  /** Whether the group's pods may go there by what it costs: on a closed node only those that need it. */
  mayTake(group: DemandGroup, shelf: Shelf): boolean;
  /** How many pods of the group have a place: the first ones. */
  placed(group: DemandGroup): number;
  /** How many have none yet. */
  remaining(group: DemandGroup): number;
  /** How many groups have no pod left. */
  served(): number;
  outcomes(group: DemandGroup): readonly PodsOutcome[];
  /** Puts pods on the upcoming nodes that were launched for them. */
  putOnReserved(groups: readonly DemandGroup[]): void;
  /** Puts as many of the group's pods as fit on existing nodes; on draining ones only when `mature`. */
  putOnShelves(group: DemandGroup): void;
  /** Puts as many as fit on nodes that the plan launches already. */
  putOnNewNodes(group: DemandGroup): void;
  /** The launch of this intent is repeated though no demand is on it. */
  repeat(key: string): void;
  /** Notes that the group's next `count` pods are where `kind` says. */
  settle(group: DemandGroup, count: number, kind: ShelfKind, name: string): void;
  /** A new node in the cluster space, to try. */
  add(offering: OpenOffering): NodeSpace;
  /** Takes an empty one out again. */
  discard(node: NodeSpace): void;
  /** Launches it. Other pods than the gang's are not offered a gang's nodes. */
  keep(node: NodeSpace, offering: OpenOffering, gang: string | null, why: PlannedNode["why"]): void;
}

const REASON_OF: Readonly<Record<ShelfKind, ReasonCode>> = {
  serving: "FitsExistingNode",
  closed: "NodeNeeded",
  upcoming: "FitsUpcomingNode",
  repeated: "LaunchRepeated",
  draining: "DemandReturned",
  new: "Launching",
};

export function createPlacement(space: ClusterSpace, shelves: Shelves, worth: Worth): Placement {
  let added = 0;
  let servedGroups = 0;
  const planned: PlannedNode[] = [];
  const newShelves = new Map<string, Shelf[]>();
  const placed = new Map<DemandGroup, { count: number; readonly outcomes: Map<string, PodsOutcome> }>();
  const used = {
    serving: new Set<string>(),
    closed: new Set<string>(),
    upcoming: new Set<string>(),
    repeated: new Set<string>(),
    draining: new Set<string>(),
  };

  const progress = (group: DemandGroup) => {
    const there = placed.get(group);
    if (there) return there;
    const fresh = { count: 0, outcomes: new Map<string, PodsOutcome>() };
    placed.set(group, fresh);
    return fresh;
  };

  const settle = (group: DemandGroup, count: number, kind: ShelfKind, name: string) => {
    if (count === 0) return;
    const so = progress(group);
    so.count += count;
    if (so.count === group.pods.length) servedGroups++;
    if (kind !== "new") used[kind].add(name);
    const effect = kind === "new" || kind === "repeated" ? name : null;
    const key = `${kind}/${effect ?? ""}`;
    const before = so.outcomes.get(key)?.count ?? 0;
    so.outcomes.set(key, { count: before + count, reason: reason(REASON_OF[kind]), effect });
  };

  /** Shelves that ran out of the resource leave the list: room only shrinks. */
  const putOnAll = (group: DemandGroup, candidates: Shelf[]) => {
    const so = progress(group);
    const { gpuResource, gpuAmount, pods, compiled, mature } = group;
    let kept = 0;
    for (const shelf of candidates) {
      const { space: node, kind, name } = shelf;
      const free = node.free.extended[gpuResource] ?? 0;
      if (free > 0) candidates[kept++] = shelf;
      if (free < gpuAmount || so.count === pods.length || (kind === "draining" && !mature)) continue;
      if (!mayTake(group, shelf)) continue;
      settle(group, putOn(space, node, compiled, pods, so.count), kind, name);
    }
    candidates.length = kept;
  };

  const mayTake = ({ compiled, gpuResource, gpuAmount }: DemandGroup, { kind, machine }: Shelf): boolean =>
    kind !== "closed" ||
    (machine?.managed != null &&
      (used.closed.has(machine.name) || worth.isNeeded(compiled, gpuResource, gpuAmount, machine.managed)));

  const putOnReserved = (groups: readonly DemandGroup[]) => {
    const reserved = new Set(
      [...shelves.values()].flat().filter(({ reservedFor }) => reservedFor.length > 0),
    );
    if (reserved.size === 0) return;
    const groupOf = new Map(groups.flatMap((group) => group.pods.map((pod) => [fnv1a(pod.uid), group])));
    for (const { space: node, kind, name, reservedFor } of reserved) {
      for (const hash of reservedFor) {
        const group = groupOf.get(hash);
        if (!group) continue;
        const from = progress(group).count;
        settle(group, putOn(space, node, group.compiled, group.pods, from, from + 1), kind, name);
      }
    }
  };

  return {
    space,
    planned,
    mayTake,
    putOnReserved,
    repeat: (key) => used.repeated.add(key),
    used,
    placed: (group) => progress(group).count,
    remaining: (group) => group.pods.length - progress(group).count,
    served: () => servedGroups,
    outcomes: (group) => [...progress(group).outcomes.values()],
    putOnShelves: (group) => putOnAll(group, shelves.get(group.gpuResource) ?? []),
    putOnNewNodes: (group) => putOnAll(group, newShelves.get(group.gpuResource) ?? []),
    settle,
    add: (offering) => addNodeOf(offering.template, space, `new/${added++}`, offering.zone),
    discard: (node) => space.removeNode(node),
    keep(node, offering, gang, why) {
      planned.push({ offering, gang, why, node });
      if (gang !== null) return;
      const name = launchName(offering, gang);
      const shelf: Shelf = { space: node, kind: "new", name, reservedFor: [], machine: null };
      for (const resource of Object.keys(offering.template.gpuResources)) append(newShelves, resource, shelf);
    },
  };
}

/** What names a launch while it is planned: nodes of one offering for one gang, or for no gang, go together. */
export function launchName(offering: OpenOffering, gang: string | null): string {
  return gang === null ? offering.name : `${offering.name}/${gang}`;
}
