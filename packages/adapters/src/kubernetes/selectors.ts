import type { LabelSelector, NodeSelector, NodeSelectorTerm, Requirement } from "@gpu-autoscaler/core";
import { mapped, NONE } from "./empty.ts";
import type { RawLabelSelector, RawNodeSelector, RawRequirement } from "./schemas.ts";

/** null, which selects nothing, stays null. */
export function labelSelectorOf(raw: RawLabelSelector | null | undefined): LabelSelector | null {
  if (raw === null || raw === undefined) return null;
  const labels = Object.entries(raw.matchLabels ?? {}).map(
    ([key, value]): Requirement => ({ key, operator: "In", values: [value] }),
  );
  const expressions = mapped(raw.matchExpressions, (expression) => requirementOf(expression) ?? NEVER);
  return labels.length === 0 ? expressions : [...labels, ...expressions];
}

/** A selector that is absent demands nothing: null. */
export function nodeSelectorOf(raw: RawNodeSelector | null | undefined): NodeSelector | null {
  if (raw === null || raw === undefined) return null;
  return mapped(raw.nodeSelectorTerms, ({ matchExpressions, matchFields }): NodeSelectorTerm => {
    const expressions = mapped(matchExpressions, requirementOf);
    const fields = mapped(matchFields, requirementOf);
    // A term that cannot be read matches no node (LazyErrorNodeSelector), as an empty one.
    if (expressions.includes(null) || fields.includes(null)) return NO_NODE;
    return { matchExpressions: known(expressions), matchFields: known(fields) };
  });
}

const NO_NODE: NodeSelectorTerm = Object.freeze({ matchExpressions: NONE, matchFields: NONE });
/** What no labels meet. */
const NEVER: Requirement = Object.freeze({ key: "", operator: "In", values: NONE });

function known(requirements: readonly (Requirement | null)[]): readonly Requirement[] {
  return requirements.filter((requirement) => requirement !== null);
}

/** null: an operator that nobody knows yet. */
function requirementOf({ key, operator, values }: RawRequirement): Requirement | null {
  switch (operator) {
    case "In":
    case "NotIn":
    case "Exists":
    case "DoesNotExist":
    case "Gt":
    case "Lt":
      return { key, operator, values: values ?? NONE };
    default:
      return null;
  }
}
