import { gangOf } from "@gpu-autoscaler/core";
import type { World } from "@gpu-autoscaler/sandbox";
import { describe, expect, test } from "vitest";
import { aPod } from "../builders/index.ts";
import { aWorld, evict, nodesOf, pass, podsOf, QUAD, ZONE } from "./a-world.ts";

describe("a gang", () => {
  const worker = (name: string, size: number, topology?: string) =>
    aPod(name).gpu(4).gang("training", size, topology).build();
  const bound = async (world: World) => (await podsOf(world)).filter((pod) => pod.nodeName !== null).length;

  test("waits for all its nodes, then binds whole in one zone", async () => {
    const world = aWorld([QUAD]);
    for (const name of ["w0", "w1"]) world.verbs.submit(worker(name, 2));
    world.verbs.addRunningNode("quad-on-demand", "us-east-1a");
    world.verbs.addRunningNode("quad-on-demand", "us-east-1b");
    pass(world, { minutes: 1 });
    expect(await bound(world)).toBe(0);
    world.verbs.addRunningNode("quad-on-demand", "us-east-1b");
    pass(world, {});
    expect(await bound(world)).toBe(2);
    const zones = (await nodesOf(world)).slice(1).map((node) => node.name);
    expect((await podsOf(world)).map((pod) => pod.nodeName)).toEqual(zones);
  });

  test("spreads over zones where it says so", async () => {
    const world = aWorld([QUAD]);
    for (const name of ["w0", "w1"]) world.verbs.submit(worker(name, 2, "none"));
    world.verbs.addRunningNode("quad-on-demand", "us-east-1a");
    world.verbs.addRunningNode("quad-on-demand", "us-east-1b");
    pass(world, {});
    expect(await bound(world)).toBe(2);
  });

  test("of which a pod is missing, or that disagrees about its size, does not start", async () => {
    const world = aWorld([QUAD]);
    for (let i = 0; i < 3; i++) world.verbs.addRunningNode("quad-on-demand", ZONE);
    world.verbs.submit(worker("w0", 2));
    pass(world, {});
    expect(await bound(world)).toBe(0);
    world.verbs.submit(worker("w1", 3));
    pass(world, {});
    expect(await bound(world)).toBe(0);
  });

  test("starts over as a whole when one of its pods is evicted", async () => {
    const world = aWorld([QUAD]);
    for (let i = 0; i < 2; i++) world.verbs.addRunningNode("quad-on-demand", ZONE);
    for (const name of ["w0", "w1"])
      world.verbs.submit({ ...worker(name, 2), owner: { kind: "Job", name: "t", uid: "t" } });
    pass(world, {});
    const before = await podsOf(world);
    await evict(world, "w0");
    pass(world, { seconds: 10 });
    const after = await podsOf(world);
    expect(after).toHaveLength(2);
    for (const pod of after) {
      expect(before.map((each) => each.uid)).not.toContain(pod.uid);
      expect(pod).toMatchObject({ phase: "Running", owner: { name: "t" } });
      expect(gangOf(pod)?.size).toBe(2);
    }
    expect(world.result()).toMatchObject({ evictions: 1, replacements: 2 });
  });
});
