import type { Effect } from "@gpu-autoscaler/core";
import { comparisonPolicy, comparisonPrices, type PodRow, simulate } from "@gpu-autoscaler/sandbox";
import { expect, test } from "vitest";
import { aRow } from "../load/a-row.ts";

const small = ["s1", "s2", "s3", "s4"].map((name) => aRow({ name }));

/** What the first launching tick launches: how many of which instance type. */
async function firstLaunches(rows: readonly PodRow[]): Promise<Record<string, number>> {
  const launches: Extract<Effect, { kind: "LaunchInstances" }>[][] = [];
  await simulate({
    rows,
    policy: comparisonPolicy("none"),
    prices: comparisonPrices(),
    strategies: ["gpu-autoscaler"],
    spot: "none",
    weather: "quiet",
    seed: 1,
    onDecision: (_, { effects }) => {
      const made = effects.filter((effect) => effect.kind === "LaunchInstances");
      if (made.length > 0) launches.push(made);
    },
  });
  return Object.fromEntries((launches[0] ?? []).map(({ pool, count }) => [pool, count]));
}

test("equal pods get the nodes that the design page works out for them", async () => {
  expect(await firstLaunches(small)).toEqual({ "g6-xlarge": 4 });
});

test("so do unequal ones: no large node for the sake of many small pods", async () => {
  const big = aRow({ name: "big", gpus: 4, cpuMilli: 8_000, memoryBytes: 32 * 1024 ** 3 });
  expect(await firstLaunches([big, ...small])).toEqual({ "g6-12xlarge": 1, "g6-xlarge": 4 });
});
