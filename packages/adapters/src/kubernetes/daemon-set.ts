import type { DaemonSet, Toleration } from "@gpu-autoscaler/core";
import { labelsOf } from "./empty.ts";
import { podSpecOf } from "./pod-spec.ts";
import { naming, readObject } from "./read-object.ts";
import { effectiveRequests } from "./requests.ts";
import { daemonSetSchema } from "./schemas.ts";
import { NO_VOLUMES, type Volumes } from "./volumes.ts";

/** An apps/v1 DaemonSet. Throws `InvalidKubernetesObject`. */
export function daemonSetFrom(raw: unknown, volumes: Volumes = NO_VOLUMES): DaemonSet {
  const { metadata, spec } = readObject("DaemonSet", daemonSetSchema, raw);
  const { template } = spec;
  const namespace = metadata.namespace || "default";
  const requests = naming("DaemonSet", raw, () => effectiveRequests(template.spec));
  const { topologies } = volumes.of(namespace, metadata.name, template.spec.volumes);
  const pod = podSpecOf(namespace, labelsOf(template.metadata?.labels), template.spec, requests, topologies);
  const added = template.spec.hostNetwork ? [...ADDED, NETWORK_UNAVAILABLE] : ADDED;
  return {
    namespace,
    name: metadata.name,
    template: { ...pod, tolerations: [...pod.tolerations, ...added] },
  };
}

/** What the DaemonSet controller adds to its pods: AddOrUpdateDaemonPodTolerations. */
const ADDED: readonly Toleration[] = [
  toleration("node.kubernetes.io/not-ready", "NoExecute"),
  toleration("node.kubernetes.io/unreachable", "NoExecute"),
  toleration("node.kubernetes.io/disk-pressure", "NoSchedule"),
  toleration("node.kubernetes.io/memory-pressure", "NoSchedule"),
  toleration("node.kubernetes.io/pid-pressure", "NoSchedule"),
  toleration("node.kubernetes.io/unschedulable", "NoSchedule"),
];
const NETWORK_UNAVAILABLE = toleration("node.kubernetes.io/network-unavailable", "NoSchedule");

function toleration(key: string, effect: Toleration["effect"]): Toleration {
  return { key, operator: "Exists", value: "", effect };
}
