import { MINUTE_MS, SECOND_MS, type TickRecord } from "@gpu-autoscaler/core";
import {
  comparisonPolicy,
  comparisonPrices,
  lowerBoundNanoDollars,
  type PodRow,
  runPolicy,
  type SpotUse,
  WEATHERS,
  worldOf,
} from "@gpu-autoscaler/sandbox";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createClusterAutoscaler } from "../../packages/sandbox/src/peers/cluster-autoscaler/index.ts";
import { runs } from "../property/runs.ts";

const row: fc.Arbitrary<Omit<PodRow, "name" | "memoryBytes" | "cpuMilli">> = fc.record({
  submitMs: fc.integer({ min: 0, max: 7_200 }).map((seconds) => seconds * SECOND_MS),
  durationMs: fc.integer({ min: 5, max: 9_000 }).map((seconds) => seconds * SECOND_MS),
  gpus: fc.constantFrom(1, 1, 1, 2, 4, 8),
  gpuMilli: fc.constantFrom(1_000, 1_000, 250),
  gpuModels: fc.constant([]),
  priority: fc.constantFrom("high", "normal", "low"),
  class: fc.constantFrom("training", "batch", "serving", "serving"),
  namespace: fc.constantFrom("a", "b"),
  gang: fc.constantFrom(null, null, null, "gang"),
});

/** A small load, some of it at once; a gang's rows are of one namespace. */
const load: fc.Arbitrary<readonly PodRow[]> = fc
  .array(fc.tuple(row, fc.boolean(), fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 12 })
  .map((rows) =>
    rows.map(([each, isEarly, cpu], i) => ({
      ...each,
      name: `pod-${i}`,
      submitMs: isEarly ? MINUTE_MS : each.submitMs,
      namespace: each.gang === null ? each.namespace : "a",
      cpuMilli: each.gpus * cpu * 1_000,
      memoryBytes: each.gpus * 4 * cpu * 1024 ** 3,
    })),
  );

const situation = fc.record({
  rows: load,
  spot: fc.constantFrom<SpotUse>("none", "mix", "all"),
  weather: fc.constantFrom(...WEATHERS),
  seed: fc.integer({ min: 1, max: 1_000 }),
  onDemandAfterInterruption: fc.boolean(),
});

test("a run serves every pod, never costs less than the bound, and is the same whether quiet loops are skipped or not", async () => {
  let [skipped, evicted] = [0, 0];
  await fc.assert(
    fc.asyncProperty(situation, async ({ rows, spot, weather, seed, ...settings }) => {
      const policy = comparisonPolicy(spot);
      const prices = comparisonPrices();
      const world = worldOf({ rows, policy, prices, strategies: [], spot, weather, seed });
      const play = async (everyTick: boolean) => {
        const { decide, tickMs } = createClusterAutoscaler(settings);
        const records: TickRecord[] = [];
        const result = await runPolicy({
          world,
          policy,
          decide,
          tickMs,
          everyTick,
          onRecord: (record) => records.push(record),
        });
        const { ticks, lastPlan: _, ...rest } = result;
        return { ticks, rest, bytes: JSON.stringify({ rest, records }) };
      };
      const first = await play(false);
      const every = await play(true);
      expect(first.rest.rows.filter(({ status }) => status !== "ended")).toEqual([]);
      expect(first.rest.nanoDollars).toBeGreaterThanOrEqual(
        lowerBoundNanoDollars(rows, policy, prices, spot),
      );
      expect(every.bytes).toBe(first.bytes);
      skipped += every.ticks - first.ticks;
      evicted += first.rest.evictions;
    }),
    runs(40),
  );
  expect(skipped).toBeGreaterThan(1_000);
  expect(evicted).toBeGreaterThan(0);
});
