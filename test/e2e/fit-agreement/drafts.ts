/** A Kubernetes object, or part of one, as JSON has it. */
export type Raw = Readonly<Record<string, unknown>>;

/** Of a pod: what one demand adds to it. Demands of different predicates can be put together. */
export interface PodPart {
  /** Fields of the spec other than `containers` and `affinity`. */
  readonly spec?: Raw;
  readonly affinity?: Raw;
  /** Fields of the first container. */
  readonly container?: Raw;
  readonly moreContainers?: readonly Raw[];
  /** Of the pod's own, by what becomes of them. */
  readonly claims?: readonly ClaimDraft[];
}

/** A claim, the volume that it is bound to, and volumes that it may be bound to. */
export interface ClaimDraft {
  readonly kind: "bound" | "bound-to-nothing" | "deleted" | "lost" | "missing" | "unbound" | "ephemeral";
  readonly storageClass: string;
  /** Of the volume that it is bound to. */
  readonly volume: VolumeDraft;
  /** Volumes of its class that are bound to nothing. */
  readonly available: readonly VolumeDraft[];
}

export interface VolumeDraft {
  readonly labels: Raw;
  /** A NodeSelector, or null. */
  readonly nodeAffinity: Raw | null;
  readonly gibibytes: number;
  readonly volumeMode: "Filesystem" | "Block";
  readonly accessModes: readonly string[];
  /** For the claim that it is drafted with, by its `claimRef`. */
  readonly isSetAside: boolean;
}

export interface PodDraft {
  readonly namespace: string;
  readonly labels: Raw;
  readonly part: PodPart;
}

export interface PlacedDraft extends PodDraft {
  /** The index of its node. */
  readonly on: number;
  readonly state: PlacedState;
}

/** Nominated: it waits for the node that kube-scheduler makes room on for it. */
export type PlacedState = "bound" | "terminating" | "ended" | "nominated";

export interface NodeDraft {
  readonly labels: Raw;
  readonly taints: readonly Raw[];
  readonly unschedulable: boolean;
  readonly allocatable: Raw;
}

/** A cluster that stands still, and the pods of which is asked where each would fit alone. */
export interface WorldDraft {
  readonly nodes: readonly NodeDraft[];
  readonly placed: readonly PlacedDraft[];
  readonly incoming: readonly PodDraft[];
}

/** What demands have to choose from. */
export interface Vocabulary {
  /** Whether the world is made so that pods fit hardly anywhere; the others let most in. */
  readonly harsh: boolean;
  readonly apps: readonly string[];
  readonly nodeNames: readonly string[];
}

export const ZONE = "topology.kubernetes.io/zone";
export const HOST = "kubernetes.io/hostname";
export const GPU = "nvidia.com/gpu";
