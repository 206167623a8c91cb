import { MINUTE_MS, SECOND_MS, type TickRecord } from "@gpu-autoscaler/core";
import {
  comparisonPolicy,
  comparisonPrices,
  lowerBoundNanoDollars,
  runPolicy,
  worldOf,
} from "@gpu-autoscaler/sandbox";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createClusterAutoscaler } from "../../packages/sandbox/src/peers/cluster-autoscaler/index.ts";
import { runs } from "../property/runs.ts";
import { A_WORLD, aKind, rowOf } from "../property/small-loads.ts";

const kind = aKind({
  submitMs: fc.integer({ min: 0, max: 7_200 }).map((seconds) => seconds * SECOND_MS),
  class: fc.constantFrom("training", "batch", "serving", "serving"),
});

/** Some of them at once. */
const rows = fc
  .array(fc.tuple(kind, fc.boolean(), fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 12 })
  .map((kinds) =>
    kinds.map(([each, isEarly, cpus], i) =>
      rowOf({ ...each, submitMs: isEarly ? MINUTE_MS : each.submitMs }, i, cpus),
    ),
  );

const situation = fc.record({
  rows,
  ...A_WORLD,
  onDemandAfterInterruption: fc.boolean(),
});

test("a run serves every pod, never costs less than the bound, and is the same whether quiet loops are skipped or not", async () => {
  let [skipped, evicted] = [0, 0];
  await fc.assert(
    fc.asyncProperty(situation, async ({ rows, spot, weather, seed, ...settings }) => {
      const policy = comparisonPolicy(spot);
      const prices = comparisonPrices();
      const world = worldOf({ rows, policy, prices, spot, weather, seed });
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
