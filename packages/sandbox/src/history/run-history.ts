import type { PolicyRunResult } from "../run-policy.ts";
import { type CostLines, costLines } from "./cost-lines.ts";
import { type GpuLevels, gpuLevels } from "./gpu-levels.ts";
import type { Buckets } from "./levels.ts";
import { nodesByPool, type PoolNodes } from "./node-levels.ts";
import { type WaitGroup, waitGroups } from "./wait-groups.ts";

/** A run as a report draws it. */
export interface RunHistory {
  readonly durationMs: number;
  readonly gpus: GpuLevels;
  readonly pools: readonly PoolNodes[];
  readonly costs: CostLines;
  readonly waits: readonly WaitGroup[];
}

/** Waits are counted at each of the points. */
export function runHistory(
  run: PolicyRunResult,
  buckets: Buckets,
  waitPointsMs: readonly number[],
): RunHistory {
  return {
    durationMs: run.endedAt - run.startedAt,
    gpus: gpuLevels(run, buckets),
    pools: nodesByPool(run.bills, run.startedAt, buckets),
    costs: costLines(run),
    waits: waitGroups(run.rows, waitPointsMs),
  };
}
