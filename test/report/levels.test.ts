import { HOUR_MS, MINUTE_MS } from "@gpu-autoscaler/core";
import { bucketsFor, levelOf, type Stretch } from "@gpu-autoscaler/sandbox";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runs } from "../property/runs.ts";

const DAY_MS = 24 * HOUR_MS;
const sumOf = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0);

describe("a level", () => {
  const buckets = { edgesMs: [0, 10, 20, 30, 60] };

  test("has in each bucket the exact area under it", () => {
    const level = levelOf(
      [
        { fromMs: 5, untilMs: 45, weight: 2 },
        { fromMs: 12, untilMs: 15, weight: 1 },
      ],
      buckets,
    );
    expect(level.integrals).toEqual([10, 23, 20, 30]);
    expect(level.peak).toBe(3);
  });

  test("ends with the last bucket where a stretch does", () => {
    expect(levelOf([{ fromMs: 0, untilMs: 60, weight: 1 }], buckets).integrals).toEqual([10, 10, 10, 30]);
  });

  test("does not count what ends on top of what begins at that moment", () => {
    const after = [
      { fromMs: 0, untilMs: 10, weight: 1 },
      { fromMs: 10, untilMs: 20, weight: 1 },
      { fromMs: 15, untilMs: 15, weight: 5 },
    ];
    expect(levelOf(after, buckets).peak).toBe(1);
  });

  test("is, bucket by bucket, what counting each millisecond gives", () => {
    const stretch = fc
      .tuple(fc.nat(60), fc.nat(60), fc.integer({ min: 1, max: 9 }))
      .map(([a, b, weight]): Stretch => ({ fromMs: Math.min(a, b), untilMs: Math.max(a, b), weight }));
    fc.assert(
      fc.property(fc.array(stretch, { maxLength: 20 }), (stretches) => {
        const at = (ms: number) =>
          sumOf(
            stretches
              .filter(({ fromMs, untilMs }) => fromMs <= ms && ms < untilMs)
              .map((each) => each.weight),
          );
        const heights = Array.from({ length: 60 }, (_, ms) => at(ms));
        const { integrals, peak } = levelOf(stretches, buckets);
        expect(integrals).toEqual([
          sumOf(heights.slice(0, 10)),
          sumOf(heights.slice(10, 20)),
          sumOf(heights.slice(20, 30)),
          sumOf(heights.slice(30)),
        ]);
        expect(peak).toBe(Math.max(0, ...heights));
      }),
      runs(300),
    );
  });
});

describe("buckets", () => {
  const widths = ({ edgesMs }: ReturnType<typeof bucketsFor>) =>
    new Set(edgesMs.slice(1).map((edge, at) => edge - (edgesMs[at] ?? 0)));

  test.each([
    ["a day", DAY_MS, MINUTE_MS],
    ["a week", 7 * DAY_MS, 10 * MINUTE_MS],
    ["two months", 60 * DAY_MS, HOUR_MS],
    ["ten years", 3_650 * DAY_MS, 3 * DAY_MS],
    ["ten minutes", 10 * MINUTE_MS, 1_000],
    ["no time at all", 0, 1_000],
  ])("of %s are of a round width, and at most 1,500", (_, durationMs, want) => {
    const buckets = bucketsFor(durationMs, durationMs);
    expect([...widths(buckets)]).toEqual([want]);
    expect(buckets.edgesMs.length - 1).toBeLessThanOrEqual(1_500);
    expect(buckets.edgesMs.at(-1)).toBeGreaterThanOrEqual(durationMs);
  });

  test("are wider in the tail of a run that goes on for weeks after the last submission", () => {
    const buckets = bucketsFor(28 * DAY_MS, 7 * DAY_MS);
    expect([...widths(buckets)]).toEqual([10 * MINUTE_MS, 2 * HOUR_MS]);
    expect(buckets.edgesMs).toContain(7 * DAY_MS);
    expect(buckets.edgesMs.length - 1).toBeLessThanOrEqual(1_500);
    expect(buckets.edgesMs.at(-1)).toBe(28 * DAY_MS);
  });
});
