import type { Policy, Prices } from "@gpu-autoscaler/core";
import {
  comparisonPolicy,
  comparisonPrices,
  generateDay,
  type PodRow,
  readTrace,
  type SimulationRequest,
  type SpotUse,
  STRATEGIES,
  sandboxPrices,
} from "@gpu-autoscaler/sandbox";
import { clusterPolicy } from "./cluster-policy.ts";
import type { CommandContext } from "./command-context.ts";
import { openEventsFile } from "./events-file.ts";
import { progressOn } from "./progress.ts";
import { createReport } from "./report/report.ts";
import { openReportFile, type ReportFile } from "./report/report-file.ts";
import { reportJson } from "./report-json.ts";
import { reportTable } from "./report-table.ts";

const DAY_MS = 86_400_000;

/** The options of `simulate`, as commander reads them. */
export interface SimulateOptions {
  readonly trace?: string;
  readonly config?: string;
  readonly cluster?: string;
  readonly policy: readonly string[];
  readonly spot?: SpotUse;
  readonly weather: SimulationRequest["weather"];
  readonly seed: number;
  readonly days?: number;
  readonly json?: boolean;
  readonly events?: string;
  readonly report?: string;
}

/**
 * Simulates and reports.
 *
 * @throws AutoscalerError when the trace, the configuration or a file to be written is refused
 */
export async function runSimulation(options: SimulateOptions, context: CommandContext): Promise<void> {
  const spot = options.spot ?? (options.config === undefined ? "none" : "mix");
  const { policy, prices } = await world(options, spot);
  const rows = await load(options);
  const events = options.events === undefined ? null : await openEventsFile(options.events);
  const progress = progressOn(context.stderr);
  let page: ReportFile | null = null;
  try {
    page = options.report === undefined ? null : await openReportFile(options.report);
    const report = page && createReport();
    const request: SimulationRequest = {
      rows,
      policy,
      prices,
      // In the order of the table, ours first, whatever the order of the command line.
      strategies: STRATEGIES.filter((strategy) => options.policy.includes(strategy)),
      spot,
      weather: options.weather,
      seed: options.seed,
      onProgress: progress.show,
      ...((events || report) && {
        onDecision: (strategy, record) => {
          events?.append(strategy, record);
          report?.onDecision(strategy, record);
        },
      }),
      ...(report && { onRun: report.onRun }),
    };
    const result = await context.simulate(request);
    progress.end();
    const scenario = headline(options, spot, rows);
    if (report) await page?.write(report.page(result, scenario));
    context.stdout.write(options.json ? reportJson(result) : `${scenario}\n\n${reportTable(result)}`);
  } finally {
    progress.end();
    await page?.close();
    await events?.close();
  }
}

async function world(options: SimulateOptions, spot: SpotUse): Promise<{ policy: Policy; prices: Prices }> {
  const policy = await clusterPolicy(options, spot);
  return policy
    ? { policy, prices: sandboxPrices(policy) }
    : { policy: comparisonPolicy(spot), prices: comparisonPrices() };
}

async function load({ trace, seed, days }: SimulateOptions): Promise<readonly PodRow[]> {
  if (trace === undefined) return generateDay({ seed, days: days ?? 1 });
  const rows = await readTrace(trace);
  return days === undefined ? rows : rows.filter(({ submitMs }) => submitMs < days * DAY_MS);
}

function headline(options: SimulateOptions, spot: SpotUse, rows: readonly PodRow[]): string {
  const source = options.trace ?? `the built-in load of ${options.days ?? 1} d`;
  const pods = `${rows.length.toLocaleString("en-US")} pods of ${source}`;
  return `${pods}; Spot ${spot}, weather ${options.weather}, seed ${options.seed}`;
}
