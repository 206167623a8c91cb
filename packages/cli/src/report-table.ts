import type { RunResult, SimulationResult } from "@gpu-autoscaler/sandbox";
import Table from "cli-table3";
import { countText, hours, moneyText, overBound, spotShare, waitText } from "./figures.ts";
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
  table.push(["bound", moneyText(lowerBoundNanoDollars), "1.00", ...HEAD.slice(3).map(() => "–")]);
  const unserved = unservedPods(runs);
  return `${table.toString()}\n${unserved ? `\n${unserved}` : ""}`;
}

function policyRow(run: RunResult, lowerBoundNanoDollars: number): string[] {
  return [
    run.name,
    moneyText(run.costNanoDollars),
    overBound(run.costNanoDollars, lowerBoundNanoDollars)?.toFixed(2) ?? "–",
    `${(spotShare(run) * 100).toFixed(0)} %`,
    hours(run.gpuMsPaid).toFixed(1),
    hours(run.gpuMsUsed).toFixed(1),
    waitText(run.waitMs.mean),
    waitText(run.waitMs.p50),
    waitText(run.waitMs.p95),
    waitText(run.waitMs.max),
    ...[run.launches, run.interruptions, run.evictions, run.unfinished.length, run.infeasible.length].map(
      countText,
    ),
  ];
}
