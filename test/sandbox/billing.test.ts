import { HOUR_MS, MINUTE_MS } from "@gpu-autoscaler/core";
import { createWorld, type World } from "@gpu-autoscaler/sandbox";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aPod, aPool } from "../builders/index.ts";
import { aRow, aWorld, evict, launch, pass, podsOf, SMALL, ZONE } from "./a-world.ts";

const BOTH = aPool("pool", ["g6.xlarge"], { capacityTypes: ["spot", "on-demand"] });

/** g6.xlarge in us-east-1, from AWS's price list: 0.8048 $ an hour, Spot at 0.35 of it. */
const ON_DEMAND = 804_800_000;
const SPOT = 281_680_000;

function terminate(world: World, group: string, ids: readonly { readonly id: string }[]): Promise<void> {
  return world.ports.capacityWriter.terminateInstances(
    group,
    ids.map(({ id }) => id),
  );
}

describe("the bill", () => {
  test("runs from the launch call to the terminate call, each node's to the nano-dollar", async () => {
    const world = aWorld();
    const { launched } = await launch(world, "small-on-demand");
    // 804,800,000 × 4,471,307 / 3,600,000 = 999,585,520.444…, rounded up.
    world.advanceTo(world.now + 4_471_307);
    await terminate(world, "small-on-demand", launched);
    pass(world, { minutes: 60 });
    const { bills, nanoDollars, gpuMsPaid } = world.result();
    expect(bills).toMatchObject([
      { nanoDollarsPerHour: ON_DEMAND, nanoDollars: 999_585_521, capacityType: "on-demand" },
    ]);
    expect(nanoDollars).toBe(999_585_521);
    expect(gpuMsPaid).toBe(4_471_307);
  });

  test("of a node that runs on ends with the run", async () => {
    const world = aWorld([aPool("quad", ["g6.12xlarge"])]);
    await launch(world, "quad-on-demand");
    world.advanceTo(world.now + HOUR_MS);
    expect(world.result()).toMatchObject({ nanoDollars: 4_601_600_000, gpuMsPaid: 4 * HOUR_MS, launches: 1 });
  });

  test("of an interrupted node ends with it, and the dead instance costs nothing", async () => {
    const world = aWorld([BOTH]);
    const name = world.verbs.addRunningNode("pool-spot", ZONE);
    pass(world, { minutes: 58 });
    world.verbs.announce(name, "spot-interruption");
    pass(world, { minutes: 600 });
    expect(world.result()).toMatchObject({ nanoDollars: SPOT, spotGpuMs: HOUR_MS });
    const { groups } = await world.ports.capacityReader.readGroups();
    await terminate(world, "pool-spot", groups[0]?.instances ?? []);
    expect(world.result()).toMatchObject({ nanoDollars: SPOT, spotGpuMs: HOUR_MS });
  });

  test("charges Spot beyond the share at the On-Demand price, and does not count it as Spot", async () => {
    const world = aWorld([BOTH], { spotShareMilli: 600 });
    const onDemand = await launch(world, "pool-on-demand", 1);
    await launch(world, "pool-spot", 1);
    world.advanceTo(world.now + HOUR_MS);
    await terminate(world, "pool-on-demand", onDemand.launched);
    world.advanceTo(world.now + 4 * HOUR_MS);
    // 1 h On-Demand and 5 h Spot: 3.6 h may be Spot, so 1.4 h cost what On-Demand costs more.
    const { spotExcess, nanoDollars, spotGpuMs, gpuMsPaid } = world.result();
    expect(spotExcess).toEqual([
      { instanceType: "g6.xlarge", gpuMs: 1.4 * HOUR_MS, nanoDollars: 1.4 * (ON_DEMAND - SPOT) },
    ]);
    expect([spotGpuMs, gpuMsPaid]).toEqual([3.6 * HOUR_MS, 6 * HOUR_MS]);
    expect(nanoDollars).toBe(3.6 * SPOT + 2.4 * ON_DEMAND);
  });

  test("is the sum of its parts, and never below 60 % Spot and 40 % On-Demand for the time paid", async () => {
    const step = fc.record({
      spot: fc.boolean(),
      count: fc.integer({ min: 1, max: 5 }),
      ms: fc.nat(3 * HOUR_MS),
      end: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20, size: "max" }), async (steps) => {
        const world = aWorld([BOTH], { spotShareMilli: 600, weather: "bad" });
        for (const { spot, count, ms, end } of steps) {
          const group = spot ? "pool-spot" : "pool-on-demand";
          const { launched } = await launch(world, group, count);
          world.advanceTo(world.now + ms);
          if (end) await terminate(world, group, launched);
        }
        const { bills, spotExcess, nanoDollars, gpuMsPaid, spotGpuMs } = world.result();
        const parts = [...bills, ...spotExcess].reduce((sum, each) => sum + BigInt(each.nanoDollars), 0n);
        expect(BigInt(nanoDollars)).toBe(parts);
        expect(10 * spotGpuMs).toBeLessThanOrEqual(6 * gpuMsPaid);
        const bound = BigInt(gpuMsPaid) * (6n * BigInt(SPOT) + 4n * BigInt(ON_DEMAND));
        expect(BigInt(nanoDollars) * 10n * BigInt(HOUR_MS)).toBeGreaterThanOrEqual(bound);
      }),
      { numRuns: 200 },
    );
  });

  test("refuses a group whose price nobody knows", () => {
    const make = () => createWorld({ cluster: "test", pools: [SMALL], prices: { onDemand: {}, spot: {} } });
    expect(make).toThrow(/no on-demand price for a g6.xlarge/);
  });
});

describe("GPU time used", () => {
  test("is what pods held while they ran: by their parts, from the start of the run", async () => {
    const sharing = { kind: "time-slicing", replicas: 3, renamed: true } as const;
    const world = aWorld([aPool("shared", ["g6.xlarge"], { sharing })]);
    world.verbs.addRunningNode("shared-on-demand", ZONE);
    for (const pod of aPod("third").asking("nvidia.com/gpu.shared", 1).times(3)) {
      world.verbs.submit(pod, { durationMs: 10 * MINUTE_MS });
    }
    pass(world, { minutes: 7 });
    expect(world.result().gpuMsUsed).toBe(7 * MINUTE_MS);
    pass(world, { minutes: 20 });
    expect(world.result()).toMatchObject({ gpuMsUsed: 10 * MINUTE_MS, gpuMsPaid: 27 * MINUTE_MS });
  });

  test("does not count the pull of the image, and counts an evicted pod until it has exited", async () => {
    const world = aWorld([SMALL], { rows: [aRow("row", { durationMs: HOUR_MS })] });
    await launch(world, "small-on-demand");
    const isRunning = async () => (await podsOf(world))[0]?.phase === "Running";
    while (!(await isRunning())) world.advanceTo(world.nextEventAt);
    expect(world.result().gpuMsUsed).toBe(0);
    pass(world, { minutes: 10 });
    await evict(world, "row");
    pass(world, { seconds: 5 });
    expect(world.result().gpuMsUsed).toBe(10 * MINUTE_MS + 5_000);
  });
});
