import type { PodSpec, Requirement } from "../model/pod.ts";
import { nodeRequirementsKey, tolerationsKey, volumesKey } from "./canonical-key.ts";
import { meetsNodeRequirements } from "./node-affinity.ts";
import type { NodeSpec } from "./node-space.ts";
import { toleratesAll, toleratesCordon } from "./taints.ts";
import { reachesVolumes } from "./volumes.ts";

/** A predicate over what a node is, whatever runs on it, and all that it looks at besides taints and cordon. */
export interface NodeCheck {
  /** Checks with the same key are the same. */
  readonly key: string;
  /** Labels whose values it looks at. */
  readonly labelKeys: readonly string[];
  /** Labels of which it asks only whether they are there. */
  readonly presentKeys: readonly string[];
  readonly looksAtName: boolean;
  holds(node: NodeSpec): boolean;
}

/** Taints, cordon, nodeSelector, required node affinity, volumes: what must hold for a pod to run on a node. */
export function staticCheck(spec: PodSpec): NodeCheck {
  const { tolerations, volumeTopologies } = spec;
  return {
    key: `fit ${nodeRequirementsKey(spec)} ${tolerationsKey(tolerations)} ${volumesKey(volumeTopologies)}`,
    labelKeys: labelKeysOf(spec, true),
    presentKeys: [],
    looksAtName: looksAtName(spec),
    holds: ({ name, labels, taints, unschedulable }) =>
      toleratesAll(tolerations, taints) &&
      (!unschedulable || toleratesCordon(tolerations)) &&
      meetsNodeRequirements(spec, name, labels) &&
      reachesVolumes(volumeTopologies, name, labels),
  };
}

/**
 * Whether topology spread counts a node for this pod: it bears every topology key, and, where the
 * policies honour them, the pod's node affinity and tolerations let it in.
 */
export function inclusionCheck(
  spec: PodSpec,
  topologyKeys: readonly string[],
  honour: { readonly affinity: boolean; readonly taints: boolean },
): NodeCheck {
  const affinity = honour.affinity ? nodeRequirementsKey(spec) : "-";
  const taints = honour.taints ? tolerationsKey(spec.tolerations) : "-";
  return {
    key: `spread ${topologyKeys.join(" ")} ${affinity} ${taints}`,
    labelKeys: honour.affinity ? labelKeysOf(spec, false) : [],
    presentKeys: topologyKeys,
    looksAtName: honour.affinity && looksAtName(spec),
    holds: (node) =>
      topologyKeys.every((key) => node.labels[key] !== undefined) &&
      (!honour.affinity || meetsNodeRequirements(spec, node.name, node.labels)) &&
      (!honour.taints || toleratesAll(spec.tolerations, node.taints)),
  };
}

function labelKeysOf(spec: PodSpec, withVolumes: boolean): readonly string[] {
  const volumes = withVolumes ? spec.volumeTopologies : [];
  if (spec.nodeAffinity === null && volumes.length === 0) return Object.keys(spec.nodeSelector);
  const keys = new Set(Object.keys(spec.nodeSelector));
  const add = ({ key }: Requirement) => keys.add(key);
  for (const term of spec.nodeAffinity ?? []) term.matchExpressions.forEach(add);
  for (const topology of volumes) for (const term of topology) term.matchExpressions.forEach(add);
  return [...keys];
}

function looksAtName({ nodeAffinity, volumeTopologies }: PodSpec): boolean {
  const terms = [...(nodeAffinity ?? []), ...volumeTopologies.flat()];
  return terms.some((term) => term.matchFields.length > 0);
}
