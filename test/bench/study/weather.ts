import { type SpotUse, WEATHERS } from "@gpu-autoscaler/sandbox";
import { type RunFigures, type RunSpec, SHIPPED } from "./runs.ts";
import { columns, type FiguresOf, type Question, type Study } from "./study.ts";

const POLICIES = [
  "gpu-autoscaler",
  "karpenter",
  "cluster-autoscaler",
] as const satisfies readonly RunSpec["policy"][];
const SPOT = ["mix", "all"] as const satisfies readonly SpotUse[];

/**
 * Each policy with Spot, in each weather. Which pods an interruption strikes is luck, and one that has
 * run for a week costs as much as a hundred others: hence several seeds, and what was lost.
 */
export const weather: Study = {
  name: "weather",
  specs: (question) => [
    ...question.traces.map(withoutSpot),
    ...SPOT.flatMap((spot) => skiesOf(question, spot).flatMap((sky) => sky.specs)),
  ],
  tables: (question, figuresOf) =>
    SPOT.map((spot) => ({
      caption: `\`--spot ${spot}\`, means over the seeds ${question.seeds.join(", ")}. Waits in seconds.`,
      columns: columns(
        ["trace", "weather", "policy"],
        [
          "cost over bound",
          "least to most",
          "wait",
          "Spot share",
          "interruptions",
          "evictions",
          "GPU-hours lost",
          "unfinished",
        ],
      ),
      rows: skiesOf(question, spot).map((sky) => [...sky.words, ...cellsOf(sky, figuresOf)]),
    })),
};

/** A row: one policy in one weather, by all seeds. */
interface Sky {
  readonly trace: string;
  readonly words: readonly string[];
  readonly specs: readonly RunSpec[];
}

function skiesOf({ traces, seeds }: Question, spot: SpotUse): Sky[] {
  return traces.flatMap((trace) =>
    WEATHERS.flatMap((sky) =>
      POLICIES.map((policy) => ({
        trace,
        words: [trace, sky, policy],
        specs: seeds.map((seed) => ({ ...SHIPPED, trace, spot, weather: sky, policy, seed })),
      })),
    ),
  );
}

/** What pods hold when none is interrupted. */
function withoutSpot(trace: string): RunSpec {
  return { ...SHIPPED, trace };
}

function cellsOf({ trace, specs }: Sky, figuresOf: FiguresOf): string[] {
  const runs = specs.map(figuresOf);
  const mean = (of: (run: RunFigures) => number) =>
    runs.reduce((sum, run) => sum + of(run), 0) / Math.max(1, runs.length);
  const costs = runs.map(({ costOverBound }) => costOverBound);
  const held = figuresOf(withoutSpot(trace)).gpuHoursUsed;
  return [
    mean(({ costOverBound }) => costOverBound).toFixed(3),
    `${Math.min(...costs).toFixed(3)} to ${Math.max(...costs).toFixed(3)}`,
    mean(({ meanWaitSeconds }) => meanWaitSeconds).toFixed(0),
    `${(mean(({ spotShare }) => spotShare) * 100).toFixed(0)} %`,
    mean(({ interruptions }) => interruptions).toFixed(0),
    mean(({ evictions }) => evictions).toFixed(0),
    mean(({ gpuHoursUsed }) => gpuHoursUsed - held).toFixed(0),
    String(runs.reduce((sum, { unfinished }) => sum + unfinished, 0)),
  ];
}
