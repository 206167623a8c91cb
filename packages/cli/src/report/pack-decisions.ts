import { gzipSync } from "node:zlib";
import { DECISION_KINDS, type DecisionEntry } from "@gpu-autoscaler/sandbox";
import type { DecisionCounts, DecisionRow, DecisionsData } from "./page-data.ts";

export interface PackedDecisions {
  readonly base64: string;
  readonly counts: DecisionCounts;
}

/**
 * Packs the decisions of a run into at most so many characters. Where there are too many, kinds
 * that tell least are left out first, the latest of a kind first, and counted.
 */
export function packDecisions(
  entries: readonly DecisionEntry[],
  startedAt: number,
  mostCharacters: number,
): PackedDecisions {
  const byWorth = entries.toSorted((a, b) => worth(a) - worth(b) || a.at - b.at);
  let kept = byWorth.length;
  for (;;) {
    const chosen = byWorth.slice(0, kept).sort((a, b) => a.at - b.at);
    const base64 = pack(table(chosen, startedAt));
    if (base64.length <= mostCharacters || kept === 0)
      return { base64, counts: { kept, leftOut: countKinds(byWorth.slice(kept)) } };
    // Sizes are nearly in proportion; the rest is found by trying again.
    kept = Math.floor(kept * Math.min(0.95, (0.98 * mostCharacters) / base64.length));
  }
}

function worth({ kind }: DecisionEntry): number {
  return DECISION_KINDS.indexOf(kind);
}

function countKinds(entries: readonly DecisionEntry[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of entries) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function pack(data: DecisionsData): string {
  return gzipSync(JSON.stringify(data)).toString("base64");
}

function table(entries: readonly DecisionEntry[], startedAt: number): DecisionsData {
  const texts = createPlaces<string>(String);
  const lists = createPlaces<readonly number[]>((list) => list.join());
  const listOf = (words: readonly string[]) => lists.placeOf(words.map(texts.placeOf));
  const rows = entries.map(
    (entry): DecisionRow => [
      (entry.at - startedAt) / 1_000,
      entry.until === null ? null : (entry.until - startedAt) / 1_000,
      texts.placeOf(entry.kind),
      texts.placeOf(entry.pool ?? ""),
      texts.placeOf(entry.what),
      texts.placeOf(entry.outcome),
      texts.placeOf(entry.asksFor),
      listOf(entry.reasons.flatMap(({ code, detail }) => [code, detail])),
      listOf(entry.pods),
      listOf(
        entry.rejected.flatMap(({ pool, group, zone, reasons }) => {
          const where = [group ?? pool, zone].filter((part) => part !== null).join("/");
          return reasons.flatMap(({ code, detail }) => [where, code, detail]);
        }),
      ),
    ],
  );
  return { texts: texts.values, lists: lists.values, rows };
}

/** Gives each value its place in a list in which it stands once. */
function createPlaces<Value>(keyOf: (value: Value) => string) {
  const values: Value[] = [];
  const places = new Map<string, number>();
  return {
    values,
    placeOf(value: Value): number {
      const key = keyOf(value);
      let place = places.get(key);
      if (place === undefined) {
        place = values.push(value) - 1;
        places.set(key, place);
      }
      return place;
    },
  };
}
