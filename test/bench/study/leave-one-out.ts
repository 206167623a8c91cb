import { MINUTE_MS, SECOND_MS } from "@gpu-autoscaler/core";
import { type RunFigures, type RunSpec, SHIPPED } from "./runs.ts";
import type { Settings } from "./settings.ts";
import { columns, costAndWait, type FiguresOf, type Study, type StudyTable } from "./study.ts";

/** Settings that could have shipped, and their names. */
type Grid = Readonly<Record<string, Settings>>;

const KEEP_TIMES: Readonly<Record<string, Settings>> = {
  "as long as pays": {},
  "2 min": { keepTimeMs: 2 * MINUTE_MS },
  "10 min": { keepTimeMs: 10 * MINUTE_MS },
};
const CLOSE_ABOVE = { "1.2": 1_200, never: null };

/** Keep times by how dear a node has to be to be closed, and other settings one at a time. */
const GRID: Grid = {
  "as it ships": {},
  ...Object.fromEntries(
    Object.entries(KEEP_TIMES).flatMap(([keep, keepTime]) =>
      Object.entries(CLOSE_ABOVE).map(([close, closeAboveMilli]) => [
        `kept ${keep}, closed above ${close}`,
        { ...keepTime, closeAboveMilli },
      ]),
    ),
  ),
  "a wait worth 1 $ an hour": { waitDollarsPerHour: 1 },
  "a wait worth 5 $ an hour": { waitDollarsPerHour: 5 },
  "underused never": { underusedAfterMs: null },
  "normal and low pods wait 30 s": { pendingForMs: { normal: 30 * SECOND_MS, low: 30 * SECOND_MS } },
};

/** What a minute of mean wait is worth, in hundredths of the bound: nobody knows, so several. */
const MINUTE_WORTH_PERCENT = [0.5, 1, 2, 5];

/**
 * For each trace, the settings that the other traces would choose, and what they come to on the
 * trace itself, beside what ships. Chosen is the least mean, over the others, of cost over bound and
 * mean wait weighed together.
 */
export const leaveOneOut: Study = {
  name: "leave-one-out",
  specs: ({ traces }) =>
    traces.flatMap((trace) => Object.values(GRID).map((settings) => specOf(trace, settings))),
  tables: ({ traces }, figuresOf) => MINUTE_WORTH_PERCENT.map((worth) => tableOf(traces, figuresOf, worth)),
};

function tableOf(traces: readonly string[], figuresOf: FiguresOf, worth: number): StudyTable {
  return {
    caption: `A minute of mean wait weighs as ${worth} % of the bound.`,
    columns: columns(
      ["trace left out", "chosen by the others"],
      ["it gives", "what ships gives", "best there is"],
    ),
    rows: traces.map((trace) => {
      const others = traces.filter((other) => other !== trace);
      const run = (settings: Settings) => figuresOf(specOf(trace, settings));
      const chosen = best(GRID, others, figuresOf, worth);
      const own = best(GRID, [trace], figuresOf, worth);
      return [
        trace,
        chosen.name,
        costAndWait(run(chosen.settings)),
        costAndWait(run({})),
        `${costAndWait(run(own.settings))} (${own.name})`,
      ];
    }),
  };
}

/** The settings of the grid that weigh least over the traces; of equals the first. */
function best(
  grid: Grid,
  traces: readonly string[],
  figuresOf: FiguresOf,
  minuteWorthPercent: number,
): { readonly name: string; readonly settings: Settings } {
  let least = { name: "", settings: {}, weight: Number.POSITIVE_INFINITY };
  for (const [name, settings] of Object.entries(grid)) {
    const weights = traces.map((trace) => weightOf(figuresOf(specOf(trace, settings)), minuteWorthPercent));
    const weight = weights.reduce((sum, each) => sum + each, 0) / Math.max(1, weights.length);
    if (weight < least.weight) least = { name, settings, weight };
  }
  return least;
}

function weightOf({ costOverBound, meanWaitSeconds }: RunFigures, minuteWorthPercent: number): number {
  return costOverBound + ((meanWaitSeconds / 60) * minuteWorthPercent) / 100;
}

function specOf(trace: string, settings: Settings): RunSpec {
  return { ...SHIPPED, trace, settings };
}
