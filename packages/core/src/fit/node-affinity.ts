import type { Labels, NodeSelector, NodeSelectorTerm, PodSpec, Requirement } from "../model/pod.ts";
import { describeSelector, meets, selects } from "./label-selector.ts";

/** The plugin NodeAffinity: both nodeSelector and required node affinity. */
export function meetsNodeRequirements(
  { nodeSelector, nodeAffinity }: Pick<PodSpec, "nodeSelector" | "nodeAffinity">,
  name: string,
  labels: Labels,
): boolean {
  return (
    hasLabels(nodeSelector, labels) && (nodeAffinity === null || matchesNode(nodeAffinity, name, labels))
  );
}

export function hasLabels(wanted: Labels, labels: Labels): boolean {
  for (const key in wanted) {
    if (labels[key] !== wanted[key]) return false;
  }
  return true;
}

/** One term holds. As `LazyErrorNodeSelector.Match` of k8s.io/component-helpers. */
export function matchesNode(selector: NodeSelector, name: string, labels: Labels): boolean {
  for (const term of selector) {
    if (matchesTerm(term, name, labels)) return true;
  }
  return false;
}

function matchesTerm(
  { matchExpressions, matchFields }: NodeSelectorTerm,
  name: string,
  labels: Labels,
): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  return selects(matchExpressions, labels) && matchFields.every((field) => matchesField(field, name));
}

/** Kubernetes knows one field, `metadata.name`, with In and NotIn of one value; a term with another never holds. */
function matchesField(field: Requirement, name: string): boolean {
  const known = field.operator === "In" || field.operator === "NotIn";
  return known && field.key === "metadata.name" && field.values.length === 1 && meets(field, name);
}

/** "a=1, b or c in (2, 3)". */
export function describeNodeSelector(selector: NodeSelector): string {
  const terms = selector.map(({ matchExpressions, matchFields }) =>
    matchExpressions.length + matchFields.length === 0
      ? "no node"
      : describeSelector([...matchExpressions, ...matchFields]),
  );
  return terms.join(" or ") || "no node";
}

/** "a=1, b=2". */
export function describeLabels(labels: Labels): string {
  return Object.keys(labels)
    .sort()
    .map((key) => `${key}=${labels[key]}`)
    .join(", ");
}
