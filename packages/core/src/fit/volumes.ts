import type { Labels, NodeSelector } from "../model/pod.ts";
import { describeNodeSelector, matchesNode } from "./node-affinity.ts";

/** The plugins VolumeBinding and VolumeZone: the node reaches every volume. */
export function reachesVolumes(topologies: readonly NodeSelector[], name: string, labels: Labels): boolean {
  for (const topology of topologies) {
    if (!matchesNode(topology, name, labels)) return false;
  }
  return true;
}

export function describeUnreached(topologies: readonly NodeSelector[], name: string, labels: Labels): string {
  const unreached = topologies.filter((topology) => !matchesNode(topology, name, labels));
  return unreached
    .map((topology) => `a volume is reached only from ${describeNodeSelector(topology)}`)
    .join("; ");
}
