/** What left and what is new or another object, of two lists in much the same order. */
export function difference<T>(
  before: readonly T[],
  after: readonly T[],
  key: (item: T) => string,
): { readonly removed: readonly T[]; readonly changed: readonly T[] } {
  const changed: T[] = [];
  const removed: T[] = [];
  let at = 0;
  for (const item of before) {
    const next = after[at];
    if (next === undefined) removed.push(item);
    else if (next === item) at += 1;
    else if (key(next) === key(item)) {
      changed.push(next);
      at += 1;
    } else removed.push(item);
  }
  for (; at < after.length; at++) {
    const item = after[at];
    if (item !== undefined) changed.push(item);
  }
  return { removed, changed };
}
