import { FULL_COVERAGE_MILLI, type GpuMeasurement } from "../model/measurement.ts";
import type { Node } from "../model/node.ts";
import { isGpuResource } from "../model/resources.ts";

/** Measurements by the names of Nodes, and what is wrong with the names that they came with. */
export interface MeasuredNodes {
  readonly measurements: readonly GpuMeasurement[];
  /** In words that name the mend. */
  readonly gaps: readonly string[];
}

/**
 * Brings measurements to the Nodes that they are of. An exporter may tell its host's name without
 * the domain ("ip-10-0-1-2" on ip-10-0-1-2.ec2.internal): where one Node alone begins so, it is
 * meant. Names of no Node stay as they are, for nodes go and measurements follow; but when there
 * are GPU nodes, and GPUs are measured now of which none is theirs, the names are wrong.
 */
export function measurementsOfNodes(
  measurements: readonly GpuMeasurement[],
  nodes: readonly Node[],
): MeasuredNodes {
  const names = new Set(nodes.map(({ name }) => name));
  const strangers = measurements.filter(({ node }) => !names.has(node));
  if (strangers.length === 0) return { measurements, gaps: [] };
  const byHost = nodesByHost(nodes);
  const told = new Set(measurements.map(gpuOfNode));
  let areAllStrangers = strangers.length === measurements.length;
  const known = measurements.map((each) => {
    const meant = names.has(each.node) ? null : (byHost.get(each.node) ?? null);
    const renamed = meant === null ? each : { ...each, node: meant };
    // A GPU that is told of under both names is the same one.
    if (meant === null || told.has(gpuOfNode(renamed))) return each;
    areAllStrangers = false;
    return renamed;
  });
  // What ends falls silent.
  const live = strangers.find(({ coverageMilli }) => coverageMilli >= FULL_COVERAGE_MILLI);
  const gpuNode = nodes.find(({ allocatable }) => Object.keys(allocatable.extended).some(isGpuResource));
  if (!areAllStrangers || !live || !gpuNode) return { measurements: known, gaps: [] };
  return { measurements: known, gaps: [wrongNames(live.node, gpuNode.name)] };
}

function gpuOfNode({ node, gpu }: GpuMeasurement): string {
  return `${node}\n${gpu}`;
}

/** Nodes by their names up to the domain; null where several share that. */
function nodesByHost(nodes: readonly Node[]): Map<string, string | null> {
  const byHost = new Map<string, string | null>();
  for (const { name } of nodes) {
    const [host = name] = name.split(".");
    byHost.set(host, byHost.has(host) ? null : name);
  }
  return byHost;
}

function wrongNames(measured: string, node: string): string {
  return `GPUs are measured on ${measured} and such, none of which is a Node, such as ${node}: give each scrape target of the DCGM exporter the label node, from __meta_kubernetes_pod_node_name (docs/adapters/metrics.md)`;
}
