import {
  CLASS_LABEL,
  GANG_ANNOTATION,
  GANG_SIZE_ANNOTATION,
  GANG_TOPOLOGY_ANNOTATION,
  INTERRUPTIBLE_ANNOTATION,
  MOVABLE_ANNOTATION,
  PRIORITY_LABEL,
  ZONE_LABEL,
} from "./keys.ts";
import type { Pod } from "./pod.ts";

export type WorkloadClass = "training" | "batch" | "serving";
export type Priority = "high" | "normal" | "low";

type Labelled = Pick<Pod, "labels" | "annotations" | "owner" | "priority" | "namespace">;

/** The label; else pods of Jobs are batch, those of Deployments and StatefulSets (and bare ones) serving. */
export function workloadClass(pod: Labelled): WorkloadClass {
  const label = pod.labels[CLASS_LABEL];
  if (label === "training" || label === "batch" || label === "serving") return label;
  return pod.owner?.kind === "Job" ? "batch" : "serving";
}

/** The label; else by the PriorityClass value: above 0 high, 0 normal, below low. */
export function priorityOf(pod: Labelled): Priority {
  const label = pod.labels[PRIORITY_LABEL];
  if (label === "high" || label === "normal" || label === "low") return label;
  if (pod.priority > 0) return "high";
  return pod.priority < 0 ? "low" : "normal";
}

/** Whether Spot may hold the pod: annotated, else by its class. */
export function isInterruptible(pod: Labelled, interruptibleClasses: readonly WorkloadClass[]): boolean {
  const annotation = pod.annotations[INTERRUPTIBLE_ANNOTATION];
  if (annotation === "true") return true;
  if (annotation === "false") return false;
  return interruptibleClasses.includes(workloadClass(pod));
}

/** Owners whose pods lose their work, or their identity, when they are started anew elsewhere. */
export const NEVER_MOVED: ReadonlySet<string> = new Set(["Job", "GPUWorkload", "StatefulSet"]);

/** Whether pods of the kind lose nothing by being moved: a Deployment's, and such as are annotated; none of a gang. */
export function isMovableKind(pod: Labelled): boolean {
  const { owner, annotations } = pod;
  if (owner === null || NEVER_MOVED.has(owner.kind) || isGanged(pod)) return false;
  return owner.kind === "ReplicaSet" || annotations[MOVABLE_ANNOTATION] === "true";
}

export interface Gang {
  /** Namespace and name. */
  readonly key: string;
  /** How many pods it has in all; NaN when the annotation is missing or no positive integer. */
  readonly size: number;
  /** The node label whose value all its pods share; null lets it spread. */
  readonly topologyKey: string | null;
}

/** Whether it is of a gang; cheaper than to say of which. */
export function isGanged({ annotations }: Pick<Pod, "annotations">): boolean {
  return Boolean(annotations[GANG_ANNOTATION]);
}

export function gangOf(pod: Labelled): Gang | null {
  const name = pod.annotations[GANG_ANNOTATION];
  if (!name) return null;
  const size = Number(pod.annotations[GANG_SIZE_ANNOTATION]);
  const topology = pod.annotations[GANG_TOPOLOGY_ANNOTATION] ?? ZONE_LABEL;
  return {
    key: `${pod.namespace}/${name}`,
    size: Number.isInteger(size) && size > 0 ? size : Number.NaN,
    topologyKey: topology === "none" ? null : topology,
  };
}
