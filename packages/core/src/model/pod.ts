import type { Resources } from "./resources.ts";
import type { EpochMs } from "./units.ts";

export type Labels = Readonly<Record<string, string>>;

/** A label selector's or node selector's requirement. `Gt` and `Lt` occur in node selectors only. */
export interface Requirement {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt";
  readonly values: readonly string[];
}

/** All requirements hold (`matchLabels` are `In` with one value). An empty list matches everything. */
export type LabelSelector = readonly Requirement[];

/** One term of a node selector: all of it holds. A term without any requirement matches no node. */
export interface NodeSelectorTerm {
  readonly matchExpressions: readonly Requirement[];
  /** Over `metadata.name`, the only field that Kubernetes supports. */
  readonly matchFields: readonly Requirement[];
}

/** One of the terms holds. */
export type NodeSelector = readonly NodeSelectorTerm[];

export interface Toleration {
  /** Empty with operator Exists: every key. */
  readonly key: string;
  readonly operator: "Exists" | "Equal";
  readonly value: string;
  /** Empty: every effect. */
  readonly effect: "" | TaintEffect;
}

export type TaintEffect = "NoSchedule" | "PreferNoSchedule" | "NoExecute";

export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: TaintEffect;
}

/** A required pod affinity or anti-affinity term. */
export interface PodAffinityTerm {
  readonly topologyKey: string;
  /** null matches no pod. */
  readonly selector: LabelSelector | null;
  /** Names, and a selector over namespaces' labels (null: none); both empty means the pod's own namespace. */
  readonly namespaces: readonly string[];
  readonly namespaceSelector: LabelSelector | null;
}

/** A topology spread constraint with `whenUnsatisfiable: DoNotSchedule`; the others are only wishes. */
export interface TopologySpreadConstraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  /** null matches no pod. */
  readonly selector: LabelSelector | null;
  readonly minDomains: number;
  /** Keys whose values on the incoming pod are added to the selector. */
  readonly matchLabelKeys: readonly string[];
  readonly nodeAffinityPolicy: "Honor" | "Ignore";
  readonly nodeTaintsPolicy: "Honor" | "Ignore";
}

export interface HostPort {
  /** "0.0.0.0" and "" mean every address. */
  readonly hostIp: string;
  readonly protocol: "TCP" | "UDP" | "SCTP";
  readonly port: number;
}

/** The controller that owns an object and would start it again. */
export interface Owner {
  /** Job, ReplicaSet, StatefulSet, DaemonSet, … */
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** What scheduling looks at in a pod. Pods that are equal here are *equivalent*. */
export interface PodSpec {
  readonly namespace: string;
  readonly labels: Labels;
  /** The value of its PriorityClass. */
  readonly priority: number;
  /** Effective requests: containers, init containers, sidecars, overhead, pod-level resources; `pods` is 1. */
  readonly requests: Resources;
  readonly nodeSelector: Labels;
  /** null: none required. */
  readonly nodeAffinity: NodeSelector | null;
  readonly tolerations: readonly Toleration[];
  readonly podAffinity: readonly PodAffinityTerm[];
  readonly podAntiAffinity: readonly PodAffinityTerm[];
  readonly topologySpread: readonly TopologySpreadConstraint[];
  readonly hostPorts: readonly HostPort[];
  /** The required node affinity of each volume that is bound, or allowed topologies of one that will be. */
  readonly volumeTopologies: readonly NodeSelector[];
}

export interface Pod extends PodSpec {
  readonly uid: string;
  readonly name: string;
  readonly annotations: Labels;
  readonly owner: Owner | null;
  readonly phase: "Pending" | "Running" | "Succeeded" | "Failed" | "Unknown";
  readonly ready: boolean;
  readonly createdAt: EpochMs;
  readonly nodeName: string | null;
  /** Where kube-scheduler is making room for it by preemption. */
  readonly nominatedNodeName: string | null;
  /** Since when PodScheduled is False with reason Unschedulable; null otherwise. */
  readonly unschedulableSince: EpochMs | null;
  /** Since when it is being deleted; null otherwise. */
  readonly deletedAt: EpochMs | null;
  readonly schedulingGates: readonly string[];
  /** Asks for devices through resource claims (DRA). */
  readonly usesResourceClaims: boolean;
  /** What is wrong with its volumes (a claim that is missing or unbound), or null. */
  readonly volumeProblem: string | null;
}

/** A DaemonSet: what each new node that its template fits will carry besides. */
export interface DaemonSet {
  readonly namespace: string;
  readonly name: string;
  readonly template: PodSpec;
}

export interface PodDisruptionBudget {
  readonly namespace: string;
  readonly name: string;
  /** null matches no pod. */
  readonly selector: LabelSelector | null;
  /** `status.disruptionsAllowed`; 0 where the status is older than the spec. */
  readonly disruptionsAllowed: number;
}

/** Whether the pod has run to its end: it holds nothing any more. */
export function hasEnded(pod: Pod): boolean {
  return pod.phase === "Succeeded" || pod.phase === "Failed";
}
