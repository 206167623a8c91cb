import type { NodeSpace } from "../../fit/index.ts";
import type { Pod } from "../../model/pod.ts";
import type { NanoDollars } from "../../model/units.ts";
import type { DemandGroup, GangDemand } from "../demand.ts";
import type { OpenOffering } from "./offerings.ts";
import type { Placement } from "./placement.ts";
import { putOn, type Shelf } from "./shelves.ts";

/** Where a gang's pods go: all of them. */
export interface GangPlan {
  readonly onShelves: readonly {
    readonly group: DemandGroup;
    readonly count: number;
    readonly shelf: Shelf;
  }[];
  /** What the other pods need: so many new nodes, all of one offering. */
  readonly offering: OpenOffering | null;
  readonly onNewNodes: readonly {
    readonly group: DemandGroup;
    readonly count: number;
    readonly node: number;
  }[];
  readonly nodes: number;
  readonly effectiveNanoDollarsPerHour: NanoDollars;
}

/** New nodes that a gang could have. */
export interface NewNodeSource {
  readonly offering: OpenOffering;
  /** Where they are, by the gang's topology key; null where it does not matter. */
  readonly domain: string | null;
  /** The whole gang has to be on one of them. */
  readonly isOneNode: boolean;
  /** The groups of the gang that an empty one can take. */
  readonly canTake: readonly DemandGroup[];
  readonly mostNodes: number;
}

/** Nodes that pods of a gang may go to, by the GPU resource that they have, in the order in which they are offered. */
export type GangShelves = ReadonlyMap<string, readonly Shelf[]>;

/** Tries to place the whole gang, undoes it, and tells where it would go; null when it does not fit whole. */
export function tryGang(
  placement: Placement,
  gang: GangDemand,
  shelves: GangShelves,
  source: NewNodeSource | null,
): GangPlan | null {
  const placed: { readonly pod: Pod; readonly node: NodeSpace }[] = [];
  const added: NodeSpace[] = [];
  const onShelves: { group: DemandGroup; count: number; shelf: Shelf }[] = [];

  const onNewNodes: { group: DemandGroup; count: number; node: number }[] = [];

  const put = (group: DemandGroup, from: number, node: NodeSpace): number => {
    const count = putOn(placement.space, node, group.compiled, group.pods, from);
    for (const pod of group.pods.slice(from, from + count)) placed.push({ pod, node });
    return count;
  };

  const putOnShelves = (group: DemandGroup): number => {
    let done = 0;
    for (const shelf of shelves.get(group.gpuResource) ?? []) {
      if (done === group.pods.length) break;
      if (shelf.kind === "draining" && !gang.mature) continue;
      const count = put(group, done, shelf.space);
      if (count > 0) onShelves.push({ group, count, shelf });
      done += count;
    }
    return done;
  };

  const putOnNew = (group: DemandGroup, from: number, index: number): number => {
    const node = added[index];
    const count = node ? put(group, from, node) : 0;
    if (count > 0) onNewNodes.push({ group, count, node: index });
    return count;
  };

  const putAll = (group: DemandGroup): boolean => {
    let done = putOnShelves(group);
    if (!source?.canTake.includes(group)) return done === group.pods.length;
    for (const node of added.keys()) done += putOnNew(group, done, node);
    while (done < group.pods.length && added.length < source.mostNodes) {
      added.push(placement.add(source.offering));
      const count = putOnNew(group, done, added.length - 1);
      if (count === 0) return false;
      done += count;
    }
    return done === group.pods.length;
  };

  const isWhole = gang.groups.every(putAll);
  for (const { pod, node } of placed) placement.space.displace(pod, node);
  for (const node of added) placement.discard(node);
  if (!isWhole) return null;
  const price = source?.offering.price.effectiveNanoDollarsPerHour ?? 0;
  return {
    onShelves,
    offering: source?.offering ?? null,
    nodes: added.length,
    onNewNodes,
    effectiveNanoDollarsPerHour: added.length * price,
  };
}
