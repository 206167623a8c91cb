import type { RunResult } from "@gpu-autoscaler/sandbox";
import { describe, expect, test } from "vitest";
import { comparisonOf, titleOf } from "../../packages/cli/src/report/words.ts";

function aResult(changes: Partial<RunResult> = {}): RunResult {
  return {
    name: "gpu-autoscaler",
    costNanoDollars: 109_000_000_000,
    spotGpuMs: 0,
    gpuMsPaid: 0,
    gpuMsUsed: 0,
    waitMs: { mean: 30_000, p50: 0, p95: 0, max: 0 },
    launches: 0,
    interruptions: 0,
    evictions: 0,
    unfinished: [],
    infeasible: [],
    ...changes,
  };
}

const pods = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ name: `pod-${at}`, reasons: [] }));

describe("the title says what happened", () => {
  test("in a run that served everything", () => {
    expect(titleOf(aResult(), 10_213, 100_000_000_000)).toBe(
      "gpu-autoscaler ran 10,213 pods for $109.00, 1.09 × the bound, with a mean wait of 30 s",
    );
  });

  test("where pods did not run, and there is no bound", () => {
    const run = aResult({ name: "static", unfinished: pods(2), infeasible: pods(1) });
    expect(titleOf(run, 4, 0)).toBe(
      "static ran 1 pod for $109.00, with a mean wait of 30 s; 2 more did not finish, 1 fit on no node",
    );
  });
});

describe("another policy is compared", () => {
  const waiting = (mean: number) => ({ mean, p50: 0, p95: 0, max: 0 });

  test.each([
    [
      "dearer, and slower",
      200,
      90_000,
      "static costs 83 % more ($200.00), and its pods wait 60 s longer on average (90 s)",
    ],
    [
      "far dearer, and quicker",
      1_090,
      0,
      "static costs 10.0 times as much ($1,090.00), and its pods wait 30 s less on average (0 s)",
    ],
    [
      "a little cheaper, as quick",
      107,
      30_400,
      "static costs 1.8 % less ($107.00), and its pods wait as long (30 s)",
    ],
    ["as dear", 109, 30_000, "static costs the same ($109.00), and its pods wait as long (30 s)"],
  ])("that is %s", (_, dollars, mean, want) => {
    const other = aResult({ name: "static", costNanoDollars: dollars * 1e9, waitMs: waiting(mean) });
    expect(comparisonOf(aResult(), other)).toBe(want);
  });

  test("where nothing cost anything", () => {
    const free = aResult({ costNanoDollars: 0 });
    expect(comparisonOf(free, { ...free, name: "static" })).toContain("static costs the same ($0.00)");
    expect(comparisonOf(free, aResult({ name: "static" }))).toContain("static costs more ($109.00)");
  });
});
