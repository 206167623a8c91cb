import { MINUTE_MS, type TickRecord } from "@gpu-autoscaler/core";
import {
  comparisonPolicy,
  comparisonPrices,
  type PodRow,
  runPolicy,
  type SpotUse,
  simulate,
  type WEATHERS,
  worldOf,
} from "@gpu-autoscaler/sandbox";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runs } from "./runs.ts";
import { A_WORLD, aKind, rowOf } from "./small-loads.ts";

const kind = aKind({ submitMs: fc.integer({ min: 0, max: 120 }).map((minutes) => minutes * MINUTE_MS) });
const rows = fc
  .array(kind, { minLength: 1, maxLength: 10 })
  .map((kinds) => kinds.map((each, i) => rowOf(each, i)));
const situation = fc.record({ rows, ...A_WORLD });

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
