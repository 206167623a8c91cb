import { type ClusterSpace, Eligible, hasGpusLeft, type NodeSpace } from "../../fit/index.ts";
import type { PodsOutcome } from "../../model/plan.ts";
import { type ReasonCode, reason } from "../../model/reason.ts";
import { fnv1a } from "../../model/text.ts";
import { append } from "../append.ts";
import type { DemandGroup } from "../demand.ts";
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

const REASON_OF: Readonly<Record<ShelfKind, ReasonCode>> = {
  serving: "FitsExistingNode",
  closed: "NodeNeeded",
  upcoming: "FitsUpcomingNode",
  repeated: "LaunchRepeated",
  draining: "DemandReturned",
  new: "Launching",
};

/** How many of a group's pods have a place, the first ones, and where. */
interface Progress {
  count: number;
  readonly outcomes: Outcome[];
}

interface Outcome extends PodsOutcome {
  count: number;
}

/** Where the demand went so far. Grows as scale-up goes through it. */
export class Placement {
  readonly space: ClusterSpace;
  /** Names of the shelves, of other than new nodes, that demand was put on. */
  readonly used = {
    serving: new Set<string>(),
    closed: new Set<string>(),
    upcoming: new Set<string>(),
    repeated: new Set<string>(),
    draining: new Set<string>(),
  };
  readonly #shelves: Shelves;
  /** By the GPU resource. */
  readonly #eligible: ReadonlyMap<string, Eligible<Shelf>>;
  readonly #worth: Worth;
  readonly #planned: PlannedNode[] = [];
  readonly #newShelves = new Map<string, Shelf[]>();
  /** By the index of the group. */
  readonly #progress: (Progress | undefined)[] = [];
  #added = 0;
  #served = 0;

  constructor(space: ClusterSpace, shelves: Shelves, worth: Worth) {
    this.space = space;
    this.#shelves = shelves;
    this.#eligible = new Map(
      [...shelves].map(([resource, some]) => [resource, new Eligible(space, some, (shelf) => shelf.space)]),
    );
    this.#worth = worth;
  }

  get planned(): readonly PlannedNode[] {
    return this.#planned;
  }

  /** How many groups have no pod left. */
  get served(): number {
    return this.#served;
  }

  /** How many pods of the group have a place: the first ones. */
  placed(group: DemandGroup): number {
    return this.#progressOf(group).count;
  }

  /** How many have none yet. */
  remaining(group: DemandGroup): number {
    return group.pods.length - this.#progressOf(group).count;
  }

  outcomes(group: DemandGroup): readonly PodsOutcome[] {
    return this.#progressOf(group).outcomes;
  }

  /** Whether the group's pods may go there by what it costs: on a closed node only those that need it. */
  mayTake({ compiled, gpuResource, gpuAmount }: DemandGroup, { kind, machine }: Shelf): boolean {
    if (kind !== "closed") return true;
    if (machine?.managed == null) return false;
    return (
      this.used.closed.has(machine.name) ||
      this.#worth.isNeeded(compiled, gpuResource, gpuAmount, machine.managed)
    );
  }

  /** Puts pods on the upcoming nodes that were launched for them. */
  putOnReserved(groups: readonly DemandGroup[]): void {
    const reserved = new Set(
      [...this.#shelves.values()].flat().filter(({ reservedFor }) => reservedFor.length > 0),
    );
    if (reserved.size === 0) return;
    const groupOf = new Map(groups.flatMap((group) => group.pods.map((pod) => [fnv1a(pod.uid), group])));
    for (const { space: node, kind, name, reservedFor } of reserved) {
      for (const hash of reservedFor) {
        const group = groupOf.get(hash);
        if (!group) continue;
        const from = this.placed(group);
        const put = putOn(this.space, node, group.compiled, group.pods, from, from + 1);
        this.settle(group, put, kind, name);
      }
    }
  }

  /** Puts as many of the group's pods as fit on existing nodes; on draining ones only when `mature`. */
  putOnShelves(group: DemandGroup): void {
    this.#putOnAll(group, this.#eligible.get(group.gpuResource)?.for(group.compiled) ?? []);
  }

  /** Puts as many as fit on nodes that the plan launches already. */
  putOnNewNodes(group: DemandGroup): void {
    this.#putOnAll(group, this.#newShelves.get(group.gpuResource) ?? []);
  }

  /** Shelves that ran out of the resource leave the list: room only shrinks. */
  #putOnAll(group: DemandGroup, candidates: Shelf[]): void {
    const so = this.#progressOf(group);
    const { gpuResource, gpuAmount, pods, compiled, mature } = group;
    let kept = 0;
    for (const shelf of candidates) {
      const { space: node, kind, name } = shelf;
      const free = node.free.extended[gpuResource] ?? 0;
      if (free > 0) candidates[kept++] = shelf;
      if (free < gpuAmount || so.count === pods.length || (kind === "draining" && !mature)) continue;
      if (!this.mayTake(group, shelf)) continue;
      this.settle(group, putOn(this.space, node, compiled, pods, so.count), kind, name);
    }
    candidates.length = kept;
  }

  /** The launch of this intent is repeated though no demand is on it. */
  repeat(key: string): void {
    this.used.repeated.add(key);
  }

  /** Notes that the group's next `count` pods are where `kind` says. */
  settle(group: DemandGroup, count: number, kind: ShelfKind, name: string): void {
    if (count === 0) return;
    const so = this.#progressOf(group);
    so.count += count;
    if (so.count === group.pods.length) this.#served++;
    if (kind !== "new") this.used[kind].add(name);
    const code = REASON_OF[kind];
    const effect = kind === "new" || kind === "repeated" ? name : null;
    const before = so.outcomes.findLast((each) => each.reason.code === code && each.effect === effect);
    if (before) before.count += count;
    else so.outcomes.push({ count, reason: reason(code), effect });
  }

  #progressOf({ index }: DemandGroup): Progress {
    let progress = this.#progress[index];
    if (progress === undefined) {
      progress = { count: 0, outcomes: [] };
      this.#progress[index] = progress;
    }
    return progress;
  }

  /** A new node in the cluster space, to try. */
  add({ empty }: OpenOffering): NodeSpace {
    return this.space.addLike(empty, `new/${this.#added++}`);
  }

  /** Takes it out again, with the pods that were put there to try. */
  discard(node: NodeSpace): void {
    this.space.removeNode(node);
  }

  /** Launches it, with the pods that are on it. Other pods than the gang's are not offered a gang's nodes. */
  keep(node: NodeSpace, offering: OpenOffering, gang: string | null, why: PlannedNode["why"]): void {
    this.#planned.push({ offering, gang, why, node });
    if (gang !== null || !hasGpusLeft(node)) return;
    const name = launchName(offering, gang);
    const shelf: Shelf = { space: node, kind: "new", name, reservedFor: [], machine: null };
    for (const resource in offering.template.gpuResources) append(this.#newShelves, resource, shelf);
  }
}

/** What names a launch while it is planned: nodes of one offering for one gang, or for no gang, go together. */
export function launchName(offering: OpenOffering, gang: string | null): string {
  return gang === null ? offering.name : `${offering.name}/${gang}`;
}
