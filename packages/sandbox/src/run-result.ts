import type { Plan, Reason } from "@gpu-autoscaler/core";
import type { PolicyRunResult } from "./run-policy.ts";
import type { RunResult, UnservedPod } from "./simulate.ts";
import type { RowOutcome } from "./world/index.ts";

/** What a run came to, in the terms of the report. */
export function runResult(name: string, result: PolicyRunResult): RunResult {
  const feasible = result.rows.filter(({ infeasible }) => infeasible === null);
  return {
    name,
    costNanoDollars: result.nanoDollars,
    spotGpuMs: result.spotGpuMs,
    gpuMsPaid: result.gpuMsPaid,
    gpuMsUsed: result.gpuMsUsed,
    waitMs: waitFigures(feasible.map(({ waitMs }) => waitMs)),
    launches: result.launches,
    interruptions: result.interruptions,
    evictions: result.evictions,
    unfinished: feasible
      .filter(({ status }) => status !== "ended")
      .map(({ row, pod }) => ({ name: row.name, reasons: whyWaiting(pod, result.lastPlan) })),
    infeasible: result.rows.flatMap(whyInfeasible),
  };
}

export type WaitFigures = RunResult["waitMs"];

/** Percentiles by nearest rank. */
export function waitFigures(unsorted: readonly number[]): WaitFigures {
  const sorted = [...unsorted].sort((a, b) => a - b);
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  const mean = sorted.reduce((sum, each) => sum + each, 0) / Math.max(1, sorted.length);
  return { mean, p50: rank(0.5), p95: rank(0.95), max: rank(1) };
}

/** What the last decision said of the row's pod. */
function whyWaiting(pod: string | null, plan: Plan | null): readonly Reason[] {
  const decisions = plan?.demand.filter(({ pods }) => pod !== null && pods.includes(pod)) ?? [];
  return decisions.flatMap(({ outcomes }) => outcomes.map(({ reason }) => reason));
}

function whyInfeasible({ row, infeasible }: RowOutcome): UnservedPod[] {
  if (infeasible === null) return [];
  const reasons = infeasible.flatMap(({ pool, reasons: why }) =>
    why.map(({ code, detail }) => ({ code, detail: `${pool}: ${detail}` })),
  );
  return [{ name: row.name, reasons }];
}
