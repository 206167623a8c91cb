import { REASONS, type TickRecord } from "@gpu-autoscaler/core";
import {
  bucketsFor,
  costOf,
  createDecisionHistory,
  type DecisionHistory,
  type PolicyRunResult,
  type RunHistory,
  runHistory,
  type SimulationResult,
  waitPoints,
} from "@gpu-autoscaler/sandbox";
import { dollars } from "../figures.ts";
import { packDecisions } from "./pack-decisions.ts";
import { reportPage } from "./page.ts";
import type { PageData, RunData } from "./page-data.ts";
import { runData } from "./run-data.ts";
import { comparisonOf, titleOf } from "./words.ts";

/** Bytes that a page may have. */
const MOST_BYTES = 4_900_000;

/** Listens to a simulation and makes a page of it. */
export interface Report {
  onDecision(strategy: string, record: TickRecord): void;
  onRun(strategy: string, run: PolicyRunResult): void;
  /** One HTML page that needs nothing else. `scenario` says what was simulated. */
  page(result: SimulationResult, scenario: string): string;
}

interface HeardRun {
  readonly decisions: DecisionHistory;
  run: PolicyRunResult | null;
}

export function createReport(mostBytes = MOST_BYTES): Report {
  const heard = new Map<string, HeardRun>();
  const of = (strategy: string): HeardRun => {
    const known = heard.get(strategy) ?? { decisions: createDecisionHistory(), run: null };
    heard.set(strategy, known);
    return known;
  };
  return {
    onDecision: (strategy, record) => of(strategy).decisions.add(record),
    onRun: (strategy, run) => {
      of(strategy).run = run;
    },
    page: (result, scenario) => {
      const data = pageData(result, scenario, heard);
      // The decisions share what the rest leaves of the page.
      const bare = Buffer.byteLength(reportPage(data, []));
      const mostCharacters = Math.max(0, mostBytes - bare) / Math.max(1, result.runs.length);
      const decisions = result.runs.map(({ name }) => packRun(heard.get(name), mostCharacters));
      const runs = data.runs.map((run, at) => ({
        ...run,
        decisions: decisions[at]?.counts ?? run.decisions,
      }));
      return reportPage(
        { ...data, runs },
        decisions.map(({ base64 }) => base64),
      );
    },
  };
}

function packRun(heard: HeardRun | undefined, mostCharacters: number) {
  return packDecisions(heard?.decisions.entries ?? [], heard?.run?.startedAt ?? 0, mostCharacters);
}

function pageData(
  { runs, lowerBoundNanoDollars }: SimulationResult,
  scenario: string,
  heard: ReadonlyMap<string, HeardRun>,
): PageData {
  const results = runs.map(({ name }) => {
    const run = heard.get(name)?.run;
    if (!run) throw new TypeError(`nothing was told of the run of ${name}`);
    return run;
  });
  const lastSubmitMs = largest(results.flatMap(({ rows }) => rows.map(({ row }) => row.submitMs)));
  const longestMs = largest(results.map(({ endedAt, startedAt }) => endedAt - startedAt));
  const buckets = bucketsFor(longestMs, lastSubmitMs);
  const points = waitPoints(largest(runs.map(({ waitMs }) => waitMs.max)));
  const histories = results.map((run) => runHistory(run, buckets, points));
  return {
    scenario,
    boundUsd: lowerBoundNanoDollars === 0 ? null : dollars(lowerBoundNanoDollars),
    edgesSeconds: buckets.edgesMs.map((ms) => ms / 1_000),
    lastSubmitSeconds: lastSubmitMs / 1_000,
    waitPointsSeconds: points.map((ms) => ms / 1_000),
    pools: poolsByCost(histories),
    reasons: REASONS,
    runs: runs.flatMap((run, at): RunData[] => {
      const [history, result] = [histories[at], results[at]];
      if (!history || !result) return [];
      return [
        {
          ...runData(run, history, buckets, lowerBoundNanoDollars),
          title: titleOf(run, result.rows.length, lowerBoundNanoDollars),
          comparisons: runs.filter((other) => other !== run).map((other) => comparisonOf(run, other)),
          decisions: { kept: 0, leftOut: {} },
        },
      ];
    }),
  };
}

function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

function poolsByCost(histories: readonly RunHistory[]): string[] {
  const costs = new Map<string, number>();
  for (const pool of histories.flatMap((history) => history.costs.pools)) {
    costs.set(pool.pool, (costs.get(pool.pool) ?? 0) + costOf(pool));
  }
  return [...costs].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([pool]) => pool);
}
