import { MINUTE_MS } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { aPod } from "../builders/index.ts";
import { aRow, ZONE } from "../sandbox/a-world.ts";
import { type Play, play } from "./karpenter-play.ts";

const SPOT_GROUP = "comparison-g6-xlarge-spot-4x16";

/** A pod that runs for days, submitted so many minutes after the start. */
const longRow = (name: string, minutes: number, fields: Parameters<typeof aRow>[1] = {}) =>
  aRow(name, { submitMs: minutes * MINUTE_MS, durationMs: 6_000 * MINUTE_MS, ...fields });

describe("Spot", () => {
  test("is asked for before On-Demand, for pods that may be interrupted", async () => {
    const rows = [longRow("job", 0), longRow("server", 10, { class: "serving" })];
    const it = play({ spot: "mix", rows });
    await it.until(700);
    expect(it.told).toEqual(["1 launch 1 g6-xlarge spot a", "601 launch 1 g6-xlarge on-demand a"]);
  });

  // Spot may hold 60 % of a type's nodes, rounded up: 1 of 1, 2 of 2, but not 3 of 3. It is refused in
  // each zone in turn, a second apart; the next type's Spot (0.342 $) is cheaper than On-Demand (0.805 $).
  test("that lacks capacity in all zones of a type gives way to the next cheapest type", async () => {
    const it = play({ spot: "mix", rows: [longRow("a", 0), longRow("b", 5), longRow("c", 10)] });
    await it.until(700);
    expect(it.told).toEqual([
      "1 launch 1 g6-xlarge spot a",
      "301 launch 1 g6-xlarge spot a",
      "601 launch 1 g6-xlarge spot a",
      "602 launch 1 g6-xlarge spot b",
      "603 launch 1 g6-xlarge spot c",
      "604 launch 1 g6-2xlarge spot a",
    ]);
    expect(it.world.result().launches).toBe(3);
  });

  // Spot that is dearer than On-Demand is left out: 0.35 × 13.3504 = 4.67 > 4.6016. At 3 GPUs 12xlarge
  // and 24xlarge are tried, in three zones each; then On-Demand, at the pods' requeue 10 s after the run.
  test("that lacks capacity altogether gives way to On-Demand, and rests for three minutes", async () => {
    const rows = [longRow("a", 0, { gpus: 3 }), longRow("b", 2, { gpus: 3 }), longRow("c", 4, { gpus: 3 })];
    const capacity = [{ capacityType: "spot", remaining: 0 } as const];
    const it = play({ spot: "mix", rows, world: { capacity } });
    await it.until(300);
    const tried = ["12xlarge spot a", "12xlarge spot b", "12xlarge spot c"];
    const next = ["24xlarge spot a", "24xlarge spot b", "24xlarge spot c"];
    const tries = (from: number) => [...tried, ...next].map((what, i) => `${from + i} launch 1 g6-${what}`);
    expect(it.told).toEqual([
      ...tries(1),
      "11 launch 1 g6-12xlarge on-demand a",
      "121 launch 1 g6-12xlarge on-demand a",
      ...tries(241),
      "251 launch 1 g6-12xlarge on-demand a",
    ]);
  });
});

describe("an interruption", () => {
  const interrupt = async (it: Play, seconds: number) => {
    await it.until(seconds);
    it.world.verbs.announce(it.node(1), "spot-interruption");
  };

  // Announced at 30 s: the pod is evicted a second later, its successor is pending at once and batched
  // for a second. The zone's offering rests, so the node comes in the next zone.
  test("of a server: taints, drains and replaces at once", async () => {
    const it = play({ spot: "all" });
    const node = it.world.verbs.addRunningNode(SPOT_GROUP, ZONE);
    it.world.verbs.submit(aPod("s").gpu(1).classed("serving").ownedBy("ReplicaSet", "s").on(node).build());
    await interrupt(it, 30);
    await it.until(100);
    expect(it.told).toEqual([
      "31 taint node 1",
      "31 evict s",
      "32 launch 1 g6-xlarge spot b",
      "36 end node 1",
    ]);
  });

  // The eviction is refused, and tried again each ten seconds until EC2 takes the node; its place is
  // launched meanwhile.
  test("of a server that a budget protects", async () => {
    const budget = { namespace: "default", name: "all", selector: [], maxUnavailable: 0 };
    const it = play({ spot: "all", world: { budgets: [budget] } });
    const node = it.world.verbs.addRunningNode(SPOT_GROUP, ZONE);
    it.world.verbs.submit(aPod("s").gpu(1).classed("serving").ownedBy("ReplicaSet", "s").on(node).build());
    await interrupt(it, 30);
    await it.until(149);
    const evictions = Array.from({ length: 12 }, (_, i) => `${31 + 10 * i} evict s`);
    expect(it.told.filter((line) => line.endsWith("evict s"))).toEqual(evictions);
    expect(it.told).toContain("32 launch 1 g6-xlarge spot b");
    expect(it.told).toHaveLength(evictions.length + 2);
  });

  // A Job's pod bears do-not-disrupt: it is not evicted, and runs until EC2 takes the instance at 150 s.
  test("of a Job: taints the node, and replaces it when EC2 has taken it", async () => {
    const it = play({ spot: "all" });
    const node = it.world.verbs.addRunningNode(SPOT_GROUP, ZONE);
    it.world.verbs.submit(aPod("j").gpu(1).classed("training").ownedBy("Job", "j").on(node).build());
    await interrupt(it, 30);
    await it.until(160);
    expect(it.told).toEqual(["31 taint node 1", "150 end an instance", "151 launch 1 g6-xlarge spot b"]);
  });

  test.each([
    { kind: "Job", next: "on-demand" },
    // Nobody would pay more for what loses nothing.
    { kind: "ReplicaSet", next: "spot" },
  ])("of a $kind, whose users turn to On-Demand where it starts over: $next", async ({ kind, next }) => {
    const it = play({ spot: "all", settings: { onDemandAfterInterruption: true } });
    const node = it.world.verbs.addRunningNode(SPOT_GROUP, ZONE);
    it.world.verbs.submit(aPod("j").gpu(1).classed("training").ownedBy(kind, "j").on(node).build());
    await interrupt(it, 30);
    await it.until(160);
    expect(it.told.findLast((line) => line.includes("launch"))).toContain(`launch 1 g6-xlarge ${next}`);
  });

  test("that is only recommended changes nothing", async () => {
    const it = play({ spot: "all" });
    const node = it.world.verbs.addRunningNode(SPOT_GROUP, ZONE);
    it.world.verbs.submit(aPod("s").gpu(1).classed("serving").ownedBy("ReplicaSet", "s").on(node).build());
    it.world.verbs.announce(node, "rebalance-recommendation");
    await it.until(100);
    expect(it.told).toEqual([]);
  });
});

describe("an instance", () => {
  // Launched at 1 s, without a node at 901 s; its pod is given another at the requeue that follows.
  test("whose node does not register within 15 min is ended, and launched again", async () => {
    const bootFaults = [{ fault: "never-registers", remaining: 1 } as const];
    const it = play({ rows: [longRow("a", 0)], world: { bootFaults } });
    await it.until(960);
    expect(it.told).toEqual([
      "1 launch 1 g6-xlarge on-demand a",
      "901 end an instance",
      "902 launch 1 g6-xlarge on-demand a",
    ]);
  });

  test("that dies is taken off its group and replaced", async () => {
    const bootFaults = [{ fault: "dies-pending", remaining: 1 } as const];
    const it = play({ rows: [longRow("a", 0)], world: { bootFaults } });
    await it.until(60);
    expect(it.told.map((line) => line.replace(/^[\d.]+ /, ""))).toEqual([
      "launch 1 g6-xlarge on-demand a",
      "launch 1 g6-xlarge on-demand a",
      "end an instance",
    ]);
  });
});
