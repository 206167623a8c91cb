import type { RunResult, SimulationResult } from "@gpu-autoscaler/sandbox";
import Table from "cli-table3";
import { dollars, hours, overBound, seconds, spotShare } from "./figures.ts";
import { unservedPods } from "./unserved-pods.ts";

const HEAD = [
  "policy",
  "cost",
  "over\nbound",
  "Spot\nshare",
  "GPU-h\npaid",
  "GPU-h\nused",
  "wait\nmean",
  "wait\np50",
  "wait\np95",
  "wait\nmax",
  "launches",
  "inter-\nruptions",
  "evictions",
  "un-\nfinished",
  "in-\nfeasible",
];

/** Space between columns and no lines: it is read, and pasted. */
const PLAIN = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
};

/** The result for people: a row for each policy, the bound last, and below it the pods that were not served. */
export function reportTable(result: SimulationResult): string {
  const { lowerBoundNanoDollars, runs } = result;
  const table = new Table({
    head: HEAD,
    chars: PLAIN,
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 0 },
    colAligns: HEAD.map((_, at) => (at === 0 ? "left" : "right")),
  });
  for (const run of runs) table.push(policyRow(run, lowerBoundNanoDollars));
  table.push(["bound", money(lowerBoundNanoDollars), "1.00", ...HEAD.slice(3).map(() => "–")]);
  const unserved = unservedPods(runs);
  return `${table.toString()}\n${unserved ? `\n${unserved}` : ""}`;
}

function policyRow(run: RunResult, lowerBoundNanoDollars: number): string[] {
  return [
    run.name,
    money(run.costNanoDollars),
    overBound(run.costNanoDollars, lowerBoundNanoDollars)?.toFixed(2) ?? "–",
    `${(spotShare(run) * 100).toFixed(0)} %`,
    hours(run.gpuMsPaid).toFixed(1),
    hours(run.gpuMsUsed).toFixed(1),
    wait(run.waitMs.mean),
    wait(run.waitMs.p50),
    wait(run.waitMs.p95),
    wait(run.waitMs.max),
    ...[run.launches, run.interruptions, run.evictions, run.unfinished.length, run.infeasible.length].map(
      grouped,
    ),
  ];
}

function money(nanoDollars: number): string {
  return `$${dollars(nanoDollars).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** "45 s", "12.3 min", "5.1 h". */
function wait(ms: number): string {
  const s = seconds(ms);
  if (s < 120) return `${s.toFixed(0)} s`;
  return s < 7_200 ? `${(s / 60).toFixed(1)} min` : `${(s / 3_600).toFixed(1)} h`;
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
