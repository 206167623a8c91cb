/**
 * Whether a resourceVersion is the other or a later one. As decimal numbers of any length, which is
 * how they may be compared within one kind of object (KEP-5504, Comparable Resource Version).
 */
export function isAtLeast(version: string, other: string): boolean {
  return version.length === other.length ? version >= other : version.length > other.length;
}
