import type { ClusterObjects, EpochMs, Labels } from "@gpu-autoscaler/core";
import { daemonSetFrom } from "./daemon-set.ts";
import { labelsOf } from "./empty.ts";
import { nodeFrom } from "./node.ts";
import { podReader } from "./pod.ts";
import { podDisruptionBudgetFrom } from "./pod-disruption-budget.ts";
import { readObject } from "./read-object.ts";
import { namespaceSchema } from "./schemas.ts";
import { NO_VOLUMES, volumesFrom } from "./volumes.ts";

/** Lists of Kubernetes objects as the API serves them. */
export interface RawClusterObjects {
  /** When they were read. */
  readonly at: EpochMs;
  readonly nodes: readonly unknown[];
  readonly pods: readonly unknown[];
  readonly daemonSets: readonly unknown[];
  readonly namespaces: readonly unknown[];
  readonly budgets: readonly unknown[];
  /** Without claims, volumes are not looked at. */
  readonly claims?: readonly unknown[];
  readonly persistentVolumes?: readonly unknown[];
  readonly storageClasses?: readonly unknown[];
}

/** What the program needs of them. Throws `InvalidKubernetesObject`, which names the object and the field. */
export function clusterObjectsFrom(raw: RawClusterObjects): ClusterObjects {
  const { claims, persistentVolumes = [], storageClasses = [] } = raw;
  const volumes = claims ? volumesFrom({ claims, persistentVolumes, storageClasses }) : NO_VOLUMES;
  const podFrom = podReader();
  return {
    at: raw.at,
    nodes: raw.nodes.map(nodeFrom),
    pods: raw.pods.map((pod) => podFrom(pod, volumes)),
    daemonSets: raw.daemonSets.map((daemonSet) => daemonSetFrom(daemonSet, volumes)),
    namespaces: Object.fromEntries(raw.namespaces.map(namespaceFrom)),
    budgets: raw.budgets.map(podDisruptionBudgetFrom),
  };
}

function namespaceFrom(raw: unknown): [string, Labels] {
  const { metadata } = readObject("Namespace", namespaceSchema, raw);
  return [metadata.name, labelsOf(metadata.labels)];
}
