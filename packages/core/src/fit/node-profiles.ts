import { HOSTNAME_LABEL } from "../model/keys.ts";
import type { Reason } from "../model/reason.ts";
import { type LabelColumns, numberOf, valueOn } from "./label-columns.ts";
import type { NodeCheck } from "./node-checks.ts";
import type { NodeSpec, NodeState } from "./node-space.ts";
import { describeTaint } from "./taints.ts";

/**
 * What checks said, remembered by *profile*: a number that is the same for nodes that look alike
 * in all that a check looks at. So a check of ten thousand nodes is made some tens of times, and
 * pods of one kind share it however much they ask for.
 */
export class NodeProfiles {
  readonly #taints = new Map<string, number>();
  readonly #columns: LabelColumns;
  readonly #views = new Map<string, View>();
  /** Those that are not the same for nodes alike in all but the name. */
  readonly #viewsOfNames: View[] = [];
  readonly #checks = new Map<string, RememberedCheck>();

  constructor(columns: LabelColumns) {
    this.#columns = columns;
  }

  taintIdOf({ taints, unschedulable }: NodeSpec): number {
    let key = unschedulable ? "cordoned" : "";
    for (const taint of taints) key += ` ${describeTaint(taint)}`;
    return numberOf(this.#taints, key);
  }

  remember(check: NodeCheck): RememberedCheck {
    let remembered = this.#checks.get(check.key);
    if (remembered === undefined) {
      remembered = { check, view: this.#viewOf(check), verdicts: [], misfits: [] };
      this.#checks.set(check.key, remembered);
    }
    return remembered;
  }

  /** Of a copy, sets right what depends on its name. */
  rename(node: NodeState): void {
    this.#columns.rename(node);
    for (const view of this.#viewsOfNames) {
      if (node.profiles[view.index] !== undefined) profileOf(view, node);
    }
  }

  #viewOf({ labelKeys, presentKeys, looksAtName }: NodeCheck): View {
    const values = [...labelKeys].sort();
    const key = [
      ...values,
      ...presentKeys.map((present) => `?${present}`),
      looksAtName ? "!name" : "",
    ].join();
    let view = this.#views.get(key);
    if (view === undefined) {
      const columns = values.map((label) => this.#columns.of(label));
      const present = presentKeys.map((label) => this.#columns.of(label));
      const names = new Map<string, number>();
      const steps = [
        ...columns.map((column) => step((node) => valueOn(column, node))),
        ...present.map((column) => step((node) => Math.min(valueOn(column, node), 1))),
        ...(looksAtName ? [step(({ spec }) => numberOf(names, spec.name))] : []),
      ];
      view = { index: this.#views.size, steps };
      this.#views.set(key, view);
      if (looksAtName || [...labelKeys, ...presentKeys].includes(HOSTNAME_LABEL))
        this.#viewsOfNames.push(view);
    }
    return view;
  }
}

/** A check, and what it said of the nodes seen so far, by profile. */
export interface RememberedCheck {
  readonly check: NodeCheck;
  readonly view: View;
  readonly verdicts: (boolean | undefined)[];
  /** What keeps the pod off, as far as it was told. */
  readonly misfits: (readonly Reason[] | undefined)[];
}

export function profileOn(view: View, node: NodeState): number {
  return node.profiles[view.index] ?? profileOf(view, node);
}

export function holds(remembered: RememberedCheck, node: NodeState): boolean {
  const profile = profileOn(remembered.view, node);
  const verdict = remembered.verdicts[profile];
  if (verdict !== undefined) return verdict;
  const fresh = remembered.check.holds(node.spec);
  remembered.verdicts[profile] = fresh;
  return fresh;
}

/** A part of what a node is. Checks that look at the same things share it. */
export interface View {
  readonly index: number;
  readonly steps: readonly Step[];
}

/** Adds one thing that is looked at: numbers the pairs of what was seen before it and its own number. */
interface Step {
  readonly idOf: (node: NodeState) => number;
  /** By the first, then by the second. */
  readonly pairs: (number | undefined)[][];
  count: number;
}

function profileOf(view: View, node: NodeState): number {
  let profile = node.taintId;
  for (const step of view.steps) profile = numberOfPair(step, profile, step.idOf(node));
  node.profiles[view.index] = profile;
  return profile;
}

function numberOfPair(step: Step, first: number, second: number): number {
  step.pairs[first] ??= [];
  const numbers = step.pairs[first];
  let number = numbers[second];
  if (number === undefined) {
    number = step.count++;
    numbers[second] = number;
  }
  return number;
}

function step(idOf: (node: NodeState) => number): Step {
  return { idOf, pairs: [], count: 0 };
}
