import type { LabelSelector } from "../model/pod.ts";
import { anchorOf } from "./label-selector.ts";
import type { NodeSpace, NodeState, PlacedPod } from "./node-space.ts";

interface Placement {
  readonly pod: PlacedPod;
  readonly node: NodeState;
}

/** The placed pods that bear a label, by its value. */
interface Index {
  readonly key: string;
  readonly byValue: Map<string, Placement[]>;
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
    if (anchor !== null) this.#indexOf(anchor.key);
  }

  place(pod: PlacedPod, node: NodeState): void {
    for (const { key, byValue } of this.#indexes) {
      const value = pod.labels[key];
      if (value !== undefined) put(byValue, value, { pod, node });
    }
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
    const { byValue } = this.#indexOf(anchor.key);
    for (const value of new Set(anchor.values)) {
      for (const { pod, node } of byValue.get(value) ?? []) visit(pod, node);
    }
  }

  #indexOf(label: string): Index {
    return this.#indexes.find(({ key }) => key === label) ?? this.#indexBy(label);
  }

  #indexBy(key: string): Index {
    const byValue = new Map<string, Placement[]>();
    for (const { state } of this.#nodes) {
      for (const pod of state.pods) {
        const value = pod.labels[key];
        if (value !== undefined) put(byValue, value, { pod, node: state });
      }
    }
    const index = { key, byValue };
    this.#indexes.push(index);
    return index;
  }
}

function put(byValue: Map<string, Placement[]>, value: string, placement: Placement): void {
  const placements = byValue.get(value);
  if (placements === undefined) byValue.set(value, [placement]);
  else placements.push(placement);
}
