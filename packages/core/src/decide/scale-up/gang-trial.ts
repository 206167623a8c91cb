import type { NodeSpace } from "../../fit/index.ts";
import type { Pod } from "../../model/pod.ts";
import type { NanoDollars } from "../../model/units.ts";
import type { DemandGroup, GangDemand } from "../demand.ts";
import type { GangShelves } from "./gang-shelves.ts";
import type { OpenOffering } from "./offerings.ts";
import type { Placement } from "./placement.ts";
import { putOn, type Shelf } from "./shelves.ts";

/** A whole gang where it was put to try. It stands there until it is undone. */
export interface GangTrial {
  readonly placed: readonly { readonly pod: Pod; readonly node: NodeSpace }[];
  readonly onShelves: readonly {
    readonly group: DemandGroup;
    readonly count: number;
    readonly shelf: Shelf;
  }[];
  /** How many pods of which group are on new nodes, all of one offering. */
  readonly onNewNodes: readonly { readonly group: DemandGroup; readonly count: number }[];
  readonly offering: OpenOffering | null;
  readonly nodes: readonly NodeSpace[];
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

/** Places the whole gang, or, where it does not fit whole, nothing of it: null. */
export function tryGang(
  placement: Placement,
  gang: GangDemand,
  shelves: GangShelves,
  source: NewNodeSource | null,
): GangTrial | null {
  const placed: { pod: Pod; node: NodeSpace }[] = [];
  const nodes: NodeSpace[] = [];
  const onShelves: { group: DemandGroup; count: number; shelf: Shelf }[] = [];
  const onNewNodes: { group: DemandGroup; count: number }[] = [];

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

  const putOnNew = (group: DemandGroup, from: number, node: NodeSpace): number => {
    const count = put(group, from, node);
    if (count > 0) onNewNodes.push({ group, count });
    return count;
  };

  const putAll = (group: DemandGroup): boolean => {
    let done = putOnShelves(group);
    if (!source?.canTake.includes(group)) return done === group.pods.length;
    for (const node of nodes) done += putOnNew(group, done, node);
    while (done < group.pods.length && nodes.length < source.mostNodes) {
      const node = placement.add(source.offering);
      nodes.push(node);
      const count = putOnNew(group, done, node);
      if (count === 0) return false;
      done += count;
    }
    return done === group.pods.length;
  };

  const isWhole = gang.groups.every(putAll);
  const offering = source?.offering ?? null;
  const price = offering?.price.effectiveNanoDollarsPerHour ?? 0;
  const effectiveNanoDollarsPerHour = nodes.length * price;
  const trial = { placed, onShelves, onNewNodes, offering, nodes, effectiveNanoDollarsPerHour };
  if (isWhole) return trial;
  undo(placement, trial);
  return null;
}

export function undo(placement: Placement, { placed, nodes }: Pick<GangTrial, "placed" | "nodes">): void {
  for (const { pod, node } of placed) placement.space.displace(pod, node);
  for (const node of nodes) placement.discard(node);
}
