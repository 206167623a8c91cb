import type {
  HostPort,
  NodeSelector,
  PodAffinityTerm,
  PodSpec,
  Resources,
  Toleration,
  TopologySpreadConstraint,
} from "@gpu-autoscaler/core";
import { labelsOf, mapped, NONE } from "./empty.ts";
import type {
  RawAffinityTerms,
  RawContainer,
  RawPodSpec,
  RawSpreadConstraint,
  RawToleration,
} from "./schemas.ts";
import { labelSelectorOf, nodeSelectorOf } from "./selectors.ts";

/** What scheduling looks at in a pod or a pod template. */
export function podSpecOf(
  namespace: string,
  labels: PodSpec["labels"],
  spec: RawPodSpec,
  requests: Resources,
  volumeTopologies: readonly NodeSelector[],
): PodSpec {
  const { affinity } = spec;
  return {
    namespace,
    labels,
    priority: spec.priority ?? 0,
    requests,
    nodeSelector: labelsOf(spec.nodeSelector),
    nodeAffinity: nodeSelectorOf(affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    tolerations: tolerationsOf(spec.tolerations),
    podAffinity: affinityTermsOf(affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    podAntiAffinity: affinityTermsOf(
      affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution,
    ),
    topologySpread: topologySpreadOf(spec.topologySpreadConstraints),
    hostPorts: hostPortsOf(spec),
    volumeTopologies,
  };
}

/** One whose operator or effect nobody knows tolerates nothing, and is left out. */
function tolerationsOf(raw: readonly RawToleration[] | null | undefined): readonly Toleration[] {
  if (!raw || raw.length === 0) return NONE;
  const tolerations: Toleration[] = [];
  for (const { key, operator, value, effect } of raw) {
    const known = (operator || "Equal") === "Equal" ? "Equal" : operator === "Exists" ? "Exists" : null;
    const of = effectOf(effect);
    if (known !== null && of !== null) {
      tolerations.push({ key: key ?? "", operator: known, value: value ?? "", effect: of });
    }
  }
  return tolerations;
}

function effectOf(effect: string | null | undefined): Toleration["effect"] | null {
  if (!effect) return "";
  return effect === "NoSchedule" || effect === "PreferNoSchedule" || effect === "NoExecute" ? effect : null;
}

/** `matchLabelKeys` and `mismatchLabelKeys` are in the selector already: the API server merges them. */
function affinityTermsOf(raw: RawAffinityTerms): readonly PodAffinityTerm[] {
  return mapped(raw, ({ topologyKey, labelSelector, namespaces, namespaceSelector }) => ({
    topologyKey,
    selector: labelSelectorOf(labelSelector),
    namespaces: namespaces ?? NONE,
    namespaceSelector: labelSelectorOf(namespaceSelector),
  }));
}

function topologySpreadOf(
  raw: readonly RawSpreadConstraint[] | null | undefined,
): readonly TopologySpreadConstraint[] {
  const binding = raw?.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === "DoNotSchedule");
  return mapped(binding, (constraint) => ({
    topologyKey: constraint.topologyKey,
    maxSkew: constraint.maxSkew,
    selector: labelSelectorOf(constraint.labelSelector),
    minDomains: constraint.minDomains ?? 1,
    matchLabelKeys: constraint.matchLabelKeys ?? NONE,
    nodeAffinityPolicy: constraint.nodeAffinityPolicy === "Ignore" ? "Ignore" : "Honor",
    nodeTaintsPolicy: constraint.nodeTaintsPolicy === "Honor" ? "Honor" : "Ignore",
  }));
}

/** Of containers and sidecars: init containers are gone before the pod's ports matter. */
function hostPortsOf({ containers, initContainers, hostNetwork }: RawPodSpec): readonly HostPort[] {
  const hostPorts: HostPort[] = [];
  const addPorts = ({ ports }: RawContainer) => {
    for (const { hostPort, containerPort, hostIP, protocol } of ports ?? NONE) {
      const port = hostPort || (hostNetwork ? (containerPort ?? 0) : 0);
      if (port > 0) hostPorts.push({ hostIp: hostIP ?? "", protocol: protocol ?? "TCP", port });
    }
  };
  for (const container of initContainers ?? NONE) {
    if (container.restartPolicy === "Always") addPorts(container);
  }
  containers.forEach(addPorts);
  return hostPorts.length === 0 ? NONE : hostPorts;
}
