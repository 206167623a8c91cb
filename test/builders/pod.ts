import * as keys from "../../packages/core/src/model/keys.ts";
import type {
  HostPort,
  LabelSelector,
  Labels,
  NodeSelector,
  Pod,
  PodAffinityTerm,
  Requirement,
  Toleration,
  TopologySpreadConstraint,
} from "../../packages/core/src/model/pod.ts";
import type { Resources } from "../../packages/core/src/model/resources.ts";
import { GPU } from "../../packages/core/src/model/sharing.ts";
import type { EpochMs } from "../../packages/core/src/model/units.ts";
import type { WorkloadClass } from "../../packages/core/src/model/workload.ts";

const GIBI = 1024 ** 3;

/**
 * Makes a pod by saying what is special about it. Immutable: each call gives a new builder, so
 * that variants can start from a shared one.
 */
export interface PodBuilder {
  build(): Pod;
  /** `count` pods that differ in name and uid: "worker-0", "worker-1", … */
  times(count: number): Pod[];
  named(name: string): PodBuilder;
  inNamespace(namespace: string): PodBuilder;
  labelled(labels: Labels): PodBuilder;
  annotated(annotations: Labels): PodBuilder;
  /** The value of its PriorityClass. */
  priority(value: number): PodBuilder;
  classed(workloadClass: WorkloadClass): PodBuilder;
  gang(name: string, size: number, topologyKey?: string): PodBuilder;
  /** Whole GPUs. */
  gpu(count: number): PodBuilder;
  /** Cores. */
  cpu(cores: number): PodBuilder;
  memoryGi(gibi: number): PodBuilder;
  ephemeralStorageGi(gibi: number): PodBuilder;
  /** An extended resource by its full name. */
  asking(resource: string, count: number): PodBuilder;
  selecting(nodeSelector: Labels): PodBuilder;
  /** Required node affinity: one term of these expressions, or-ed with those given before. */
  requiring(...expressions: Requirement[]): PodBuilder;
  requiringNodeNamed(name: string): PodBuilder;
  /** Without operator: Equal where a value is given, Exists otherwise. */
  tolerating(key: string, toleration?: Partial<Omit<Toleration, "key">>): PodBuilder;
  /** Required pod affinity to pods with these labels. */
  near(labels: Labels, topologyKey: string, term?: Partial<PodAffinityTerm>): PodBuilder;
  /** Required pod anti-affinity to pods with these labels. */
  awayFrom(labels: Labels, topologyKey: string, term?: Partial<PodAffinityTerm>): PodBuilder;
  /** DoNotSchedule with maxSkew 1 over pods that bear its own labels, unless said otherwise. */
  spreadOver(topologyKey: string, constraint?: Partial<TopologySpreadConstraint>): PodBuilder;
  onHostPort(port: number, hostPort?: Partial<Omit<HostPort, "port">>): PodBuilder;
  /** With a volume that only nodes of this zone reach. */
  withVolumeIn(zone: string): PodBuilder;
  ownedBy(kind: string, name: string): PodBuilder;
  createdAt(at: EpochMs): PodBuilder;
  unschedulableSince(at: EpochMs): PodBuilder;
  /** Bound to the node, running and ready. */
  on(nodeName: string): PodBuilder;
  nominatedTo(nodeName: string): PodBuilder;
  phase(phase: Pod["phase"]): PodBuilder;
  notReady(): PodBuilder;
  deletedAt(at: EpochMs): PodBuilder;
  gatedBy(...gates: string[]): PodBuilder;
  usingResourceClaims(): PodBuilder;
  withVolumeProblem(problem: string): PodBuilder;
  /** Whatever has no word of its own. */
  with(fields: Partial<Pod>): PodBuilder;
}

/** A pending pod in namespace "default" that asks for nothing but its slot. */
export function aPod(name = "pod"): PodBuilder {
  return builderOf({
    namespace: "default",
    name,
    uid: "",
    labels: {},
    annotations: {},
    priority: 0,
    requests: { cpuMilli: 0, memoryBytes: 0, ephemeralStorageBytes: 0, pods: 1, extended: {} },
    nodeSelector: {},
    nodeAffinity: null,
    tolerations: [],
    podAffinity: [],
    podAntiAffinity: [],
    topologySpread: [],
    hostPorts: [],
    volumeTopologies: [],
    owner: null,
    phase: "Pending",
    ready: false,
    createdAt: 0,
    nodeName: null,
    nominatedNodeName: null,
    unschedulableSince: null,
    deletedAt: null,
    schedulingGates: [],
    usesResourceClaims: false,
    volumeProblem: null,
  });
}

/** Requirements that say what `matchLabels` says. */
export function matching(labels: Labels): LabelSelector {
  return Object.entries(labels).map(([key, value]) => ({ key, operator: "In", values: [value] }));
}

/** The node selector of a volume that is bound to a zone. */
export function inZone(zone: string): NodeSelector {
  return [{ matchExpressions: matching({ [keys.ZONE_LABEL]: zone }), matchFields: [] }];
}

function builderOf(pod: Pod): PodBuilder {
  const having = (fields: Partial<Pod>): PodBuilder => builderOf({ ...pod, ...fields });
  const requesting = (requests: Partial<Resources>) => having({ requests: { ...pod.requests, ...requests } });
  const extended = (name: string, count: number) =>
    requesting({ extended: { ...pod.requests.extended, [name]: count } });
  const annotated = (annotations: Labels) => having({ annotations: { ...pod.annotations, ...annotations } });
  const labelled = (labels: Labels) => having({ labels: { ...pod.labels, ...labels } });
  const affinity = (labels: Labels, topologyKey: string, term: Partial<PodAffinityTerm> = {}) => ({
    topologyKey,
    selector: matching(labels),
    namespaces: [],
    namespaceSelector: null,
    ...term,
  });
  const finished = (): Pod => (pod.uid ? pod : { ...pod, uid: `uid-${pod.namespace}-${pod.name}` });

  return {
    build: finished,
    times: (count) =>
      Array.from({ length: count }, (_, index) => having({ name: `${pod.name}-${index}`, uid: "" }).build()),
    named: (name) => having({ name }),
    inNamespace: (namespace) => having({ namespace }),
    labelled,
    annotated,
    priority: (priority) => having({ priority }),
    classed: (workloadClass) => labelled({ [keys.CLASS_LABEL]: workloadClass }),
    gang: (name, size, topologyKey) =>
      annotated({
        [keys.GANG_ANNOTATION]: name,
        [keys.GANG_SIZE_ANNOTATION]: String(size),
        ...(topologyKey === undefined ? {} : { [keys.GANG_TOPOLOGY_ANNOTATION]: topologyKey }),
      }),
    gpu: (count) => extended(GPU, count),
    cpu: (cores) => requesting({ cpuMilli: Math.round(cores * 1000) }),
    memoryGi: (gibi) => requesting({ memoryBytes: Math.round(gibi * GIBI) }),
    ephemeralStorageGi: (gibi) => requesting({ ephemeralStorageBytes: Math.round(gibi * GIBI) }),
    asking: extended,
    selecting: (nodeSelector) => having({ nodeSelector: { ...pod.nodeSelector, ...nodeSelector } }),
    requiring: (...matchExpressions) =>
      having({ nodeAffinity: [...(pod.nodeAffinity ?? []), { matchExpressions, matchFields: [] }] }),
    requiringNodeNamed: (name) =>
      having({
        nodeAffinity: [
          ...(pod.nodeAffinity ?? []),
          { matchExpressions: [], matchFields: [{ key: "metadata.name", operator: "In", values: [name] }] },
        ],
      }),
    tolerating: (key, toleration = {}) => {
      const {
        operator = toleration.value === undefined ? "Exists" : "Equal",
        value = "",
        effect = "",
      } = toleration;
      return having({ tolerations: [...pod.tolerations, { key, operator, value, effect }] });
    },
    near: (labels, topologyKey, term) =>
      having({ podAffinity: [...pod.podAffinity, affinity(labels, topologyKey, term)] }),
    awayFrom: (labels, topologyKey, term) =>
      having({ podAntiAffinity: [...pod.podAntiAffinity, affinity(labels, topologyKey, term)] }),
    spreadOver: (topologyKey, constraint) =>
      having({
        topologySpread: [
          ...pod.topologySpread,
          {
            topologyKey,
            maxSkew: 1,
            selector: matching(pod.labels),
            minDomains: 1,
            matchLabelKeys: [],
            nodeAffinityPolicy: "Honor",
            nodeTaintsPolicy: "Ignore",
            ...constraint,
          },
        ],
      }),
    onHostPort: (port, { hostIp = "0.0.0.0", protocol = "TCP" } = {}) =>
      having({ hostPorts: [...pod.hostPorts, { hostIp, protocol, port }] }),
    withVolumeIn: (zone) => having({ volumeTopologies: [...pod.volumeTopologies, inZone(zone)] }),
    ownedBy: (kind, name) => having({ owner: { kind, name, uid: `uid-${kind}-${name}` } }),
    createdAt: (createdAt) => having({ createdAt }),
    unschedulableSince: (unschedulableSince) => having({ unschedulableSince }),
    on: (nodeName) => having({ nodeName, phase: "Running", ready: true, unschedulableSince: null }),
    nominatedTo: (nominatedNodeName) => having({ nominatedNodeName }),
    phase: (phase) => having({ phase }),
    notReady: () => having({ ready: false }),
    deletedAt: (deletedAt) => having({ deletedAt }),
    gatedBy: (...schedulingGates) => having({ schedulingGates }),
    usingResourceClaims: () => having({ usesResourceClaims: true }),
    withVolumeProblem: (volumeProblem) => having({ volumeProblem }),
    with: having,
  };
}
