import type { LabelSelector, Labels } from "../model/pod.ts";
import { anchorOf } from "./label-selector.ts";

/**
 * Finds, among many selectors, those that may select given labels, by the value of one label that
 * each of them demands. So a pod is compared with the few that are about its application, and not
 * with all that the cluster has.
 */
export class SelectorIndex<Item> {
  readonly #keys: { readonly key: string; readonly byValue: Map<string, Item[]> }[] = [];
  readonly #rest: Item[] = [];

  add(selector: LabelSelector, item: Item): void {
    const anchor = anchorOf(selector);
    if (anchor === null) {
      this.#rest.push(item);
      return;
    }
    let column = this.#keys.find(({ key }) => key === anchor.key);
    if (column === undefined) {
      column = { key: anchor.key, byValue: new Map() };
      this.#keys.push(column);
    }
    for (const value of new Set(anchor.values)) {
      const items = column.byValue.get(value);
      if (items === undefined) column.byValue.set(value, [item]);
      else items.push(item);
    }
  }

  /** Lists of the items whose selector may select the labels, each item once; they remain to be asked. */
  candidates(labels: Labels): readonly (readonly Item[])[] {
    let found = this.#rest.length > 0 ? [this.#rest] : NONE;
    for (const { key, byValue } of this.#keys) {
      const value = labels[key];
      const items = value === undefined ? undefined : byValue.get(value);
      if (items === undefined) continue;
      if (found === NONE) found = [items];
      else found.push(items);
    }
    return found;
  }
}

const NONE: never[][] = [];
