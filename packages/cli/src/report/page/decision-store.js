import { byId } from "./dom.js";

/** @typedef {import("../page-data.ts").DecisionsData} DecisionsData */

/** @typedef {{ code: string, detail: string }} Reason */

/**
 * A decision, unpacked.
 *
 * @typedef {object} Decision
 * @property {number} at
 * @property {number | null} until
 * @property {string} kind
 * @property {string} pool
 * @property {string} what
 * @property {string} outcome
 * @property {string} asksFor
 * @property {Reason[]} reasons
 * @property {string[]} pods
 * @property {(Reason & { where: string })[]} rejected
 */

/** Places of the columns of a row, as `DecisionRow` names them. */
const KIND = 2;
const POOL = 3;
const WHAT = 4;
const OUTCOME = 5;
const ASKS_FOR = 6;
const REASONS = 7;
const PODS = 8;
const REJECTED = 9;

/** Reads the decisions of a run out of the page. @param {number} run @returns {Promise<DecisionsData>} */
export async function readDecisions(run) {
  const base64 = byId(`decisions-${run}`).textContent ?? "";
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(unpacked).json();
}

/**
 * Finds decisions. Texts stand once each, so a word is looked for in each text once, and rows are
 * only asked whether they have one of the texts that hold it.
 *
 * @param {DecisionsData} data
 */
export function createStore({ texts, lists, rows }) {
  const lower = texts.map((text) => text.toLowerCase());

  /** @param {string} word @returns {(row: import("../page-data.ts").DecisionRow) => boolean} */
  const holding = (word) => {
    const hit = lower.map((text) => text.includes(word));
    const hitLists = lists.map((list) => list.some((place) => hit[place]));
    return (row) =>
      [KIND, POOL, WHAT, OUTCOME, ASKS_FOR].some((column) => hit[row[column] ?? 0]) ||
      [REASONS, PODS, REJECTED].some((column) => hitLists[row[column] ?? 0]);
  };

  return {
    count: rows.length,
    /** How many there are of each text of a column, most first. @param {"kind" | "pool"} column @returns {[string, number][]} */
    tally(column) {
      const counts = new Map();
      for (const row of rows) {
        const text = texts[row[column === "kind" ? KIND : POOL] ?? 0] ?? "";
        counts.set(text, (counts.get(text) ?? 0) + 1);
      }
      return [...counts].sort(([, a], [, b]) => b - a);
    },
    /** Places of the rows that hold every word, of the kind and the pool where they are not "". @param {string} words @param {string} kind @param {string} pool */
    find(words, kind, pool) {
      const tests = words.toLowerCase().split(/\s+/).filter(Boolean).map(holding);
      const [kindAt, poolAt] = [texts.indexOf(kind), texts.indexOf(pool)];
      return rows.flatMap((row, at) => {
        if (kind !== "" && row[KIND] !== kindAt) return [];
        if (pool !== "" && row[POOL] !== poolAt) return [];
        return tests.every((test) => test(row)) ? [at] : [];
      });
    },
    /** @param {number} at @returns {Decision} */
    decision(at) {
      const row = rows[at];
      if (!row) throw new RangeError(`there is no decision ${at}`);
      const text = (/** @type {number} */ place) => texts[place] ?? "";
      const list = (/** @type {number} */ place) => (lists[place] ?? []).map(text);
      return {
        at: row[0],
        until: row[1],
        kind: text(row[KIND]),
        pool: text(row[POOL]),
        what: text(row[WHAT]),
        outcome: text(row[OUTCOME]),
        asksFor: text(row[ASKS_FOR]),
        reasons: chunks(list(row[REASONS]), 2).map(([code = "", detail = ""]) => ({ code, detail })),
        pods: list(row[PODS]),
        rejected: chunks(list(row[REJECTED]), 3).map(([where = "", code = "", detail = ""]) => ({
          where,
          code,
          detail,
        })),
      };
    },
  };
}

/** @param {readonly string[]} list @param {number} size */
function chunks(list, size) {
  return Array.from({ length: list.length / size }, (_, at) => list.slice(at * size, (at + 1) * size));
}
