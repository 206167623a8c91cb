import type { Taint, Toleration } from "../model/pod.ts";

/** What a cordoned node is checked as, whether or not the node controller has tainted it yet. */
const UNSCHEDULABLE: Taint = { key: "node.kubernetes.io/unschedulable", value: "", effect: "NoSchedule" };

/** As `Toleration.ToleratesTaint` of k8s.io/api/core/v1: an empty key or effect stands for every one. */
export function tolerates({ key, operator, value, effect }: Toleration, taint: Taint): boolean {
  return (
    (effect === "" || effect === taint.effect) &&
    (key === "" || key === taint.key) &&
    (operator === "Exists" || value === taint.value)
  );
}

/** The plugin NodeUnschedulable: who tolerates the taint of a cordon tolerates the cordon. */
export function toleratesCordon(tolerations: readonly Toleration[]): boolean {
  return toleratedByAny(tolerations, UNSCHEDULABLE);
}

/** The plugin TaintToleration: NoSchedule and NoExecute keep a pod off, PreferNoSchedule does not. */
export function toleratesAll(tolerations: readonly Toleration[], taints: readonly Taint[]): boolean {
  for (const taint of taints) {
    if (taint.effect !== "PreferNoSchedule" && !toleratedByAny(tolerations, taint)) return false;
  }
  return true;
}

export function untolerated(tolerations: readonly Toleration[], taints: readonly Taint[]): readonly Taint[] {
  return taints.filter((taint) => !toleratesAll(tolerations, [taint]));
}

function toleratedByAny(tolerations: readonly Toleration[], taint: Taint): boolean {
  for (const toleration of tolerations) {
    if (tolerates(toleration, taint)) return true;
  }
  return false;
}

export function describeTaint({ key, value, effect }: Taint): string {
  return value === "" ? `${key}:${effect}` : `${key}=${value}:${effect}`;
}
