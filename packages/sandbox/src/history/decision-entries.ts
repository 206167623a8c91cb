import type { DemandDecision, PodsOutcome, TickRecord } from "@gpu-autoscaler/core";
import type { DecisionEntry } from "./decision-entry.ts";
import { effectEntry } from "./effect-entry.ts";

/** An entry that the latest record still said. */
type OpenEntry = { -readonly [Field in keyof DecisionEntry]: DecisionEntry[Field] };

/** Makes entries of a run's records, as they come. */
export interface DecisionHistory {
  add(record: TickRecord): void;
  /** In the order of their beginnings. */
  readonly entries: readonly DecisionEntry[];
}

/**
 * Each effect is an entry. What is said of pods and nodes is repeated from record to record, so it
 * is one entry for as long as the same is said of the same pods or node; the particulars are those
 * said last. A launch bears the pods that it is for and the groups that were not taken, which are
 * then no entry of their own.
 */
export function createDecisionHistory(): DecisionHistory {
  const entries: DecisionEntry[] = [];
  let open = new Map<string, OpenEntry>();
  return {
    entries,
    add(record) {
      const { decidedAt, effects, outcomes } = record;
      const byKey = new Map(outcomes.map((outcome) => [outcome.key, outcome]));
      for (const effect of effects) entries.push(effectEntry(record, effect, byKey.get(effect.key)));

      const said = new Map<string, OpenEntry>();
      for (const [key, entry] of statements(record)) {
        const before = open.get(key);
        if (before) Object.assign(before, { ...entry, at: before.at });
        else entries.push(entry);
        said.set(key, before ?? entry);
      }
      for (const [key, entry] of open) if (!said.has(key)) entry.until = decidedAt;
      open = said;
    },
  };
}

/** What a record says of pods, nodes and the snapshot, by what makes it the same as before. */
function* statements(record: TickRecord): Generator<[string, OpenEntry]> {
  const { decidedAt, effects, demand, nodes, problems } = record;
  const base = { at: decidedAt, until: null, outcome: "", pods: [], asksFor: "", rejected: [] };
  const carriedOut = new Set(effects.map(({ key }) => key));
  for (const decision of demand) {
    for (const outcome of decision.outcomes) {
      if (outcome.effect !== null && carriedOut.has(outcome.effect)) continue;
      yield [waitKey(decision, outcome), waitEntry(decision, outcome, decidedAt)];
    }
  }
  for (const { node, pool, reasons } of nodes) {
    const codes = reasons.map(({ code }) => code).join();
    yield [`node ${node} ${codes}`, { ...base, kind: "NodeStays", pool, what: node, reasons }];
  }
  for (const problem of problems) {
    const entry = { ...base, kind: "Problem", pool: null, what: "", reasons: [problem] } as const;
    yield [`problem ${problem.code} ${problem.detail}`, entry];
  }
}

function waitKey({ pods, gang }: DemandDecision, { count, reason, effect }: PodsOutcome): string {
  return ["pods", pods.join(), gang, count, reason.code, reason.detail, effect].join(" ");
}

function waitEntry(
  { pods, asksFor, gang, rejected }: DemandDecision,
  { count, reason }: PodsOutcome,
  at: number,
): OpenEntry {
  const some =
    count < pods.length ? `${count} of ${pods.length} pods` : count === 1 ? "1 pod" : `${count} pods`;
  const what = gang === null ? some : `${some} of gang ${gang}`;
  return {
    at,
    until: null,
    kind: "PodsWait",
    pool: null,
    what,
    reasons: [reason],
    outcome: "",
    pods,
    asksFor,
    rejected,
  };
}
