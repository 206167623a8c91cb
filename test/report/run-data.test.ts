import { HOUR_MS } from "@gpu-autoscaler/core";
import { bucketsFor, runHistory, simulate } from "@gpu-autoscaler/sandbox";
import { expect, test } from "vitest";
import type { LevelData } from "../../packages/cli/src/report/page-data.ts";
import { levelData, runData } from "../../packages/cli/src/report/run-data.ts";
import { aRequest, aRun, someRows } from "./a-run.ts";

const rows = someRows();
const run = await aRun(rows, "mix");
const durationMs = run.endedAt - run.startedAt;
const buckets = bucketsFor(durationMs, durationMs);
const { runs, lowerBoundNanoDollars } = await simulate(aRequest(rows, "mix"));
const [result] = runs;
if (!result) throw new Error("nothing was run");
const data = runData(result, runHistory(run, buckets, [60_000]), buckets, lowerBoundNanoDollars);

/** GPU-hours under the means, the last bucket as long as the run went on in it. */
function areaHours({ means }: LevelData): number {
  const edge = (at: number) => Math.min(durationMs, buckets.edgesMs[at] ?? 0);
  return means.reduce((sum, mean, at) => sum + (mean * (edge(at + 1) - edge(at))) / HOUR_MS, 0);
}

test("the area under the means is the run's GPU-hours, but for thousandths", () => {
  const rounding = (durationMs / HOUR_MS) * 0.001;
  expect(Math.abs(areaHours(data.gpus.paid) - result.gpuMsPaid / HOUR_MS)).toBeLessThan(rounding);
  expect(Math.abs(areaHours(data.gpus.held) - result.gpuMsUsed / HOUR_MS)).toBeLessThan(rounding);
  for (const pool of data.nodes) expect(Math.abs(areaHours(pool) - pool.nodeHours)).toBeLessThan(rounding);
});

test("the dollars add up to the run's cost, but for millionths", () => {
  const { pools, namespaces, startingUsd, idleUsd, spotExcessUsd } = data.costs;
  const sumOf = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0);
  const byPool = sumOf(pools.flatMap(({ heldUsd, startingUsd, idleUsd }) => [heldUsd, startingUsd, idleUsd]));
  const byNamespace = sumOf(namespaces.map(({ heldUsd }) => heldUsd)) + startingUsd + idleUsd;
  expect(byPool + spotExcessUsd).toBeCloseTo(data.figures.costUsd, 4);
  expect(byNamespace + spotExcessUsd).toBeCloseTo(data.figures.costUsd, 4);
  expect(data.waits[0]?.waitSeconds).toEqual(data.figures.waitSeconds);
});

test("the mean of a run's last bucket is that of the part that the run lasted", () => {
  const level = { integrals: [20, 10, 0], unitsPerOne: 2, peak: 4 };
  expect(levelData(level, { edgesMs: [0, 10, 20, 30] }, 15)).toEqual({ means: [1, 1], peak: 2 });
});
