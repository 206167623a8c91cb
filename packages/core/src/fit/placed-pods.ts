import type { LabelSelector } from "../model/pod.ts";
import { anchorOf } from "./label-selector.ts";
import type { NodeSpace, NodeState, PlacedPod } from "./node-space.ts";

interface Placement {
  readonly pod: PlacedPod;
  readonly node: NodeState;
}

/** The placed pods that bear a label, by its value: of all values, or of those that were expected. */
interface Index {
  readonly key: string;
  readonly byValue: Map<string, Placement[]>;
  isWhole: boolean;
}

/**
 * The placed pods, to be found by the value of a label. What is looked up by is only known when
 * somebody looks: until then placing a pod costs nothing here.
 */
export class PlacedPods {
  readonly #nodes: ReadonlySet<NodeSpace>;
  readonly #indexes: Index[] = [];

  constructor(nodes: ReadonlySet<NodeSpace>) {
    this.#nodes = nodes;
  }

  /** Pods are sorted by what the selector looks at as they come, instead of all of them when it is asked for. */
  expect(selector: LabelSelector): void {
    const anchor = anchorOf(selector);
    if (anchor === null) return;
    const index = this.#indexOf(anchor.key);
    for (const value of anchor.values) this.#listOf(index, value);
  }

  place(pod: PlacedPod, node: NodeState): void {
    for (const index of this.#indexes) put(index, pod, node);
  }

  displace(pod: PlacedPod, node: NodeState): void {
    for (const { key, byValue } of this.#indexes) {
      const value = pod.labels[key];
      const placements = value === undefined ? undefined : byValue.get(value);
      const at =
        placements?.findLastIndex((placement) => placement.pod === pod && placement.node === node) ?? -1;
      if (at >= 0) placements?.splice(at, 1);
    }
  }

  /** Each placed pod that the selector may select, once; it remains to be asked. */
  forEachCandidate(selector: LabelSelector, visit: (pod: PlacedPod, node: NodeState) => void): void {
    const anchor = anchorOf(selector);
    if (anchor === null) {
      for (const { state } of this.#nodes) for (const pod of state.pods) visit(pod, state);
      return;
    }
    const index = this.#indexOf(anchor.key);
    for (const value of new Set(anchor.values)) {
      for (const { pod, node } of this.#listOf(index, value)) visit(pod, node);
    }
  }

  #indexOf(label: string): Index {
    let index = this.#indexes.find(({ key }) => key === label);
    if (index === undefined) {
      index = { key: label, byValue: new Map(), isWhole: false };
      this.#indexes.push(index);
    }
    return index;
  }

  #listOf(index: Index, value: string): readonly Placement[] {
    if (!index.isWhole && !index.byValue.has(value)) this.#widen(index, value);
    return index.byValue.get(value) ?? NOBODY;
  }

  /** By one value while there is nobody to sort; later by all, so that pods are gone through once. */
  #widen(index: Index, value: string): void {
    if (this.#nodes.size === 0) {
      index.byValue.set(value, []);
      return;
    }
    index.isWhole = true;
    index.byValue.clear();
    for (const { state } of this.#nodes) for (const pod of state.pods) put(index, pod, state);
  }
}

const NOBODY: readonly Placement[] = [];

function put({ key, byValue, isWhole }: Index, pod: PlacedPod, node: NodeState): void {
  const value = pod.labels[key];
  if (value === undefined) return;
  const placements = byValue.get(value);
  if (placements !== undefined) placements.push({ pod, node });
  else if (isWhole) byValue.set(value, [{ pod, node }]);
}
