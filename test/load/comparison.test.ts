import { type Policy, type Prices, parseConfig, policyOf } from "@gpu-autoscaler/core";
import {
  comparisonPolicy,
  comparisonPrices,
  lowerBoundNanoDollars,
  type PodRow,
  policyForSpot,
  type SpotUse,
  sandboxPrices,
} from "@gpu-autoscaler/sandbox";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aConfigOfPools, aPool } from "../config/a-config.ts";
import { aRow } from "./a-row.ts";

const GIB = 1024 ** 3;
const HOUR_MS = 3_600_000;

describe("the comparison world", () => {
  test.each<[SpotUse, string[], number]>([
    ["none", ["on-demand"], 0],
    ["mix", ["on-demand", "spot"], 600],
    ["all", ["on-demand", "spot"], 1_000],
  ])("with Spot %s", (spot, capacityTypes, shareMilli) => {
    const policy = comparisonPolicy(spot);
    expect(policy.spot.shareMilli).toBe(shareMilli);
    expect(policy.pools.map(({ name }) => name)).toEqual([
      "g6-xlarge",
      "g6-2xlarge",
      "g6-4xlarge",
      "g6-8xlarge",
      "g6-16xlarge",
      "g6-12xlarge",
      "g6-24xlarge",
      "g6-48xlarge",
    ]);
    for (const { groups } of policy.pools) {
      expect(groups.map(({ capacityType }) => capacityType)).toEqual(capacityTypes);
      for (const { zones } of groups) expect(zones).toEqual(["us-east-1a", "us-east-1b", "us-east-1c"]);
    }
  });

  test("lets every class of pods be interrupted where there is nothing but Spot", () => {
    expect(comparisonPolicy("all").spot.interruptibleClasses).toEqual(["training", "batch", "serving"]);
    expect(comparisonPolicy("mix").spot.interruptibleClasses).toEqual(["training", "batch"]);
  });

  test("has Spot at 0.35 of On-Demand, to the nano-dollar", () => {
    const { onDemand, spot } = comparisonPrices();
    expect(onDemand["g6.48xlarge"]).toBe(13_350_400_000);
    expect(spot["g6.48xlarge/us-east-1b"]).toBe(4_672_640_000);
    expect(Object.keys(onDemand)).toHaveLength(8);
    expect(Object.keys(spot)).toHaveLength(24);
  });
});

describe("a policy of the user's under a use of Spot", () => {
  const policy = policyOf(parseConfig(aConfigOfPools(aPool())), "production");
  const kinds = (spot: SpotUse) =>
    policyForSpot(policy, spot).pools.flatMap(({ groups }) => groups.map(({ capacityType }) => capacityType));

  test("keeps the groups that it may use", () => {
    expect([kinds("none"), kinds("mix"), kinds("all")]).toEqual([
      ["on-demand"],
      ["on-demand", "spot"],
      ["on-demand", "spot"],
    ]);
  });

  test("leaves a mix as it is configured", () => {
    expect(policyForSpot(policy, "mix")).toBe(policy);
  });
});

describe("the bound, by hand", () => {
  const bound = (rows: readonly PodRow[], spot: SpotUse = "none") =>
    lowerBoundNanoDollars(rows, comparisonPolicy(spot), comparisonPrices(), spot);

  test.each<[string, Partial<PodRow>, SpotUse, number]>([
    ["an hour of a GPU is an hour of g6.xlarge", {}, "none", 804_800_000],
    ["half an hour is half", { durationMs: HOUR_MS / 2 }, "none", 402_400_000],
    ["a share is a whole GPU where GPUs are whole", { gpuMilli: 100 }, "none", 804_800_000],
    ["more CPU than g6.xlarge leaves takes g6.2xlarge", { cpuMilli: 3_921 }, "none", 977_600_000],
    // 4.6016 $ for four; g6.48xlarge, at 13.3504 $ for eight, would be dearer.
    ["much CPU is cheapest as a quarter of g6.12xlarge", { cpuMilli: 20_000 }, "none", 1_150_400_000],
    ["much memory as well", { memoryBytes: 118_312 * 1024 ** 2 + 1 }, "none", 1_150_400_000],
    ["two GPUs are half of g6.12xlarge", { gpus: 2 }, "none", 2_300_800_000],
    ["eight GPUs are all of g6.48xlarge", { gpus: 8 }, "none", 13_350_400_000],
    ["Spot costs 0.35", {}, "all", 281_680_000],
    // 0.6 × 0.28168 + 0.4 × 0.8048
    ["a mix costs 0.6 of Spot and 0.4 of On-Demand", {}, "mix", 490_928_000],
    ["nine GPUs fit nowhere and cost nothing", { gpus: 9 }, "none", 0],
    ["so does more memory than there is", { memoryBytes: 4_000 * GIB }, "none", 0],
  ])("%s", (_, changes, spot, want) => {
    expect(bound([aRow(changes)], spot)).toBe(want);
  });

  test("the sum is exact, and rounded down once", () => {
    // A millisecond of a GPU is 804,800,000 / 3,600,000 = 223.55… nano-dollars.
    expect(bound([aRow({ durationMs: 1 })])).toBe(223);
    expect(bound(Array.from({ length: 9 }, () => aRow({ durationMs: 1 })))).toBe(2_012);
    // Of 1 ms each: 0.8048 + 13.3504 + 2.3008 $ an hour, together 16.456 $.
    expect(bound([1, 8, 2].map((gpus) => aRow({ gpus, durationMs: 1 })))).toBe(
      Math.floor(16_456_000_000 / 3_600_000),
    );
  });

  test("a share of a shared GPU costs its replicas", () => {
    const sharing = { timeSlicing: { replicas: 4 } };
    const policy = policyOf(
      parseConfig(aConfigOfPools(aPool({ name: "shared", sharing }), aPool())),
      "production",
    );
    const cost = (gpuMilli: number) =>
      lowerBoundNanoDollars([aRow({ gpuMilli })], policy, sandboxPrices(policy), "none");
    expect([100, 250, 251, 500, 501, 1_000].map(cost)).toEqual(
      [1, 1, 2, 2, 4, 4].map((quarters) => (quarters * 804_800_000) / 4),
    );
  });

  test("Spot costs what its cheapest zone does", () => {
    const prices: Prices = {
      onDemand: {},
      spot: { "g6.xlarge/us-east-1a": 300, "g6.xlarge/us-east-1c": 200 },
    };
    expect(lowerBoundNanoDollars([aRow()], comparisonPolicy("all"), prices, "all")).toBe(200);
  });

  test("reserved capacity costs nothing more", () => {
    const reservation = { id: "cr-0123456789abcdef0", instanceType: "g6.xlarge", zone: "us-east-1a" };
    const pool = aPool({ capacityReservations: [reservation] });
    const policy: Policy = policyOf(parseConfig(aConfigOfPools(pool)), "production");
    expect(lowerBoundNanoDollars([aRow()], policy, sandboxPrices(policy), "none")).toBe(0);
  });
});

test("the bound grows with the load, and Spot lowers it", () => {
  const row = fc
    .record({
      gpus: fc.integer({ min: 1, max: 9 }),
      gpuMilli: fc.integer({ min: 1, max: 1_000 }),
      cpuMilli: fc.nat(200_000),
      memoryBytes: fc.nat(800 * GIB),
      durationMs: fc.integer({ min: 1, max: 100 * HOUR_MS }),
    })
    .map(aRow);
  const prices = comparisonPrices();
  const [none, mix, all] = [comparisonPolicy("none"), comparisonPolicy("mix"), comparisonPolicy("all")];
  fc.assert(
    fc.property(fc.array(row, { maxLength: 20 }), row, (rows, more) => {
      const bound = lowerBoundNanoDollars(rows, none, prices, "none");
      expect(lowerBoundNanoDollars([...rows, more], none, prices, "none")).toBeGreaterThanOrEqual(bound);
      const mixed = lowerBoundNanoDollars(rows, mix, prices, "mix");
      expect(mixed).toBeLessThanOrEqual(bound);
      expect(lowerBoundNanoDollars(rows, all, prices, "all")).toBeLessThanOrEqual(mixed);
    }),
    { numRuns: 50 },
  );
});
