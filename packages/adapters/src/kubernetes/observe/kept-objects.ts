import { type Entry, keyOf } from "./entries.ts";

/** Objects of one kind by namespace and name. */
export interface KeptObjects<Item> {
  set(raw: unknown, entry: Entry<Item>): void;
  /** Gives what was kept of it last. */
  delete(raw: unknown): Item | null;
  /** In the order of namespace and name. The same array until something changes. */
  items(): readonly Item[];
  /** The one of this key ("namespace/name"). */
  get(key: string): Item | null;
  /** What is wrong with objects that could not be read whole. */
  gaps(): readonly string[];
}

export function createKeptObjects<Item>(): KeptObjects<Item> {
  const objects = new Map<string, Entry<Item>>();
  let items: readonly Item[] | null = null;

  return {
    set(raw, entry) {
      objects.set(keyOf(raw), entry);
      items = null;
    },
    delete(raw) {
      const key = keyOf(raw);
      const last = objects.get(key)?.item ?? null;
      objects.delete(key);
      items = null;
      return last;
    },
    items() {
      items ??= [...objects]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([, { item }]) => (item === null ? [] : [item]));
      return items;
    },
    get: (key) => objects.get(key)?.item ?? null,
    gaps: () => [...objects.values()].flatMap(({ problem }) => problem ?? []).sort(),
  };
}
