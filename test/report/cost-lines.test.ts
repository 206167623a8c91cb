import { HOUR_MS } from "@gpu-autoscaler/core";
import { type Bill, type CostLines, costLines, type PodStay, shareOut } from "@gpu-autoscaler/sandbox";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runs } from "../property/runs.ts";
import { aRun, aSharedRun, someRows } from "./a-run.ts";

const ofPools = ({ pools }: CostLines) => pools.flatMap(({ held, starting, idle }) => [held, starting, idle]);
const ofNamespaces = ({ namespaces, starting, idle }: CostLines) => [
  ...namespaces.map(({ held }) => held),
  starting,
  idle,
];
const exactSum = (values: readonly number[]) => values.reduce((sum, each) => sum + BigInt(each), 0n);

const onDemand = await aRun(someRows(), "none");
const withExcess = await aRun(someRows(2), "mix");
const inSevenths = await aSharedRun(someRows().map((row) => ({ ...row, gpuMilli: 140 })));

describe("what a run cost", () => {
  test.each([
    ["On-Demand", onDemand],
    ["with Spot and its excess", withExcess],
    ["with GPUs in sevenths", inSevenths],
  ])("is the sum over pools, and the sum over namespaces, to the nano-dollar: %s", (_, run) => {
    const lines = costLines(run);
    for (const parts of [ofPools(lines), ofNamespaces(lines)]) {
      expect(exactSum(parts) + BigInt(lines.spotExcess)).toBe(BigInt(run.nanoDollars));
      for (const part of parts) expect(part).toBeGreaterThanOrEqual(0);
    }
    const held = lines.namespaces.reduce((sum, { gpuMs }) => sum + gpuMs, 0);
    expect(Math.round(held)).toBe(run.gpuMsUsed);
  });

  test("was tried with Spot beyond its share, and with nodes that several namespaces held", () => {
    expect(costLines(withExcess).spotExcess).toBeGreaterThan(0);
    const byInstance = Map.groupBy(inSevenths.stays, ({ instanceId }) => instanceId);
    const shared = [...byInstance.values()].filter(
      (stays) => new Set(stays.map((each) => each.namespace)).size > 1,
    );
    expect(shared.length).toBeGreaterThan(0);
  });

  const bill: Bill = {
    instanceId: "i-1",
    pool: "quad",
    group: "quad-on-demand",
    instanceType: "g6.12xlarge",
    zone: "us-east-1a",
    capacityType: "on-demand",
    gpus: 4,
    launchedAt: 0,
    servingFrom: HOUR_MS,
    endedAt: 4 * HOUR_MS,
    nanoDollarsPerHour: 4_000,
    nanoDollars: 16_000,
  };
  const stay: PodStay = {
    namespace: "vision",
    feasible: true,
    instanceId: "i-1",
    createdAt: 0,
    startedAt: HOUR_MS,
    endedAt: 4 * HOUR_MS,
    parts: 2,
    perGpu: 1,
    busyMilli: 950,
  };

  test("falls to who held its GPUs, to the boot, and to nobody", () => {
    const speech = { ...stay, namespace: "speech", parts: 1, endedAt: 3 * HOUR_MS };
    expect(costLines({ bills: [bill], stays: [stay, speech], spotExcess: [] })).toEqual({
      // 4 GPU-hours of boot; 6 and 2 are held, 4 are idle: 1,000 each.
      pools: [{ pool: "quad", held: 8_000, starting: 4_000, idle: 4_000 }],
      namespaces: [
        { namespace: "vision", held: 6_000, gpuMs: 6 * HOUR_MS },
        { namespace: "speech", held: 2_000, gpuMs: 2 * HOUR_MS },
      ],
      starting: 4_000,
      idle: 4_000,
      spotExcess: 0,
    });
  });

  test("of a node that never served is that of its start", () => {
    const { starting, idle } = costLines({
      bills: [{ ...bill, servingFrom: null }],
      stays: [],
      spotExcess: [],
    });
    expect([starting, idle]).toEqual([16_000, 0]);
  });
});

describe("sharing an amount out", () => {
  test("gives what is left over to those that lost most by rounding", () => {
    expect(shareOut(10, [1, 1, 1])).toEqual([4, 3, 3]);
    expect(shareOut(100, [1, 5, 1])).toEqual([14, 72, 14]);
    expect(shareOut(5, [0, 0])).toEqual([0, 0]);
  });

  test("loses nothing, and is never a whole unit off", () => {
    const weights = fc.array(fc.nat(1e12), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.nat(1e13), weights, (amount, list) => {
        const total = list.reduce((sum, each) => sum + each, 0);
        fc.pre(total > 0);
        const shares = shareOut(amount, list);
        expect(exactSum(shares)).toBe(BigInt(amount));
        for (const [at, share] of shares.entries()) {
          const distance = BigInt(share) * BigInt(total) - BigInt(amount) * BigInt(list[at] ?? 0);
          expect(distance < BigInt(total) && -distance < BigInt(total)).toBe(true);
        }
      }),
      runs(300),
    );
  });
});
