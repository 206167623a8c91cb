import type { GpuMeasurement } from "../model/measurement.ts";
import type { Node } from "../model/node.ts";
import { hasEnded, type Pod } from "../model/pod.ts";
import { asksForGpu, isGpuResource } from "../model/resources.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { compareText } from "../model/text.ts";
import { askedGpus } from "./asked-gpus.ts";
import type { Holders, HoldingPod } from "./explanation.ts";

/** The GPU pods on the node, and how busy they are; null when there is none. */
export function holdersOf({ pods, measurements }: Snapshot, node: Node): Holders | null {
  const holding = pods
    .filter((pod) => pod.nodeName === node.name && !hasEnded(pod) && asksForGpu(pod.requests))
    .sort((a, b) => compareText(nameOf(a), nameOf(b)));
  if (holding.length === 0) return null;
  const ofNode = measurements.filter((each) => each.node === node.name);
  const held = ofNode.filter((each) => each.pods.length > 0);
  const measured = holding.map((pod) => holdingPod(pod, ofNode));
  return {
    resources: requested(node, holding),
    pods: measured,
    measuredMilli: measured.some(({ measuredMilli }) => measuredMilli === null) ? null : meanOf(held),
  };
}

function holdingPod(pod: Pod, measurements: readonly GpuMeasurement[]): HoldingPod {
  const name = nameOf(pod);
  return {
    pod: name,
    asksFor: askedGpus(pod.requests),
    measuredMilli: meanOf(measurements.filter(({ pods }) => pods.includes(name))),
  };
}

/** null where none was measured, or one not wholly: unknown is not idle. */
function meanOf(measurements: readonly GpuMeasurement[]): number | null {
  const isKnown = measurements.length > 0 && measurements.every(({ coverageMilli }) => coverageMilli >= 1000);
  if (!isKnown) return null;
  const sum = measurements.reduce((total, { meanUtilizationMilli }) => total + meanUtilizationMilli, 0);
  return Math.round(sum / measurements.length);
}

function requested({ allocatable }: Node, holding: readonly Pod[]): Holders["resources"] {
  const names = new Set(
    [allocatable, ...holding.map(({ requests }) => requests)]
      .flatMap(({ extended }) => Object.keys(extended))
      .filter(isGpuResource),
  );
  return [...names].sort(compareText).map((name) => ({
    name,
    requested: holding.reduce((sum, { requests }) => sum + (requests.extended[name] ?? 0), 0),
    allocatable: allocatable.extended[name] ?? 0,
  }));
}

function nameOf(pod: Pod): string {
  return `${pod.namespace}/${pod.name}`;
}
