import { MINUTE_MS } from "@gpu-autoscaler/core";
import type { World } from "@gpu-autoscaler/sandbox";
import { describe, expect, test } from "vitest";
import { aNode, aPod } from "../builders/index.ts";
import { aWorld, nodesOf, pass, podNamed, podsOf, SMALL, ZONE } from "./a-world.ts";

async function whereIs(world: World, name: string): Promise<string | null> {
  return (await podNamed(world, name)).nodeName;
}

describe("kube-scheduler of the world", () => {
  test("binds to the node with the largest part of cpu and memory left, ties by name", async () => {
    // Asked for 2 cores and 2 GiB. a: 6/8 and 6/8 left, 75 + balance 100. b: 14/16 and 14/16, 87 + 100.
    const nodes = [
      aNode("a").cpu(8).memoryGi(8).build(),
      aNode("b").cpu(16).memoryGi(16).build(),
      aNode("c").cpu(16).memoryGi(16).build(),
    ];
    const world = aWorld([SMALL], { nodes });
    world.verbs.submit(aPod("one").cpu(2).memoryGi(2).build());
    pass(world, {});
    expect(await whereIs(world, "one")).toBe("b");
    world.verbs.submit(aPod("two").cpu(2).memoryGi(2).build());
    pass(world, {});
    expect(await whereIs(world, "two")).toBe("c");
  });

  test("prefers balance of cpu and memory where as much is left", async () => {
    // Left after 4 cores and 4 GiB: lopsided 50 % and 75 %, 62 + balance 87; even 60 % of both, 60 + 100.
    const nodes = [aNode("lopsided").cpu(8).memoryGi(16).build(), aNode("even").cpu(10).memoryGi(10).build()];
    const world = aWorld([SMALL], { nodes });
    world.verbs.submit(aPod("pod").cpu(4).memoryGi(4).build());
    pass(world, {});
    expect(await whereIs(world, "pod")).toBe("even");
  });

  test("serves the higher priority first, then the older pod", async () => {
    const world = aWorld();
    const submit = (name: string, priority: number) =>
      world.verbs.submit(aPod(name).gpu(1).priority(priority).build(), { durationMs: MINUTE_MS });
    submit("low", -5);
    submit("older", 0);
    pass(world, { seconds: 1 });
    submit("younger", 0);
    submit("high", 1000);
    world.verbs.addRunningNode("small-on-demand", ZONE);
    const served: string[] = [];
    for (let i = 0; i < 4; i++) {
      pass(world, {});
      served.push((await podsOf(world)).find((pod) => pod.nodeName !== null)?.name ?? "");
      pass(world, { minutes: 1 });
    }
    expect(served).toEqual(["high", "older", "younger", "low"]);
  });

  test("says PodScheduled=False at the first try, and keeps since when", async () => {
    const world = aWorld();
    const at = world.now;
    world.verbs.submit(aPod("pod").gpu(1).build());
    pass(world, {});
    expect(await podNamed(world, "pod")).toMatchObject({ unschedulableSince: at, nodeName: null });
    pass(world, { minutes: 1 });
    world.verbs.submit(aPod("other").gpu(8).build());
    pass(world, {});
    expect(await podNamed(world, "pod")).toMatchObject({ unschedulableSince: at });
    world.verbs.addRunningNode("small-on-demand", ZONE);
    pass(world, {});
    expect(await podNamed(world, "pod")).toMatchObject({ unschedulableSince: null, phase: "Running" });
  });

  test("leaves gated pods alone until the gates are gone", async () => {
    const world = aWorld();
    world.verbs.addRunningNode("small-on-demand", ZONE);
    world.verbs.submit(aPod("gated").gpu(1).gatedBy("quota").build());
    pass(world, { minutes: 1 });
    expect(await podNamed(world, "gated")).toMatchObject({ nodeName: null, unschedulableSince: null });
    world.verbs.ungate("default", "gated");
    pass(world, {});
    expect(await podNamed(world, "gated")).toMatchObject({ phase: "Running" });
  });

  test("binds no pod to a cordoned node, and does after it was uncordoned", async () => {
    const world = aWorld();
    const name = world.verbs.addRunningNode("small-on-demand", ZONE);
    const version = async () => (await nodesOf(world))[0]?.resourceVersion ?? "";
    const taint = { key: "gpu-autoscaler.io/draining", value: "", effect: "NoSchedule" } as const;
    await world.ports.clusterWriter.cordon(name, await version(), taint, "NodeEmpty");
    world.verbs.submit(aPod("pod").gpu(1).build());
    pass(world, { minutes: 1 });
    expect(await whereIs(world, "pod")).toBeNull();
    await world.ports.clusterWriter.uncordon(name, await version());
    pass(world, {});
    expect(await whereIs(world, "pod")).toBe(name);
  });

  test("lets go of a whole zone when the pod that kept others out is gone", async () => {
    const world = aWorld();
    const [first, second] = [ZONE, ZONE].map((zone) => world.verbs.addRunningNode("small-on-demand", zone));
    const shy = aPod("shy")
      .gpu(1)
      .labelled({ app: "x" })
      .awayFrom({ app: "x" }, "topology.kubernetes.io/zone");
    world.verbs.submit(shy.selecting({ "kubernetes.io/hostname": first ?? "" }).build());
    pass(world, {});
    const other = aPod("other")
      .labelled({ app: "x" })
      .selecting({ "kubernetes.io/hostname": second ?? "" });
    world.verbs.submit(other.build());
    pass(world, { minutes: 1 });
    expect(await whereIs(world, "other")).toBeNull();
    world.verbs.deletePod("default", "shy");
    pass(world, { seconds: 5 });
    expect(await whereIs(world, "other")).toBe(second);
  });

  test("brings a pod to the one that it wants to be near, whichever came first", async () => {
    const world = aWorld();
    for (const zone of ["us-east-1a", "us-east-1b"]) world.verbs.addRunningNode("small-on-demand", zone);
    world.verbs.submit(aPod("follower").cpu(1).near({ app: "leader" }, "kubernetes.io/hostname").build());
    pass(world, {});
    expect(await whereIs(world, "follower")).toBeNull();
    world.verbs.submit(aPod("leader").gpu(1).labelled({ app: "leader" }).build());
    pass(world, {});
    expect(await whereIs(world, "follower")).toBe(await whereIs(world, "leader"));
  });

  test("wakes a tick a second after GPU pods found no node, and for nothing else", async () => {
    const world = aWorld();
    world.verbs.submit(aPod("cpu-only").cpu(64).build());
    pass(world, { minutes: 1 });
    expect(world.wakeAt).toBe(Number.POSITIVE_INFINITY);
    world.verbs.submit(aPod("gpu").gpu(1).build());
    const at = world.now;
    world.advanceToWake(at + MINUTE_MS);
    expect([world.now, world.wakeAt]).toEqual([at + 1_000, at + 1_000]);
    world.woken();
    world.advanceToWake(at + MINUTE_MS);
    expect(world.now).toBe(at + MINUTE_MS);
  });
});

test("a storm of 2,000 pods runs through 300 nodes, none idle while a pod waits", async () => {
  const world = aWorld();
  for (let i = 0; i < 300; i++) world.verbs.addRunningNode("small-on-demand", ZONE);
  for (const pod of aPod("storm").gpu(1).times(2_000)) world.verbs.submit(pod, { durationMs: MINUTE_MS });
  const left: number[] = [];
  for (let minute = 0; minute < 8; minute++) {
    pass(world, {});
    left.push((await podsOf(world)).filter((pod) => pod.nodeName === null).length);
    pass(world, { minutes: 1 });
  }
  expect(left).toEqual([1_700, 1_400, 1_100, 800, 500, 200, 0, 0]);
});
