import type { LabelSelector } from "../model/pod.ts";
import { anchorOf } from "./label-selector.ts";
import type { NodeSpace, NodeState, PlacedPod } from "./node-space.ts";

interface Placement {
  readonly pod: PlacedPod;
  readonly node: NodeState;
}

/**
 * The placed pods, to be found by the value of a label. What is looked up by is only known when
 * somebody looks: until then placing a pod costs nothing here.
 */
export class PlacedPods {
  readonly #nodes: ReadonlySet<NodeSpace>;
  readonly #byKey = new Map<string, Map<string, Placement[]>>();

  constructor(nodes: ReadonlySet<NodeSpace>) {
    this.#nodes = nodes;
  }

  place(pod: PlacedPod, node: NodeState): void {
    if (this.#byKey.size === 0) return;
    for (const [key, byValue] of this.#byKey) put(byValue, pod.labels[key], { pod, node });
  }

  displace(pod: PlacedPod, node: NodeState): void {
    for (const [key, byValue] of this.#byKey) {
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
    const byValue = this.#byKey.get(anchor.key) ?? this.#indexBy(anchor.key);
    for (const value of new Set(anchor.values)) {
      for (const { pod, node } of byValue.get(value) ?? []) visit(pod, node);
    }
  }

  #indexBy(key: string): Map<string, Placement[]> {
    const byValue = new Map<string, Placement[]>();
    for (const { state } of this.#nodes) {
      for (const pod of state.pods) put(byValue, pod.labels[key], { pod, node: state });
    }
    this.#byKey.set(key, byValue);
    return byValue;
  }
}

function put(byValue: Map<string, Placement[]>, value: string | undefined, placement: Placement): void {
  if (value === undefined) return;
  const placements = byValue.get(value);
  if (placements === undefined) byValue.set(value, [placement]);
  else placements.push(placement);
}
