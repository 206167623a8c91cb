import type { GpuLevels, Level, PolicyRunResult } from "@gpu-autoscaler/sandbox";
import { bucketsFor, gpuLevels, nodesByPool } from "@gpu-autoscaler/sandbox";
import { describe, expect, test } from "vitest";
import { aRow } from "../load/a-row.ts";
import { aRun, aSharedRun, someRows } from "./a-run.ts";

/** The whole area under a level, in units × milliseconds, and how many units make one. */
function areaOf({ integrals, unitsPerOne }: Level): { units: bigint; per: bigint } {
  const units = integrals.reduce((sum, each) => sum + BigInt(each), 0n);
  return { units, per: BigInt(unitsPerOne) };
}

function levelsOf(run: PolicyRunResult): GpuLevels {
  const durationMs = run.endedAt - run.startedAt;
  return gpuLevels(run, bucketsFor(durationMs, durationMs));
}

const spread = await aRun(someRows(), "mix");
const shared = await aSharedRun(someRows().map((row) => ({ ...row, gpuMilli: 140 })));

describe.each([
  ["whole GPUs, with Spot and interruptions", spread],
  ["sevenths of GPUs", shared],
])("GPUs over time: %s", (_, run) => {
  const levels = levelsOf(run);

  test("are paid for exactly as long as the run says", () => {
    expect(areaOf(levels.paid)).toEqual({ units: BigInt(run.gpuMsPaid), per: 1n });
  });

  test("are held by pods exactly as long as the run says", () => {
    const { units, per } = areaOf(levels.held);
    expect(Math.round(Number(units) / Number(per))).toBe(run.gpuMsUsed);
  });

  test("are demanded as long as they are held and waited for", () => {
    const { units, per } = areaOf(levels.demanded);
    const could = run.stays.filter(({ feasible }) => feasible);
    const waited = could.reduce(
      (sum, { createdAt, startedAt, endedAt, parts, perGpu }) =>
        sum + parts * (Number(per) / perGpu) * ((startedAt ?? endedAt) - createdAt),
      0,
    );
    expect(units).toBe(areaOf(levels.held).units + BigInt(waited));
  });

  test("are in no bucket busier than held, held more than ready, or ready beyond what is paid", () => {
    const height = ({ integrals, unitsPerOne }: Level, at: number) => (integrals[at] ?? 0) / unitsPerOne;
    for (const at of levels.paid.integrals.keys()) {
      const [busy, held, ready, paid] = [levels.busy, levels.held, levels.ready, levels.paid].map((each) =>
        height(each, at),
      );
      expect(busy).toBeLessThanOrEqual((held ?? 0) + 1e-6);
      expect(held).toBeLessThanOrEqual((ready ?? 0) + 1e-6);
      expect(ready).toBeLessThanOrEqual(paid ?? 0);
    }
    expect(areaOf(levels.busy).units).toBeGreaterThan(0n);
  });

  test("have nodes behind them: each pool's node-time is that of its bills", () => {
    const durationMs = run.endedAt - run.startedAt;
    const pools = nodesByPool(run.bills, run.startedAt, bucketsFor(durationMs, durationMs));
    for (const { pool, nodes, nodeMs, launches } of pools) {
      const bills = run.bills.filter((bill) => bill.pool === pool);
      const billed = bills.reduce((sum, { launchedAt, endedAt }) => sum + endedAt - launchedAt, 0);
      expect([areaOf(nodes).units, nodeMs, launches]).toEqual([BigInt(billed), billed, bills.length]);
    }
    expect(pools.reduce((sum, { launches }) => sum + launches, 0)).toBe(run.launches);
  });
});

test("the run through storms lost pods, or the levels were not tried", () => {
  expect(spread.interruptions).toBeGreaterThan(0);
  expect(spread.stays.length).toBeGreaterThan(spread.rows.length);
});

test("GPUs are ready once a pod would run at once, 150 to 300 s after the launch call", async () => {
  const { bills, stays } = await aRun([aRow()], "none");
  const [bill] = bills;
  const boot = (bill?.servingFrom ?? 0) - (bill?.launchedAt ?? 0);
  expect(boot).toBeGreaterThanOrEqual(150_000);
  expect(boot).toBeLessThanOrEqual(300_000);
  expect(stays).toMatchObject([
    { startedAt: bill?.servingFrom, instanceId: bill?.instanceId, parts: 1, perGpu: 1 },
  ]);
});

test("a pod that no node can take is no demand", async () => {
  const run = await aRun([aRow(), aRow({ name: "too-big", gpus: 9 })], "none");
  expect(levelsOf(run).demanded.peak).toBe(1);
});
