import {
  GPU,
  INSTANCE_TYPE_LABEL,
  POOL_LABEL,
  SECOND_MS,
  type Sharing,
  ZONE_LABEL,
} from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { aPod, aPool } from "../builders/index.ts";
import {
  aWorld,
  groupNamed,
  launch,
  nodesOf,
  pass,
  passUntil,
  podNamed,
  QUAD,
  SMALL,
  ZONE,
} from "./a-world.ts";

describe("a launched instance", () => {
  test("is pending, in service, a node without GPUs, a node with GPUs, and only then runs the pod", async () => {
    const world = aWorld();
    world.verbs.submit(aPod("job").gpu(1).build());
    await launch(world, "small-on-demand");
    const group = async () => (await groupNamed(world, "small-on-demand")).instances[0];
    const node = async () => (await nodesOf(world))[0];

    expect(await group()).toMatchObject({ lifecycle: "pending", healthy: true, launchedAt: world.now });
    await passUntil(world, async () => (await group())?.lifecycle === "in-service");
    expect(await node()).toBeUndefined();
    await passUntil(world, async () => (await node()) !== undefined);
    expect(await node()).toMatchObject({ ready: true, instanceId: (await group())?.id });
    expect((await node())?.allocatable.extended).toEqual({ [GPU]: 0 });
    expect((await podNamed(world, "job")).nodeName).toBeNull();
    await passUntil(world, async () => (await node())?.allocatable.extended[GPU] === 1);
    expect(await podNamed(world, "job")).toMatchObject({ nodeName: (await node())?.name, phase: "Pending" });
    await passUntil(world, async () => (await podNamed(world, "job")).phase === "Running");
  });

  test("serves between 150 and 300 s after its launch, whatever the seed", async () => {
    const seconds: number[] = [];
    for (let seed = 0; seed < 300; seed++) {
      const world = aWorld([SMALL], { seed });
      world.verbs.submit(aPod("job").gpu(1).build());
      const launchedAt = world.now;
      await launch(world, "small-on-demand");
      await passUntil(world, async () => (await podNamed(world, "job")).phase === "Running");
      seconds.push((world.now - launchedAt) / SECOND_MS);
    }
    expect(Math.min(...seconds)).toBeGreaterThanOrEqual(150);
    expect(Math.max(...seconds)).toBeLessThanOrEqual(300);
    expect(Math.max(...seconds) - Math.min(...seconds)).toBeGreaterThan(60);
  });

  test("bears the well-known labels, its pool's labels and taints", async () => {
    const taint = { key: "dedicated", value: "gpu", effect: "NoSchedule" } as const;
    const world = aWorld([aPool("small", ["g6.xlarge"], { labels: { team: "a" }, taints: [taint] })]);
    const name = world.verbs.addRunningNode("small-on-demand", "us-east-1b");
    const [node] = await nodesOf(world);
    expect(node).toMatchObject({ name, ready: true, taints: [taint] });
    expect(node?.labels).toMatchObject({
      team: "a",
      [POOL_LABEL]: "small",
      [ZONE_LABEL]: "us-east-1b",
      [INSTANCE_TYPE_LABEL]: "g6.xlarge",
      "kubernetes.io/hostname": name,
      "kubernetes.io/arch": "amd64",
      "gpu-autoscaler.io/gpu-model": "l4",
    });
  });

  test("pulls its image once: a later pod runs in the moment it is bound", async () => {
    const world = aWorld([QUAD]);
    world.verbs.addRunningNode("quad-on-demand", ZONE);
    world.verbs.submit(aPod("late").gpu(1).build());
    world.advanceTo(world.now);
    expect(await podNamed(world, "late")).toMatchObject({ phase: "Running", ready: true });
  });

  const layouts: Record<string, { sharing: Sharing; want: Record<string, number> }> = {
    "whole GPUs": { sharing: { kind: "whole" }, want: { "nvidia.com/gpu": 4 } },
    "four replicas of each GPU, renamed": {
      sharing: { kind: "time-slicing", replicas: 4, renamed: true },
      want: { "nvidia.com/gpu.shared": 16 },
    },
    "MIG mixed, two profiles": {
      sharing: { kind: "mig", strategy: "mixed", profiles: { "3g.40gb": 1, "1g.10gb": 4 } },
      want: { "nvidia.com/mig-3g.40gb": 4, "nvidia.com/mig-1g.10gb": 16 },
    },
  };
  test.each(Object.entries(layouts))("offers %s", async (_, { sharing, want }) => {
    const world = aWorld([aPool("quad", ["g6.12xlarge"], { sharing })]);
    world.verbs.addRunningNode("quad-on-demand", ZONE);
    expect((await nodesOf(world))[0]?.allocatable.extended).toEqual(want);
  });
});

describe("an instance that does not boot as it should", () => {
  test("dies while pending: Auto Scaling lists it as unhealthy until it is removed", async () => {
    const world = aWorld([SMALL], { bootFaults: [{ fault: "dies-pending", remaining: 1 }] });
    const { launched } = await launch(world, "small-on-demand", 2);
    pass(world, { minutes: 6 });
    const { instances, desired } = await groupNamed(world, "small-on-demand");
    expect(instances.map((each) => each.healthy)).toEqual([false, true]);
    expect(desired).toBe(2);
    await world.ports.capacityWriter.terminateInstances("small-on-demand", [launched[0]?.id ?? ""]);
    pass(world, { minutes: 1 });
    expect((await groupNamed(world, "small-on-demand")).instances).toHaveLength(1);
  });

  test("never registers", async () => {
    const world = aWorld([SMALL], { bootFaults: [{ fault: "never-registers" }] });
    await launch(world, "small-on-demand");
    pass(world, { minutes: 30 });
    expect(await nodesOf(world)).toEqual([]);
    expect((await groupNamed(world, "small-on-demand")).instances[0]).toMatchObject({
      lifecycle: "in-service",
      healthy: true,
    });
  });

  test("registers and never shows its GPUs", async () => {
    const world = aWorld([SMALL], { bootFaults: [{ fault: "gpus-never" }] });
    await launch(world, "small-on-demand");
    pass(world, { minutes: 30 });
    expect((await nodesOf(world))[0]?.allocatable.extended).toEqual({ [GPU]: 0 });
  });

  test("shows three of its four GPUs, and takes pods for three", async () => {
    const world = aWorld([QUAD], { bootFaults: [{ fault: "one-gpu-missing", group: "quad-on-demand" }] });
    for (const pod of aPod("job").gpu(1).times(4)) world.verbs.submit(pod);
    await launch(world, "quad-on-demand");
    pass(world, { minutes: 6 });
    expect((await nodesOf(world))[0]?.allocatable.extended).toEqual({ [GPU]: 3 });
    const bound = (await world.ports.clusterReader.readCluster()).pods.filter((pod) => pod.nodeName !== null);
    expect(bound).toHaveLength(3);
  });
});
