import type { PodSpec } from "../model/pod.ts";
import { type Reason, reason } from "../model/reason.ts";
import type { BoundPod, CompiledPod } from "./compiled-pod.ts";
import type { RepellingTerm } from "./domain-counts.ts";
import { describePort, portConflict } from "./host-ports.ts";
import { describeLabels, describeNodeSelector, hasLabels, matchesNode } from "./node-affinity.ts";
import { profileOn } from "./node-profiles.ts";
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
  const short = shortages(pod.spec.requests, node.free);
  const misfits = staticMisfits(pod.spec, bound, node);
  const reasons = short.length === 0 ? misfits : short.concat(misfits);
  const isSimple = bound.isAlone && repelledBy.length === 0 && pod.spec.volumeTopologies.length === 0;
  return isSimple ? reasons : reasons.concat(otherMisfits(pod.spec, bound, repelledBy, node));
}

function otherMisfits(
  spec: PodSpec,
  bound: BoundPod,
  repelledBy: readonly RepellingTerm[],
  node: NodeState,
): Reason[] {
  const reasons: Reason[] = [];
  addNeighbourMisfits(reasons, bound, repelledBy, node);
  addPortMisfits(reasons, spec, node);
  addVolumeMisfits(reasons, spec, node.spec);
  return reasons;
}

/** Told once for all nodes that look alike to the pod. */
function staticMisfits(spec: PodSpec, { check }: BoundPod, node: NodeState): readonly Reason[] {
  const profile = profileOn(check.view, node);
  let misfits = check.misfits[profile];
  if (misfits === undefined) {
    misfits = nodeMisfits(spec, node.spec);
    check.misfits[profile] = misfits;
  }
  return misfits;
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
