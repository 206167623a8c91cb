import type { Reason } from "@gpu-autoscaler/core";
import type { Buckets, Level, RunHistory, RunResult, WaitGroup } from "@gpu-autoscaler/sandbox";
import { dollars, hours, overBound, seconds, spotShare } from "../figures.ts";
import type { CostData, LevelData, RunData, RunFigures, UnservedData, WaitData } from "./page-data.ts";

/** So many unserved pods are listed, the others counted. */
const MOST_UNSERVED = 200;

/** A run in the page's terms; words and decisions apart. */
export function runData(
  run: RunResult,
  history: RunHistory,
  buckets: Buckets,
  lowerBoundNanoDollars: number,
): Omit<RunData, "title" | "comparisons" | "decisions"> {
  const { durationMs, gpus, pools } = history;
  const level = (of: Level) => levelData(of, buckets, durationMs);
  const unserved = [
    ...run.unfinished.map((pod) => unservedData(pod, "unfinished")),
    ...run.infeasible.map((pod) => unservedData(pod, "infeasible")),
  ];
  return {
    name: run.name,
    durationSeconds: durationMs / 1_000,
    figures: figuresOf(run, lowerBoundNanoDollars),
    gpus: {
      paid: level(gpus.paid),
      ready: level(gpus.ready),
      demanded: level(gpus.demanded),
      held: level(gpus.held),
      busy: level(gpus.busy),
    },
    nodes: pools.map(({ pool, nodes, launches, nodeMs }) => ({
      pool,
      ...level(nodes),
      launches,
      nodeHours: hours(nodeMs),
    })),
    costs: costData(history),
    waits: history.waits.map(waitData),
    unserved: unserved.slice(0, MOST_UNSERVED),
    unservedLeftOut: Math.max(0, unserved.length - MOST_UNSERVED),
  };
}

function figuresOf(run: RunResult, lowerBoundNanoDollars: number): RunFigures {
  return {
    costUsd: dollars(run.costNanoDollars),
    overBound: overBound(run.costNanoDollars, lowerBoundNanoDollars),
    spotShare: spotShare(run),
    gpuHoursPaid: hours(run.gpuMsPaid),
    gpuHoursUsed: hours(run.gpuMsUsed),
    waitSeconds: waitSeconds(run.waitMs),
    launches: run.launches,
    interruptions: run.interruptions,
    evictions: run.evictions,
    unfinished: run.unfinished.length,
    infeasible: run.infeasible.length,
  };
}

/** Means over the buckets that the run lasted, to the thousandth. */
export function levelData(
  { integrals, unitsPerOne, peak }: Level,
  { edgesMs }: Buckets,
  durationMs: number,
): LevelData {
  const means: number[] = [];
  for (const [at, integral] of integrals.entries()) {
    const ms = Math.min(durationMs, edgesMs[at + 1] ?? 0) - (edgesMs[at] ?? 0);
    if (ms <= 0) break;
    means.push(thousandths(integral / (unitsPerOne * ms)));
  }
  return { means, peak: thousandths(peak / unitsPerOne) };
}

function costData({ costs }: RunHistory): CostData {
  return {
    pools: costs.pools.map(({ pool, held, starting, idle }) => ({
      pool,
      heldUsd: dollars(held),
      startingUsd: dollars(starting),
      idleUsd: dollars(idle),
    })),
    namespaces: costs.namespaces.map(({ namespace, held, gpuMs }) => ({
      namespace,
      heldUsd: dollars(held),
      gpuHours: hours(gpuMs),
    })),
    startingUsd: dollars(costs.starting),
    idleUsd: dollars(costs.idle),
    spotExcessUsd: dollars(costs.spotExcess),
  };
}

function waitData({ by, name, pods, waitMs, noLonger }: WaitGroup): WaitData {
  return { by, name, pods, waitSeconds: waitSeconds(waitMs), noLonger };
}

function waitSeconds(waitMs: RunResult["waitMs"]): RunFigures["waitSeconds"] {
  const { mean, p50, p95, max } = waitMs;
  return { mean: seconds(mean), p50: seconds(p50), p95: seconds(p95), max: seconds(max) };
}

function unservedData(
  { name, reasons }: { readonly name: string; readonly reasons: readonly Reason[] },
  how: UnservedData["how"],
): UnservedData {
  const texts = [...Map.groupBy(reasons, ({ code }) => code)].map(([code, alike]) => {
    const [detail] = alike.map((reason) => reason.detail).filter(Boolean);
    const others = alike.length > 1 ? `, and ${alike.length - 1} more like it` : "";
    return detail ? `${code}: ${detail}${others}` : code;
  });
  return { name, how, reasons: texts };
}

function thousandths(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
