import type { Reason } from "@gpu-autoscaler/core";
import type { SimulationResult, UnservedPod } from "@gpu-autoscaler/sandbox";
import { dollars, hours, overBound, seconds, spotShare } from "./figures.ts";

/**
 * The result as one JSON object: `lowerBoundUsd` and `policies`, ours first, each with
 *
 * - `name`
 * - `costUsd`; `costOverBound`: costUsd ÷ lowerBoundUsd, null where the bound is 0
 * - `spotShare`: of the GPU-hours paid, 0 to 1
 * - `gpuHoursPaid`, and `gpuHoursUsed` by pods
 * - `waitSeconds` `{ mean, p50, p95, max }`: all time that a pod spent pending
 * - `launches`, `interruptions`, `evictions`
 * - `unfinished`, `infeasible`: lists of `{ name, reasons }`, the reasons as texts that begin with
 *   their code ("InsufficientMemory: asks for 900 Gi")
 */
export function reportJson({ lowerBoundNanoDollars, runs }: SimulationResult): string {
  const policies = runs.map((run) => ({
    name: run.name,
    costUsd: dollars(run.costNanoDollars),
    costOverBound: overBound(run.costNanoDollars, lowerBoundNanoDollars),
    spotShare: spotShare(run),
    gpuHoursPaid: hours(run.gpuMsPaid),
    gpuHoursUsed: hours(run.gpuMsUsed),
    waitSeconds: {
      mean: seconds(run.waitMs.mean),
      p50: seconds(run.waitMs.p50),
      p95: seconds(run.waitMs.p95),
      max: seconds(run.waitMs.max),
    },
    launches: run.launches,
    interruptions: run.interruptions,
    evictions: run.evictions,
    unfinished: run.unfinished.map(podWithReasons),
    infeasible: run.infeasible.map(podWithReasons),
  }));
  return `${JSON.stringify({ lowerBoundUsd: dollars(lowerBoundNanoDollars), policies }, null, 2)}\n`;
}

function podWithReasons({ name, reasons }: UnservedPod): { name: string; reasons: string[] } {
  return { name, reasons: reasons.map(codeAndDetail) };
}

function codeAndDetail({ code, detail }: Reason): string {
  return detail ? `${code}: ${detail}` : code;
}
