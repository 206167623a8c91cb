import { type GpuMeasurement, SHARED_GPU, type Sharing, type WorkloadClass } from "@gpu-autoscaler/core";
import type { World } from "@gpu-autoscaler/sandbox";
import { describe, expect, test } from "vitest";
import { aPod, aPool } from "../builders/index.ts";
import { aRow, aWorld, nodesOf, pass, QUAD, SMALL, ZONE } from "./a-world.ts";

async function measure(world: World): Promise<readonly GpuMeasurement[]> {
  return (await world.ports.gpuMetrics.readMeasurements()).measurements;
}

/** A world whose only node begins to serve at the start. */
function servingWorld(
  sharing: Sharing = { kind: "whole" },
  type = "g6.xlarge",
): { world: World; node: string } {
  const world = aWorld([aPool("pool", [type], { sharing })]);
  return { world, node: world.verbs.addRunningNode("pool-on-demand", ZONE) };
}

const JOB = aPod("job").classed("training");

describe("DCGM", () => {
  test("knows nothing of a GPU before its first half minute, then counts what has come", async () => {
    const { world, node } = servingWorld();
    const at = world.now;
    pass(world, { seconds: 119 });
    // Samples at 0, 30, 60 and 90 s out of the ten of five minutes.
    expect(await measure(world)).toEqual([
      {
        node,
        gpu: expect.stringMatching(/^GPU-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
        pods: [],
        lastSampleAt: at + 90_000,
        lastUtilizationMilli: 0,
        meanUtilizationMilli: 0,
        coverageMilli: 400,
      },
    ]);
  });

  test("gives the mean of the last ten samples", async () => {
    const { world } = servingWorld();
    world.verbs.submit(JOB.gpu(1).build(), { durationMs: 200_000 });
    pass(world, { seconds: 330 });
    // 60 to 180 s: five samples of 950; 210 to 330 s: five of 0.
    expect(await measure(world)).toMatchObject([
      { lastUtilizationMilli: 0, meanUtilizationMilli: 475, coverageMilli: 1_000 },
    ]);
    pass(world, { seconds: 60 });
    // 120, 150 and 180 s are left: 3 × 950 / 10.
    expect(await measure(world)).toMatchObject([{ meanUtilizationMilli: 285 }]);
    pass(world, { minutes: 3 });
    expect(await measure(world)).toMatchObject([{ meanUtilizationMilli: 0, coverageMilli: 1_000 }]);
  });

  test("names the pod that holds a GPU from the first sample after it was given", async () => {
    const { world } = servingWorld({ kind: "whole" }, "g6.12xlarge");
    pass(world, { seconds: 70 });
    world.verbs.submit(JOB.gpu(1).build());
    pass(world, { seconds: 10 });
    expect((await measure(world)).flatMap(({ pods }) => pods)).toEqual([]);
    pass(world, { seconds: 10 });
    expect((await measure(world)).map(({ pods }) => pods.length)).toEqual([1, 0, 0, 0]);
  });

  test("tells busy GPUs of a node from idle ones", async () => {
    const { world } = servingWorld({ kind: "whole" }, "g6.12xlarge");
    world.verbs.submit(JOB.gpu(3).build());
    pass(world, { minutes: 10 });
    expect((await measure(world)).map((each) => each.meanUtilizationMilli)).toEqual([950, 950, 950, 0]);
  });

  test("adds up the shares of a time-sliced GPU, spread over the GPUs", async () => {
    const { world } = servingWorld({ kind: "time-slicing", replicas: 4, renamed: true }, "g6.12xlarge");
    // Six quarters over four GPUs: two GPUs hold two, two hold one. Each keeps its quarter 400 of 1000 busy.
    for (const pod of aPod("server").asking(SHARED_GPU, 1).times(6))
      world.verbs.submit(pod, { busyMilli: 400 });
    pass(world, { minutes: 10 });
    expect((await measure(world)).map((each) => each.meanUtilizationMilli)).toEqual([200, 200, 100, 100]);
  });

  test("measures MIG instances one by one", async () => {
    const { world } = servingWorld({
      kind: "mig",
      strategy: "mixed",
      profiles: { "3g.40gb": 1, "1g.10gb": 2 },
    });
    world.verbs.submit(JOB.asking("nvidia.com/mig-1g.10gb", 1).build());
    pass(world, { minutes: 10 });
    const measured = await measure(world);
    expect(measured.map((each) => each.gpu.split("/")[1])).toEqual(["0", "1", "2"]);
    expect(new Set(measured.map((each) => each.gpu.split("/")[0])).size).toBe(1);
    expect(measured.map((each) => each.meanUtilizationMilli)).toEqual([0, 950, 0]);
  });

  test("sees load that no pod accounts for", async () => {
    const { world, node } = servingWorld();
    world.verbs.setStrayLoad(node, 0, 700);
    pass(world, { minutes: 6 });
    expect(await measure(world)).toMatchObject([{ meanUtilizationMilli: 700 }]);
    world.verbs.setStrayLoad(node, 0, 0);
    pass(world, { minutes: 6 });
    expect(await measure(world)).toMatchObject([{ meanUtilizationMilli: 0 }]);
  });

  test("counts how many samples came, keeps the last one for half an hour, and then says nothing", async () => {
    const world = aWorld([SMALL]);
    const [lost] = [0, 1].map(() => world.verbs.addRunningNode("small-on-demand", ZONE));
    pass(world, { minutes: 10 });
    world.verbs.addMetricsOutage({ node: lost ?? "", fromMs: 601_000 });
    pass(world, { seconds: 90 });
    // 420 to 600 s came, 630 to 690 s did not.
    expect(await measure(world)).toMatchObject([
      { node: lost, coverageMilli: 700, lastSampleAt: world.now - 90_000 },
      { coverageMilli: 1_000, lastSampleAt: world.now },
    ]);
    const lastSampleAt = world.now - 90_000;
    pass(world, { minutes: 5 });
    expect(await measure(world)).toMatchObject([
      { node: lost, coverageMilli: 0, lastSampleAt },
      { coverageMilli: 1_000 },
    ]);
    pass(world, { minutes: 30 });
    expect(await measure(world)).toHaveLength(1);
    world.verbs.addMetricsOutage({});
    expect(await measure(world)).toEqual([]);
  });

  test("measures rows as the terms of comparison say: training and batch 95 %, serving 20 to 90 %", async () => {
    const serving40: readonly WorkloadClass[] = Array.from({ length: 40 }, () => "serving");
    const classes: readonly WorkloadClass[] = ["training", "batch", ...serving40];
    const rows = classes.map((each, i) => aRow(`${each}-${i}`, { class: each, durationMs: 3_600_000 }));
    const world = aWorld([QUAD], { rows });
    for (let i = 0; i < 11; i++) world.verbs.addRunningNode("quad-on-demand", ZONE);
    pass(world, { minutes: 10 });
    const busy = (await measure(world)).map((each) => each.meanUtilizationMilli).sort((a, b) => a - b);
    expect(busy.slice(0, 2)).toEqual([0, 0]);
    expect(busy.slice(-2)).toEqual([950, 950]);
    const serving = busy.slice(2, -2);
    expect(serving).toHaveLength(40);
    expect(Math.min(...serving)).toBeGreaterThanOrEqual(200);
    expect(Math.max(...serving)).toBeLessThanOrEqual(900);
    expect(new Set(serving).size).toBeGreaterThan(20);
  });

  test("hands out the same array until a sample or a change has come", async () => {
    const { world } = servingWorld();
    pass(world, { minutes: 10 });
    const measured = await measure(world);
    pass(world, { seconds: 29 });
    expect(await measure(world)).toBe(measured);
    pass(world, { seconds: 1 });
    expect(await measure(world)).not.toBe(measured);
    expect(await nodesOf(world)).toBe(await nodesOf(world));
  });
});
