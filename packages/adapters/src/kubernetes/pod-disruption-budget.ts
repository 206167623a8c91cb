import type { PodDisruptionBudget } from "@gpu-autoscaler/core";
import { readObject } from "./read-object.ts";
import { podDisruptionBudgetSchema } from "./schemas.ts";
import { labelSelectorOf } from "./selectors.ts";

/** A policy/v1 PodDisruptionBudget. Throws `InvalidKubernetesObject`. */
export function podDisruptionBudgetFrom(raw: unknown): PodDisruptionBudget {
  const { metadata, spec, status } = readObject("PodDisruptionBudget", podDisruptionBudgetSchema, raw);
  const isCurrent = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  return {
    namespace: metadata.namespace || "default",
    name: metadata.name,
    selector: labelSelectorOf(spec?.selector),
    disruptionsAllowed: isCurrent ? (status?.disruptionsAllowed ?? 0) : 0,
  };
}
