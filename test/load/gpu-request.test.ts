import { gpusHeld, type Sharing } from "@gpu-autoscaler/core";
import { gpuRequest, layoutFor } from "@gpu-autoscaler/sandbox";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const WHOLE: Sharing = { kind: "whole" };
const FOUR: Sharing = { kind: "time-slicing", replicas: 4, renamed: true };
const FOUR_UNDER_ONE_NAME: Sharing = { kind: "time-slicing", replicas: 4, renamed: false };
const SEVENTHS: Sharing = { kind: "mig", strategy: "single", profiles: { "1g.10gb": 7 } };
const MIXED: Sharing = { kind: "mig", strategy: "mixed", profiles: { "3g.40gb": 1, "1g.10gb": 4 } };

describe("a pod asks for its share, rounded up to what the layout has", () => {
  test.each<[string, { gpus: number; gpuMilli: number }, Sharing, Record<string, number> | null]>([
    ["whole GPUs", { gpus: 4, gpuMilli: 1_000 }, WHOLE, { "nvidia.com/gpu": 4 }],
    [
      "a tenth of a GPU, where there are only whole ones",
      { gpus: 1, gpuMilli: 100 },
      WHOLE,
      { "nvidia.com/gpu": 1 },
    ],
    ["a tenth is one replica", { gpus: 1, gpuMilli: 100 }, FOUR, { "nvidia.com/gpu.shared": 1 }],
    ["a quarter is one replica", { gpus: 1, gpuMilli: 250 }, FOUR, { "nvidia.com/gpu.shared": 1 }],
    ["a little more is two", { gpus: 1, gpuMilli: 251 }, FOUR, { "nvidia.com/gpu.shared": 2 }],
    ["half is two", { gpus: 1, gpuMilli: 500 }, FOUR, { "nvidia.com/gpu.shared": 2 }],
    ["more than half is all", { gpus: 1, gpuMilli: 501 }, FOUR, { "nvidia.com/gpu.shared": 4 }],
    ["halves of two GPUs", { gpus: 2, gpuMilli: 500 }, FOUR_UNDER_ONE_NAME, { "nvidia.com/gpu": 4 }],
    ["a tenth is one slice", { gpus: 1, gpuMilli: 100 }, SEVENTHS, { "nvidia.com/gpu": 1 }],
    ["a third is three slices of seven", { gpus: 1, gpuMilli: 333 }, SEVENTHS, { "nvidia.com/gpu": 3 }],
    [
      "the smallest profile that covers it",
      { gpus: 1, gpuMilli: 100 },
      MIXED,
      { "nvidia.com/mig-1g.10gb": 1 },
    ],
    ["a larger share, a larger profile", { gpus: 1, gpuMilli: 400 }, MIXED, { "nvidia.com/mig-3g.40gb": 1 }],
    ["no profile is a whole GPU", { gpus: 1, gpuMilli: 1_000 }, MIXED, null],
  ])("%s", (_, row, sharing, want) => {
    expect(gpuRequest(row, sharing)).toEqual(want);
  });
});

test("a request never holds less than the share, nor more than the GPUs", () => {
  const sharing = fc.oneof(
    fc.constantFrom(WHOLE, SEVENTHS, MIXED),
    fc.record({
      kind: fc.constant("time-slicing"),
      replicas: fc.integer({ min: 2, max: 48 }),
      renamed: fc.boolean(),
    }),
  );
  const row = fc.record({
    gpus: fc.integer({ min: 1, max: 16 }),
    gpuMilli: fc.integer({ min: 1, max: 1_000 }),
  });
  fc.assert(
    fc.property(row, sharing, (asked, layout) => {
      const request = gpuRequest(asked, layout);
      if (!request) return;
      const held = gpusHeld(layout, request);
      expect(held).toBeGreaterThanOrEqual((asked.gpus * asked.gpuMilli) / 1_000 - 1e-9);
      expect(held).toBeLessThanOrEqual(asked.gpus + 1e-9);
    }),
  );
});

describe("a pod asks under the layout that suits it", () => {
  test.each<[string, number, Sharing[], Sharing]>([
    ["a whole GPU where GPUs are whole", 1_000, [FOUR, WHOLE], WHOLE],
    ["a share where it rounds up to the least", 200, [WHOLE, FOUR, SEVENTHS], FOUR],
    ["a whole GPU for a share, where nothing is shared", 200, [WHOLE], WHOLE],
    ["all replicas, where everything is shared", 1_000, [FOUR], FOUR],
    ["a whole GPU in vain, where only slices are", 1_000, [MIXED], WHOLE],
  ])("%s", (_, gpuMilli, layouts, want) => {
    expect(layoutFor({ gpus: 1, gpuMilli }, layouts)).toEqual(want);
  });
});
