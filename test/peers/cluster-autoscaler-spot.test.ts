import { HOUR_MS } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { aPolicy, aPool } from "../builders/index.ts";
import { aRow, nodesOf, podsOf } from "../sandbox/a-world.ts";
import { play } from "./cluster-autoscaler-play.ts";

const BOTH = aPool("small", ["g6.xlarge"], { capacityTypes: ["on-demand", "spot"] });
const QUAD = aPool("large", ["g6.12xlarge"], { capacityTypes: ["on-demand", "spot"] });
const { spot } = aPolicy([]);
const MIX = { policy: { spot: { ...spot, shareMilli: 600 } }, spotShareMilli: 600 };
const ALL = { policy: { spot: { ...spot, shareMilli: 1_000 } } };

const rows = (count: number) =>
  Array.from({ length: count }, (_, i) => aRow(`p${i}`, { durationMs: 10 * HOUR_MS }));

describe("what Cluster Autoscaler buys as Spot", () => {
  test("with a share of 60 %: three of five, the On-Demand ones first", async () => {
    const run = play([BOTH], { ...MIX, rows: rows(5) });
    await run.until(300);
    expect(run.told).toEqual(["30 launch 2 small-on-demand a", "30 launch 3 small-spot a"]);
  });

  test("with a share of 60 %: of one node nothing, of the second 1 of 2", async () => {
    const run = play([BOTH], { ...MIX, rows: [...rows(1), aRow("later", { submitMs: 600_000 })] });
    await run.until(900);
    expect(run.told).toEqual(["30 launch 1 small-on-demand a", "630 launch 1 small-spot a"]);
  });

  test("without a limit: all, as the priority expander prefers Spot", async () => {
    const run = play([BOTH], { ...ALL, rows: rows(5) });
    await run.until(300);
    expect(run.told).toEqual(["30 launch 5 small-spot a"]);
  });

  test("for pods that Spot may not hold: On-Demand, though the mixed group comes first for others", async () => {
    const server = aRow("server", { class: "serving", durationMs: 10 * HOUR_MS });
    const run = play([BOTH], { ...MIX, rows: [...rows(4), server] });
    await run.until(300);
    // For the four of training floor(4 × 0.6) = 2 of Spot; then the server's node.
    expect(run.told).toEqual([
      "30 launch 2 small-on-demand a",
      "30 launch 2 small-spot a",
      "30 launch 1 small-on-demand a",
    ]);
  });

  test("with a mixed group where it helps any pod, though one On-Demand node alone would waste less", async () => {
    const server = aRow("server", { class: "serving", durationMs: 10 * HOUR_MS });
    const run = play([QUAD], { ...MIX, rows: [...rows(1), server] });
    await run.until(300);
    // floor(1 × 0.6) = 0 of Spot. What comes of a mixed group may be Spot, so it is nothing to the server.
    expect(run.told).toEqual(["30 launch 1 large-on-demand a", "30 launch 1 large-on-demand a"]);
  });

  test("no Spot node that is on its way counts for a pod that Spot may not hold", async () => {
    const server = aRow("server", { class: "serving", submitMs: 60_000, durationMs: 10 * HOUR_MS });
    // The g6.12xlarge has three GPUs left; the server's own node comes, 30 s after it.
    const run = play([QUAD], { ...ALL, rows: [...rows(1), server] });
    await run.until(150);
    expect(run.told).toEqual(["30 launch 1 large-spot a", "90 launch 1 large-on-demand a"]);
  });

  test("without Spot capacity in any zone: On-Demand, a loop for each zone later", async () => {
    const run = play([BOTH], { ...ALL, rows: rows(1), capacity: [{ capacityType: "spot", remaining: 0 }] });
    await run.until(300);
    expect(run.told).toEqual([
      "30 launch 1 small-spot a",
      "40 launch 1 small-spot b",
      "50 launch 1 small-spot c",
      "60 launch 1 small-on-demand a",
    ]);
  });
});

describe("when EC2 takes a Spot node back", () => {
  test("the node is drained a second after the notice, and its pod helped once it is 30 s old", async () => {
    const run = play([BOTH], { ...ALL, rows: rows(1) });
    await run.until(1_000);
    const [node] = await nodesOf(run.world);
    run.world.verbs.announce(node?.name ?? "", "spot-interruption");
    await run.until(2_000);
    expect(run.told).toEqual([
      "30 launch 1 small-spot a",
      `1001 cordon ${node?.name} SpotInterruption`,
      "1001 evict p0 SpotInterruption",
      // Evicted, and made anew, at 1,001 s: 30 s old at the loop at 1,040 s.
      "1040 launch 1 small-spot a",
      "1120 terminate 1 small-spot InstanceUnhealthy",
    ]);
    expect(await podsOf(run.world)).toMatchObject([{ phase: "Running" }]);
  });

  test.each([
    { class: "training", next: "on-demand" },
    // Nobody would pay more for what loses nothing.
    { class: "serving", next: "spot" },
  ] as const)(
    "users of $class pods may turn to On-Demand, if they are set to: $next",
    async ({ next, ...of }) => {
      const pod = aRow("p0", { durationMs: 10 * HOUR_MS, ...of });
      const policy = { spot: { ...ALL.policy.spot, interruptibleClasses: [of.class] } };
      const run = play([BOTH], { policy, rows: [pod], settings: { onDemandAfterInterruption: true } });
      await run.until(1_000);
      const [node] = await nodesOf(run.world);
      run.world.verbs.announce(node?.name ?? "", "spot-interruption");
      await run.until(2_000);
      expect(run.toldOf("launch")).toEqual(["30 launch 1 small-spot a", `1040 launch 1 small-${next} a`]);
    },
  );

  test("a rebalance recommendation moves nothing", async () => {
    const run = play([BOTH], { ...ALL, rows: rows(1) });
    await run.until(1_000);
    const [node] = await nodesOf(run.world);
    run.world.verbs.announce(node?.name ?? "", "rebalance-recommendation");
    await run.until(2_000);
    expect(run.told).toEqual(["30 launch 1 small-spot a"]);
  });
});
