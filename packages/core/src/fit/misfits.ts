import type { PodSpec } from "../model/pod.ts";
import { type Reason, reason } from "../model/reason.ts";
import type { BoundPod, CompiledPod } from "./compiled-pod.ts";
import type { RepellingTerm } from "./domain-counts.ts";
import { describePort, portConflict } from "./host-ports.ts";
import { describeLabels, describeNodeSelector, hasLabels, matchesNode } from "./node-affinity.ts";
import type { NodeSpec, NodeState } from "./node-space.ts";
import {
  describeAffinity,
  describeRepelled,
  describeViolations,
  isRepelled,
  meetsAffinity,
  violatesAntiAffinity,
} from "./pod-affinity.ts";
import { shortages } from "./resources.ts";
import { describeTaint, toleratesCordon, untolerated } from "./taints.ts";
import { describeSkew, keepsSkew } from "./topology-spread.ts";
import { describeUnreached, reachesVolumes } from "./volumes.ts";

/** Every predicate that fails, with its particulars, in the order of `REASONS`. */
export function misfitsOf(
  pod: CompiledPod,
  bound: BoundPod,
  repelledBy: readonly RepellingTerm[],
  node: NodeState,
): readonly Reason[] {
  const reasons = shortages(pod.spec.requests, node.free);
  addNodeMisfits(reasons, pod, node.spec);
  addNeighbourMisfits(reasons, bound, repelledBy, node);
  addPortMisfits(reasons, pod.spec, node);
  addVolumeMisfits(reasons, pod.spec, node.spec);
  return reasons;
}

function addNodeMisfits(reasons: Reason[], pod: CompiledPod, node: NodeSpec): void {
  const { tolerations, nodeSelector, nodeAffinity } = pod.spec;
  const taints = untolerated(tolerations, node.taints);
  if (taints.length > 0) reasons.push(reason("UntoleratedTaint", taints.map(describeTaint).join(", ")));
  if (node.unschedulable && !toleratesCordon(tolerations)) reasons.push(reason("NodeUnschedulable"));
  if (!hasLabels(nodeSelector, node.labels)) {
    pod.selectorMismatch ??= reason("NodeSelectorMismatch", `wants ${describeLabels(nodeSelector)}`);
    reasons.push(pod.selectorMismatch);
  }
  if (nodeAffinity !== null && !matchesNode(nodeAffinity, node.name, node.labels)) {
    pod.affinityMismatch ??= reason("NodeAffinityMismatch", `wants ${describeNodeSelector(nodeAffinity)}`);
    reasons.push(pod.affinityMismatch);
  }
}

function addNeighbourMisfits(
  reasons: Reason[],
  bound: BoundPod,
  repelledBy: readonly RepellingTerm[],
  node: NodeState,
): void {
  const { affinity, constraints } = bound;
  if (!meetsAffinity(affinity, node)) {
    reasons.push(reason("PodAffinityMismatch", describeAffinity(affinity, node)));
  }
  if (violatesAntiAffinity(affinity, node)) {
    const detail = `keeps away from ${describeViolations(affinity, node)}`;
    reasons.push(reason("PodAntiAffinityConflict", detail));
  }
  if (isRepelled(repelledBy, node)) {
    const detail = `a pod keeps away ${describeRepelled(repelledBy, node)}`;
    reasons.push(reason("ExistingPodAntiAffinityConflict", detail));
  }
  const skewed = constraints.filter((constraint) => !keepsSkew(constraint, node));
  if (skewed.length > 0) {
    const details = skewed.map((constraint) => describeSkew(constraint, node));
    reasons.push(reason("TopologySpreadConstraint", details.join("; ")));
  }
}

function addPortMisfits(reasons: Reason[], { hostPorts }: PodSpec, node: NodeState): void {
  if (hostPorts.length === 0 || node.usedPorts === null) return;
  const port = portConflict(hostPorts, node.usedPorts);
  if (port) reasons.push(reason("HostPortConflict", describePort(port)));
}

function addVolumeMisfits(reasons: Reason[], { volumeTopologies }: PodSpec, node: NodeSpec): void {
  const { name, labels } = node;
  if (volumeTopologies.length === 0 || reachesVolumes(volumeTopologies, name, labels)) return;
  reasons.push(reason("VolumeZoneConflict", describeUnreached(volumeTopologies, name, labels)));
}
