import type { Policy } from "@gpu-autoscaler/core";
import {
  comparisonPolicy,
  comparisonPrices,
  lowerBoundNanoDollars,
  type PodRow,
  type RunResult,
  runPolicy,
  type SimulationRequest,
  type SpotUse,
  simulate,
  worldOf,
} from "@gpu-autoscaler/sandbox";
import { runResult } from "../../../packages/sandbox/src/run-result.ts";
import { changed, type Settings, type SharedPools, withSharedPools } from "./settings.ts";

/** One run of one policy over one trace: the same words give the same figures. */
export interface RunSpec {
  readonly trace: string;
  readonly policy: "gpu-autoscaler" | "karpenter" | "cluster-autoscaler";
  readonly spot: SpotUse;
  readonly weather: SimulationRequest["weather"];
  readonly seed: number;
  /** Of our policy, where they are not what ships. The world stays what it is. */
  readonly settings: Settings;
  /** Pools of shared GPUs beside those of whole ones; null for whole GPUs alone. */
  readonly shared: SharedPools | null;
}

/** What a run came to. GPU-hours are of physical GPUs; waits are in seconds, shares from 0 to 1. */
export interface RunFigures {
  readonly dollars: number;
  readonly boundDollars: number;
  readonly costOverBound: number;
  readonly meanWaitSeconds: number;
  readonly p95WaitSeconds: number;
  readonly gpuHoursPaid: number;
  readonly gpuHoursUsed: number;
  readonly spotShare: number;
  readonly launches: number;
  readonly interruptions: number;
  readonly evictions: number;
  readonly unfinished: number;
  readonly infeasible: number;
}

/** Our policy as it ships, at Spot `none`, seed 1: what studies start from. */
export const SHIPPED: Omit<RunSpec, "trace"> = {
  policy: "gpu-autoscaler",
  spot: "none",
  weather: "usual",
  seed: 1,
  settings: {},
  shared: null,
};

/** The comparison world's, for each use of Spot. */
const SHIPPED_POLICIES: Readonly<Record<SpotUse, Policy>> = {
  none: comparisonPolicy("none"),
  mix: comparisonPolicy("mix"),
  all: comparisonPolicy("all"),
};

/** A text by which a run is known: what it is played with, whatever names that. */
export function keyOf({ trace, policy, spot, weather, seed, settings, shared }: RunSpec): string {
  // Without Spot there is no weather.
  const sky = spot === "none" ? null : weather;
  const decidedBy = policy === "gpu-autoscaler" ? changed(SHIPPED_POLICIES[spot], settings) : policy;
  const isUnmeasured = settings.unmeasured === true;
  return JSON.stringify([trace, spot, sky, seed, shared, isUnmeasured, decidedBy]);
}

/** Plays a run. The bound and the world's share of Spot are those of the policy that ships. */
export async function playRun(spec: RunSpec, rows: readonly PodRow[]): Promise<RunFigures> {
  const { spot, weather, seed } = spec;
  const shipped = SHIPPED_POLICIES[spot];
  const policy = spec.shared === null ? shipped : withSharedPools(shipped, spec.shared);
  const prices = comparisonPrices();
  const request: SimulationRequest = {
    rows,
    policy,
    prices,
    strategies: [spec.policy],
    spot,
    weather,
    seed,
  };
  const result = spec.policy === "gpu-autoscaler" ? await ours(request, spec.settings) : await peer(request);
  return figuresOf(result, lowerBoundNanoDollars(rows, policy, prices, spot));
}

async function ours(request: SimulationRequest, settings: Settings): Promise<RunResult> {
  const policy: Policy = changed(request.policy, settings);
  const result = await runPolicy({
    world: worldOf(request),
    policy,
    unmeasured: settings.unmeasured === true,
  });
  return runResult("gpu-autoscaler", result);
}

async function peer(request: SimulationRequest): Promise<RunResult> {
  const { runs } = await simulate(request);
  const [run] = runs;
  if (!run) throw new RangeError(`nothing was played of ${request.strategies.join(", ")}`);
  return run;
}

const NANO_DOLLARS = 1e9;
const HOUR_MS = 3_600_000;

function figuresOf(run: RunResult, boundNanoDollars: number): RunFigures {
  return {
    dollars: round(run.costNanoDollars / NANO_DOLLARS, 2),
    boundDollars: round(boundNanoDollars / NANO_DOLLARS, 2),
    costOverBound: round(run.costNanoDollars / boundNanoDollars, 4),
    meanWaitSeconds: round(run.waitMs.mean / 1_000, 1),
    p95WaitSeconds: round(run.waitMs.p95 / 1_000, 1),
    gpuHoursPaid: round(run.gpuMsPaid / HOUR_MS, 1),
    gpuHoursUsed: round(run.gpuMsUsed / HOUR_MS, 1),
    spotShare: round(run.gpuMsPaid === 0 ? 0 : run.spotGpuMs / run.gpuMsPaid, 3),
    launches: run.launches,
    interruptions: run.interruptions,
    evictions: run.evictions,
    unfinished: run.unfinished.length,
    infeasible: run.infeasible.length,
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
