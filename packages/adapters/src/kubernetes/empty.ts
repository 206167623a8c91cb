import type { Labels } from "@gpu-autoscaler/core";

/** What most objects have none of, once for all of them: it saves memory at ten thousand pods. */
const NO_LABELS: Labels = Object.freeze({});
export const NONE: readonly never[] = Object.freeze([]);

/** The list, or the one empty list. */
export function mapped<Raw, Item>(
  raw: readonly Raw[] | null | undefined,
  convert: (each: Raw) => Item,
): readonly Item[] {
  return raw === null || raw === undefined || raw.length === 0 ? NONE : raw.map(convert);
}

export function labelsOf(raw: Labels | null | undefined): Labels {
  return raw ?? NO_LABELS;
}
