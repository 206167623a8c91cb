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
  return [
    ...shortages(pod.spec.requests, node.free),
    ...nodeMisfits(pod.spec, node.spec),
    ...neighbourMisfits(bound, repelledBy, node),
    ...portMisfits(pod.spec, node),
    ...volumeMisfits(pod.spec, node.spec),
  ];
}

function nodeMisfits({ tolerations, nodeSelector, nodeAffinity }: PodSpec, node: NodeSpec): Reason[] {
  const reasons: Reason[] = [];
  const taints = untolerated(tolerations, node.taints);
  if (taints.length > 0) reasons.push(reason("UntoleratedTaint", taints.map(describeTaint).join(", ")));
  if (node.unschedulable && !toleratesCordon(tolerations)) reasons.push(reason("NodeUnschedulable"));
  if (!hasLabels(nodeSelector, node.labels)) {
    reasons.push(reason("NodeSelectorMismatch", `wants ${describeLabels(nodeSelector)}`));
  }
  if (nodeAffinity !== null && !matchesNode(nodeAffinity, node.name, node.labels)) {
    reasons.push(reason("NodeAffinityMismatch", `wants ${describeNodeSelector(nodeAffinity)}`));
  }
  return reasons;
}

function neighbourMisfits(bound: BoundPod, repelledBy: readonly RepellingTerm[], node: NodeState): Reason[] {
  const reasons: Reason[] = [];
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
  return reasons;
}

function portMisfits({ hostPorts }: PodSpec, node: NodeState): Reason[] {
  const port = portConflict(hostPorts, node.usedPorts ?? []);
  return port ? [reason("HostPortConflict", describePort(port))] : [];
}

function volumeMisfits({ volumeTopologies }: PodSpec, { name, labels }: NodeSpec): Reason[] {
  if (reachesVolumes(volumeTopologies, name, labels)) return [];
  return [reason("VolumeZoneConflict", describeUnreached(volumeTopologies, name, labels))];
}
