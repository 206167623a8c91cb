import type { LabelSelector, Labels, PodSpec, Requirement } from "../model/pod.ts";

/** Whether labels meet every requirement; an empty selector selects everything. */
export function selects(selector: LabelSelector, labels: Labels): boolean {
  for (const requirement of selector) {
    if (!meets(requirement, labels[requirement.key])) return false;
  }
  return true;
}

/** The same for a selector as it stands in objects, where null selects nothing. */
export function selectorMatches(selector: LabelSelector | null, labels: Labels): boolean {
  return selector !== null && selects(selector, labels);
}

/**
 * Whether a label's value meets a requirement; undefined: no such label. As `Requirement.Matches`
 * of k8s.io/apimachinery/pkg/labels: NotIn holds where the label is missing, Gt and Lt compare
 * 64-bit integers and hold for nothing else.
 */
export function meets({ operator, values }: Requirement, label: string | undefined): boolean {
  // Not `=== undefined`: for a key such as "constructor" a plain object answers with a function.
  const present = typeof label === "string";
  switch (operator) {
    case "In":
      return present && values.includes(label);
    case "NotIn":
      return !present || !values.includes(label);
    case "Exists":
      return present;
    case "DoesNotExist":
      return !present;
    case "Gt":
    case "Lt":
      return present && values.length === 1 && compares(operator, label, values[0] ?? "");
  }
}

function compares(operator: "Gt" | "Lt", label: string, bound: string): boolean {
  const left = int64(label);
  const right = int64(bound);
  if (left === null || right === null) return false;
  return operator === "Gt" ? left > right : left < right;
}

/** As Go's `strconv.ParseInt(text, 10, 64)`; null where it fails. */
function int64(text: string): bigint | null {
  if (!/^[+-]?\d+$/.test(text)) return null;
  const value = BigInt(text.startsWith("+") ? text.slice(1) : text);
  return BigInt.asIntN(64, value) === value ? value : null;
}

/**
 * A requirement by which to look things up: what it selects has one of a few values under one
 * key. null: the selector has none.
 */
export function anchorOf(selector: LabelSelector): Requirement | null {
  return selector.find((requirement) => requirement.operator === "In") ?? null;
}

/** The keys of all pod labels that affinity and topology spread of these pods look at. */
export function labelKeysLookedAt(specs: Iterable<PodSpec>): Set<string> {
  const keys = new Set<string>();
  const add = (selector: LabelSelector | null) => {
    for (const requirement of selector ?? []) keys.add(requirement.key);
  };
  for (const { podAffinity, podAntiAffinity, topologySpread } of specs) {
    for (const term of podAffinity) add(term.selector);
    for (const term of podAntiAffinity) add(term.selector);
    for (const constraint of topologySpread) {
      add(constraint.selector);
      for (const key of constraint.matchLabelKeys) keys.add(key);
    }
  }
  return keys;
}

/** As `kubectl` would print it: "app in (web, api), !canary". */
export function describeSelector(selector: LabelSelector): string {
  return selector.map(describeRequirement).join(", ") || "everything";
}

function describeRequirement({ key, operator, values }: Requirement): string {
  switch (operator) {
    case "In":
      return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.join(", ")})`;
    case "NotIn":
      return values.length === 1 ? `${key}!=${values[0]}` : `${key} notin (${values.join(", ")})`;
    case "Exists":
      return key;
    case "DoesNotExist":
      return `!${key}`;
    case "Gt":
      return `${key}>${values.join()}`;
    case "Lt":
      return `${key}<${values.join()}`;
  }
}
