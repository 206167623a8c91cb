import { type Gang, gangOf, isGpuResource } from "@gpu-autoscaler/core";
import { pickNode } from "./scheduler.ts";
import type { NodeState, PodState, WorldState } from "./state.ts";

/**
 * Places a gang on the nodes whose topology label has one value, the first value by name that takes
 * all of it; on any nodes when the gang may spread. Gives each pod its node, placed in the cluster
 * space already, or nothing at all: also when not all of its pods exist, or disagree about its size.
 */
export function placeGang(
  world: WorldState,
  gang: Gang,
  members: readonly PodState[],
  nodes: readonly NodeState[],
): ReadonlyMap<PodState, NodeState> {
  const agreed = members.every((each) => gangOf(each.pod)?.size === gang.size);
  if (!agreed || members.length < gang.size) return new Map();
  for (const domain of domainsOf(gang, nodes)) {
    const placement = placeAll(world, members, domain);
    if (placement) return placement;
  }
  return new Map();
}

function gpusOf({ pod }: PodState): number {
  return Object.entries(pod.requests.extended).reduce(
    (sum, [name, count]) => sum + (isGpuResource(name) ? count : 0),
    0,
  );
}

function domainsOf({ topologyKey }: Gang, nodes: readonly NodeState[]): (readonly NodeState[])[] {
  if (topologyKey === null) return [nodes];
  const byValue = Map.groupBy(nodes, ({ node }) => node.labels[topologyKey]);
  byValue.delete(undefined);
  return [...byValue].sort(([a = ""], [b = ""]) => (a < b ? -1 : 1)).map(([, domain]) => domain);
}

function placeAll(
  { space }: WorldState,
  members: readonly PodState[],
  domain: readonly NodeState[],
): ReadonlyMap<PodState, NodeState> | null {
  const placement = new Map<PodState, NodeState>();
  // A small pod must not take the node that a large one needs whole.
  for (const member of members.toSorted((a, b) => gpusOf(b) - gpusOf(a))) {
    const node = pickNode(space, member.kind, [...domain]);
    if (!node) {
      for (const [placed, on] of placement) space.displace(placed.pod, on.space);
      return null;
    }
    space.place(member.pod, node.space);
    placement.set(member, node);
  }
  return placement;
}
