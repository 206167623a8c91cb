import { MINUTE_MS, SECOND_MS, type TickRecord } from "@gpu-autoscaler/core";
import {
  comparisonPolicy,
  comparisonPrices,
  lowerBoundNanoDollars,
  runPolicy,
  worldOf,
} from "@gpu-autoscaler/sandbox";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createKarpenter, type KarpenterSettings } from "../../packages/sandbox/src/peers/karpenter/index.ts";
import { runs } from "../property/runs.ts";
import { A_WORLD, aKind, rowOf } from "../property/small-loads.ts";

const kind = aKind({
  // By the half second, so that looks fall between the full ones too.
  submitMs: fc.integer({ min: 0, max: 3_600 }).map((halfSeconds) => (halfSeconds * SECOND_MS) / 2),
  durationMs: fc.integer({ min: 5, max: 3_600 }).map((seconds) => seconds * SECOND_MS + 250),
  gpuMilli: fc.constant(1_000),
  class: fc.constantFrom("training", "batch", "serving", "serving"),
});

const situation = fc.record({
  rows: fc
    .array(kind, { minLength: 1, maxLength: 12 })
    .map((kinds) => kinds.map((each, i) => rowOf(each, i))),
  ...A_WORLD,
  settings: fc.record<KarpenterSettings>({
    consolidateAfterMs: fc.constantFrom(0, 0, MINUTE_MS),
    nodePools: fc.constantFrom("one", "per-pool"),
    onDemandAfterInterruption: fc.boolean(),
  }),
});
type Situation = typeof situation extends fc.Arbitrary<infer T> ? T : never;

async function run({ rows, spot, weather, seed, settings }: Situation, everyTick = false) {
  const policy = comparisonPolicy(spot);
  const prices = comparisonPrices();
  const { decide, tickMs } = createKarpenter(settings);
  const records: TickRecord[] = [];
  const result = await runPolicy({
    world: worldOf({ rows, policy, prices, spot, weather, seed }),
    policy,
    decide,
    tickMs,
    everyTick,
    onRecord: (record) => records.push(record),
  });
  return { result, records, bound: lowerBoundNanoDollars(rows, policy, prices, spot) };
}

describe("runs of Karpenter", () => {
  test("serve every pod, and never cost less than the bound", async () => {
    await fc.assert(
      fc.asyncProperty(situation, async (each) => {
        const { result, bound } = await run(each);
        expect(result.nanoDollars).toBeGreaterThanOrEqual(bound);
        expect(result.rows.filter(({ status }) => status !== "ended")).toEqual([]);
      }),
      runs(50),
    );
  });

  test("are the same to the byte whether quiet looks are skipped or not", async () => {
    let skipped = 0;
    let disruptions = 0;
    await fc.assert(
      fc.asyncProperty(situation, async (each) => {
        const [some, every] = [await run(each), await run(each, true)];
        const bytes = ({ result, records }: typeof some) => {
          const { ticks: _, lastPlan: __, ...rest } = result;
          return JSON.stringify({ rest, records });
        };
        expect(bytes(every)).toBe(bytes(some));
        skipped += every.result.ticks - some.result.ticks;
        disruptions += some.records.flatMap(({ effects }) => effects).filter(isTaint).length;
      }),
      runs(15),
    );
    expect(skipped).toBeGreaterThan(10_000);
    expect(disruptions).toBeGreaterThan(50);
  });
});

const isTaint = ({ kind }: TickRecord["effects"][number]) => kind === "CordonNode";
