import type { EpochMs, Labels, Owner, Pod, Resources } from "@gpu-autoscaler/core";
import { labelsOf, mapped, NONE } from "./empty.ts";
import { podSpecOf } from "./pod-spec.ts";
import { naming, readObject } from "./read-object.ts";
import { effectiveRequests } from "./requests.ts";
import { containerStatusesSchema, type Metadata, podSchema, type RawPod } from "./schemas.ts";
import { SharedParts } from "./shared-parts.ts";
import { deletedAtOf, isTrue, timeOf } from "./times.ts";
import { NO_VOLUMES, type Volumes } from "./volumes.ts";

/** Reads pods, which share what they have in common. */
export function podReader(): (raw: unknown, volumes?: Volumes) => Pod {
  const shared = new SharedParts();
  return (raw, volumes) => podFrom(raw, volumes, shared);
}

/**
 * A v1 Pod. Throws `InvalidKubernetesObject`. Of volumes that nothing is known of, nothing is
 * demanded. `shared`: with other pods.
 */
export function podFrom(raw: unknown, volumes: Volumes = NO_VOLUMES, shared = new SharedParts()): Pod {
  const pod = readObject("Pod", podSchema, raw);
  const { metadata, spec, status } = pod;
  const namespace = metadata.namespace || "default";
  const { topologies, problem } = volumes.of(namespace, metadata.name, spec.volumes);
  const requests = shared.requests(naming("Pod", raw, () => requestsOf(pod)));
  const labels = shared.labels(labelsOf(metadata.labels));
  const wanted = podSpecOf(namespace, labels, spec, requests, topologies);
  return {
    // Written out: of a spread and more fields V8 keeps the latter apart from the object. What is
    // asked of every pod comes first, so that it lies in as few lines of the cache as can be.
    phase: phaseOf(status?.phase),
    nodeName: spec.nodeName ? shared.nodeName(spec.nodeName) : null,
    annotations: annotationsOf(metadata.annotations),
    requests,
    hostPorts: wanted.hostPorts,
    podAntiAffinity: wanted.podAntiAffinity,
    owner: shared.owner(ownerOf(metadata)),
    uid: metadata.uid ?? "",
    labels,
    namespace,
    ready: isTrue(status?.conditions, "Ready"),
    deletedAt: deletedAtOf(metadata),
    nominatedNodeName: status?.nominatedNodeName || null,
    priority: wanted.priority,
    nodeSelector: wanted.nodeSelector,
    nodeAffinity: wanted.nodeAffinity,
    tolerations: wanted.tolerations,
    podAffinity: wanted.podAffinity,
    topologySpread: wanted.topologySpread,
    volumeTopologies: topologies,
    name: metadata.name,
    createdAt: timeOf(metadata.creationTimestamp) ?? 0,
    unschedulableSince: unschedulableSinceOf(pod),
    schedulingGates: mapped(spec.schedulingGates, ({ name }) => name),
    usesResourceClaims: (spec.resourceClaims ?? NONE).length > 0,
    volumeProblem: problem,
  };
}

/** What the containers hold differs from what they ask for only while the pod is being resized. */
function requestsOf({ spec, status }: RawPod): Resources {
  const isResized = status?.conditions?.some(({ type }) => type.startsWith("PodResize")) ?? false;
  if (!isResized || !status) return effectiveRequests(spec);
  const running = containerStatusesSchema.parse(status.containerStatuses) ?? NONE;
  const sidecars = containerStatusesSchema.parse(status.initContainerStatuses) ?? NONE;
  return effectiveRequests(spec, [...running, ...sidecars]);
}

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/** Without the copy of the whole object that `kubectl apply` leaves, which is most of a cluster's bytes. */
function annotationsOf(annotations: Labels | null | undefined): Labels {
  if (annotations?.[LAST_APPLIED] === undefined) return labelsOf(annotations);
  const { [LAST_APPLIED]: _, ...rest } = annotations;
  return rest;
}

function ownerOf({ ownerReferences }: Metadata): Owner | null {
  const owner = ownerReferences?.find(({ controller }) => controller);
  return owner ? { kind: owner.kind, name: owner.name, uid: owner.uid } : null;
}

function phaseOf(phase: string | null | undefined): Pod["phase"] {
  switch (phase) {
    case "Running":
    case "Succeeded":
    case "Failed":
    case "Unknown":
      return phase;
    default:
      return "Pending";
  }
}

/**
 * The condition tells since when the pod has not been scheduled for whatever reason: for a pod
 * whose scheduling gates were lifted, that is since it was made.
 */
function unschedulableSinceOf({ metadata, status }: RawPod): EpochMs | null {
  const condition = status?.conditions?.find(({ type }) => type === "PodScheduled");
  if (condition?.status !== "False" || condition.reason !== "Unschedulable") return null;
  return timeOf(condition.lastTransitionTime) ?? timeOf(metadata.creationTimestamp) ?? 0;
}
