import { MINUTE_MS, SECOND_MS, type TickRecord } from "@gpu-autoscaler/core";
import {
  comparisonPolicy,
  comparisonPrices,
  type PodRow,
  runPolicy,
  type SpotUse,
  simulate,
  WEATHERS,
  worldOf,
} from "@gpu-autoscaler/sandbox";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runs } from "./runs.ts";

const row: fc.Arbitrary<Omit<PodRow, "name" | "memoryBytes" | "cpuMilli">> = fc.record({
  submitMs: fc.integer({ min: 0, max: 120 }).map((minutes) => minutes * MINUTE_MS),
  durationMs: fc.integer({ min: 5, max: 9_000 }).map((seconds) => seconds * SECOND_MS),
  gpus: fc.constantFrom(1, 1, 1, 2, 4, 8),
  gpuMilli: fc.constantFrom(1_000, 1_000, 250),
  gpuModels: fc.constant([]),
  priority: fc.constantFrom("high", "normal", "low"),
  class: fc.constantFrom("training", "batch", "serving"),
  namespace: fc.constantFrom("a", "b"),
  gang: fc.constantFrom(null, null, null, "gang"),
});

/** A small load: a gang's rows are of one namespace. */
const load: fc.Arbitrary<readonly PodRow[]> = fc.array(row, { minLength: 1, maxLength: 10 }).map((rows) =>
  rows.map((each, i) => ({
    ...each,
    name: `pod-${i}`,
    namespace: each.gang === null ? each.namespace : "a",
    cpuMilli: each.gpus * 2_000,
    memoryBytes: each.gpus * 8 * 1024 ** 3,
  })),
);

const situation = fc.record({
  rows: load,
  spot: fc.constantFrom<SpotUse>("none", "mix", "all"),
  weather: fc.constantFrom(...WEATHERS),
  seed: fc.integer({ min: 1, max: 1_000 }),
});

const requestOf = ({
  rows,
  spot,
  weather,
  seed,
}: {
  rows: readonly PodRow[];
  spot: SpotUse;
  weather: (typeof WEATHERS)[number];
  seed: number;
}) => ({
  rows,
  policy: comparisonPolicy(spot),
  prices: comparisonPrices(),
  strategies: ["gpu-autoscaler", "static"],
  spot,
  weather,
  seed,
});

describe("whole runs", () => {
  test("never cost less than the bound, and serve every pod", async () => {
    await fc.assert(
      fc.asyncProperty(situation, async (each) => {
        const { lowerBoundNanoDollars, runs: results } = await simulate(requestOf(each));
        for (const { name, costNanoDollars, unfinished, infeasible } of results) {
          expect(costNanoDollars, name).toBeGreaterThanOrEqual(lowerBoundNanoDollars);
          expect([unfinished, infeasible], name).toEqual([[], []]);
        }
      }),
      runs(30),
    );
  });

  test("are the same to the byte by the same seed, and whether quiet ticks are skipped or not", async () => {
    let skipped = 0;
    await fc.assert(
      fc.asyncProperty(situation, async (each) => {
        const play = async (everyTick: boolean) => {
          const request = requestOf(each);
          const records: TickRecord[] = [];
          const result = await runPolicy({
            world: worldOf(request),
            policy: request.policy,
            everyTick,
            onRecord: (record) => records.push(record),
          });
          const { ticks, lastPlan: _, ...rest } = result;
          return { ticks, bytes: JSON.stringify({ rest, records }) };
        };
        const first = await play(false);
        const again = await play(false);
        const every = await play(true);
        expect(again.bytes).toBe(first.bytes);
        expect(every.bytes).toBe(first.bytes);
        skipped += every.ticks - first.ticks;
      }),
      runs(25),
    );
    expect(skipped).toBeGreaterThan(100);
  });
});
