/** Adds an item to the list under a key. */
export function append<Key, Item>(lists: Map<Key, Item[]>, key: Key, item: Item): void {
  const there = lists.get(key);
  if (there) there.push(item);
  else lists.set(key, [item]);
}
