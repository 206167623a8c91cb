import type { NodeSpace } from "../../fit/index.ts";
import { HOSTNAME_LABEL, ZONE_LABEL } from "../../model/keys.ts";
import type { Pod } from "../../model/pod.ts";
import type { DemandGroup, GangDemand } from "../demand.ts";
import type { Fleet } from "../fleet.ts";
import type { Limits } from "./limits.ts";
import type { NewNodes } from "./new-nodes.ts";
import type { Offerings, OpenOffering } from "./offerings.ts";
import { launchName, type Placement } from "./placement.ts";
import { putOn, type Shelf, type Shelves } from "./shelves.ts";

/** Where a gang's pods go: all of them. */
interface GangPlan {
  readonly onShelves: readonly {
    readonly group: DemandGroup;
    readonly count: number;
    readonly shelf: Shelf;
  }[];
  /** New nodes, all of one offering. */
  readonly offering: OpenOffering | null;
  readonly nodes: number;
  readonly onNewNodes: ReadonlyMap<DemandGroup, number>;
  readonly effectiveNanoDollarsPerHour: number;
}

export interface Gangs {
  /** Places the gang on nodes that exist or are coming, if all of it fits there. */
  placeOnShelves(gang: GangDemand): boolean;
  /** Places it with the help of new nodes, the cheapest way; false when no offering can take it whole. */
  placeWithNewNodes(gang: GangDemand): boolean;
}

/**
 * Gangs are placed whole or not at all, in one domain of their topology key (the zone, unless they
 * say otherwise), with new nodes of one offering, since a gang runs at the pace of its slowest node.
 */
export function createGangs(
  placement: Placement,
  shelves: Shelves,
  offerings: Offerings,
  limits: Limits,
  fleet: Fleet,
  newNodes: NewNodes,
): Gangs {
  const { space } = placement;

  return {
    placeOnShelves(gang) {
      for (const domain of domainsOfShelves(gang)) {
        const plan = tryIn(gang, domain, null);
        if (plan) {
          commit(gang, plan);
          return true;
        }
      }
      return false;
    },
    placeWithNewNodes(gang) {
      let best: GangPlan | null = null;
      for (const offering of offerings.open) {
        const domain = domainOfOffering(gang, offering);
        if (domain === undefined || !gang.groups.some((group) => newNodes.isFeasible(group, offering)))
          continue;
        const plan = tryIn(gang, domain, offering);
        if (plan && (!best || plan.effectiveNanoDollarsPerHour < best.effectiveNanoDollarsPerHour))
          best = plan;
      }
      if (best) commit(gang, best);
      return best !== null;
    },
  };

  /** Values of the gang's topology key among nodes; the one its bound pods are in, when it has some. */
  function domainsOfShelves(gang: GangDemand): readonly (string | null)[] {
    const { topologyKey } = gang;
    if (topologyKey === null) return [null];
    const bound = domainOfBound(gang);
    if (bound !== undefined) return [bound];
    const values = new Set<string>();
    for (const group of gang.groups) {
      for (const { space: node } of shelves.get(group.gpuResource) ?? []) {
        const value = node.spec.labels[topologyKey];
        if (value !== undefined) values.add(value);
      }
    }
    return [...values].sort();
  }

  /** The domain that new nodes of the offering are in; undefined when the gang cannot use it. */
  function domainOfOffering(gang: GangDemand, offering: OpenOffering): string | null | undefined {
    const { topologyKey } = gang;
    if (topologyKey === null) return null;
    const value =
      topologyKey === ZONE_LABEL
        ? offering.zone
        : topologyKey === HOSTNAME_LABEL
          ? ONE_NODE
          : offering.template.labels[topologyKey];
    const bound = domainOfBound(gang);
    return bound === undefined || bound === value ? value : undefined;
  }

  function domainOfBound(gang: GangDemand): string | undefined {
    const [pod] = gang.bound;
    const machine = pod?.nodeName ? fleet.byNodeName.get(pod.nodeName) : undefined;
    return gang.topologyKey === null ? undefined : machine?.node?.labels[gang.topologyKey];
  }

  /** Tries the gang in a domain, with new nodes of the offering as needed, and undoes it all. */
  function tryIn(gang: GangDemand, domain: string | null, offering: OpenOffering | null): GangPlan | null {
    const placed: { pod: Pod; node: NodeSpace }[] = [];
    const added: NodeSpace[] = [];
    const onShelves: { group: DemandGroup; count: number; shelf: Shelf }[] = [];
    const onNewNodes = new Map<DemandGroup, number>();
    const put = (group: DemandGroup, from: number, node: NodeSpace): number => {
      const count = putOn(space, node, group.compiled, group.pods, from);
      for (const pod of group.pods.slice(from, from + count)) placed.push({ pod, node });
      return count;
    };
    const mostNodes = offering
      ? domain === ONE_NODE
        ? Math.min(1, limits.allow(offering, 1).count)
        : limits.allow(offering, MOST_NODES).count
      : 0;

    const placeGroup = (group: DemandGroup): boolean => {
      let from = 0;
      for (const shelf of domain === ONE_NODE ? [] : (shelves.get(group.gpuResource) ?? [])) {
        if (from === group.pods.length) break;
        if (shelf.kind === "draining" && !gang.mature) continue;
        if (
          domain !== null &&
          gang.topologyKey !== null &&
          shelf.space.spec.labels[gang.topologyKey] !== domain
        )
          continue;
        const count = put(group, from, shelf.space);
        if (count > 0) onShelves.push({ group, count, shelf });
        from += count;
      }
      const onShelf = from;
      if (offering && newNodes.isFeasible(group, offering)) {
        for (const node of added) from += put(group, from, node);
        while (from < group.pods.length && added.length < mostNodes) {
          const node = placement.add(offering);
          added.push(node);
          const count = put(group, from, node);
          if (count === 0) break;
          from += count;
        }
      }
      onNewNodes.set(group, from - onShelf);
      return from === group.pods.length;
    };

    const whole = gang.groups.every(placeGroup);
    const nodes = added.length;
    for (const { pod, node } of placed) space.displace(pod, node);
    for (const node of added) placement.discard(node);
    if (!whole) return null;
    return {
      onShelves,
      offering,
      nodes,
      onNewNodes,
      effectiveNanoDollarsPerHour: nodes * (offering?.price.effectiveNanoDollarsPerHour ?? 0),
    };
  }

  /** Does for good what `tryIn` tried: the same pods on the same nodes. */
  function commit(gang: GangDemand, plan: GangPlan): void {
    for (const { group, count, shelf } of plan.onShelves) {
      const left = placement.left(group);
      for (const pod of left.slice(0, count)) space.place(pod, shelf.space);
      placement.settle(group, count, shelf.kind, shelf.name);
    }
    const { offering } = plan;
    if (!offering || plan.nodes === 0) return;
    const nodes = Array.from({ length: plan.nodes }, () => placement.add(offering));
    for (const group of gang.groups) {
      const wanted = plan.onNewNodes.get(group) ?? 0;
      let done = 0;
      for (const node of nodes) {
        const pods = placement.left(group).slice(done, wanted);
        done += putOn(space, node, group.compiled, pods, 0);
      }
      placement.settle(group, wanted, "new", launchName(offering, gang.name));
    }
    for (const node of nodes) placement.keep(node, offering, gang.name, "GangUnschedulable");
    limits.take(offering, plan.nodes);
  }
}

/** A LaunchInstances call takes at most so many, and a gang is one call. */
const MOST_NODES = 100;

/** The domain of a gang that shares a hostname: whatever node it is, it is one. */
const ONE_NODE = "\u0000one-node";
