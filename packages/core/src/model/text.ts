/** By code units, the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** FNV-1a (Fowler, Noll, Vo), 32 bits, in 8 hex digits. Another `basis` gives an independent hash. */
export function fnv1a(text: string, basis = 0x811c9dc5): string {
  let hash = basis;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hexOf(hash >>> 24) + hexOf((hash >>> 16) & 0xff) + hexOf((hash >>> 8) & 0xff) + hexOf(hash & 0xff);
}

/** Of each byte: `toString(16)` of a large number is slow. */
const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function hexOf(byte: number): string {
  return HEX[byte] ?? "";
}
