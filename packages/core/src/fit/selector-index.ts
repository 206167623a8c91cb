import type { LabelSelector, Labels } from "../model/pod.ts";
import { anchorOf } from "./label-selector.ts";

/**
 * Finds, among many selectors, those that may select given labels, by the value of one label that
 * each of them demands. So a pod is compared with the few that are about its application, and not
 * with all that the cluster has.
 */
export class SelectorIndex<Item> {
  readonly #byKey = new Map<string, Map<string, Item[]>>();
  readonly #rest: Item[] = [];
  readonly #all: Item[] = [];

  /** Everything, in the order in which it came. */
  get all(): readonly Item[] {
    return this.#all;
  }

  add(selector: LabelSelector, item: Item): void {
    this.#all.push(item);
    const anchor = anchorOf(selector);
    if (anchor === null) {
      this.#rest.push(item);
      return;
    }
    let byValue = this.#byKey.get(anchor.key);
    if (byValue === undefined) {
      byValue = new Map();
      this.#byKey.set(anchor.key, byValue);
    }
    for (const value of new Set(anchor.values)) {
      const items = byValue.get(value);
      if (items === undefined) byValue.set(value, [item]);
      else items.push(item);
    }
  }

  /** Each item whose selector may select the labels, once; it remains to be asked. */
  forEachCandidate(labels: Labels, visit: (item: Item) => void): void {
    for (const [key, byValue] of this.#byKey) {
      const value = labels[key];
      const items = value === undefined ? undefined : byValue.get(value);
      if (items !== undefined) items.forEach(visit);
    }
    this.#rest.forEach(visit);
  }
}
