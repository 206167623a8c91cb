import { MINUTE_MS, SECOND_MS } from "@gpu-autoscaler/core";
import type { BudgetOptions, World } from "@gpu-autoscaler/sandbox";
import { describe, expect, test } from "vitest";
import { aPod, matching } from "../builders/index.ts";
import { aRow, aWorld, evict, nodesOf, pass, podNamed, podsOf, QUAD, SMALL, ZONE } from "./a-world.ts";

const WEB = aPod("web").gpu(1).labelled({ app: "web" }).ownedBy("ReplicaSet", "web");

function aBudget(fields: Partial<BudgetOptions>): BudgetOptions {
  return { namespace: "default", name: "web", selector: matching({ app: "web" }), ...fields };
}

/** So many web pods run, each on its node. */
function servingWorld(replicas: number, budgets: readonly BudgetOptions[]): World {
  const world = aWorld([SMALL], { budgets });
  for (let i = 0; i < replicas; i++) world.verbs.addRunningNode("small-on-demand", ZONE);
  for (const pod of WEB.times(replicas)) world.verbs.submit(pod);
  pass(world, {});
  return world;
}

async function allowed(world: World): Promise<number | undefined> {
  return (await world.ports.clusterReader.readCluster()).budgets[0]?.disruptionsAllowed;
}

describe("the eviction API", () => {
  test("lets a pod go after its exit and makes another at once", async () => {
    const world = servingWorld(1, []);
    const before = await podNamed(world, "web-0");
    expect(await evict(world, "web-0")).toEqual({ status: "done" });
    const at = world.now;
    const [going, next] = await podsOf(world);
    expect(going).toMatchObject({ uid: before.uid, deletedAt: at, ready: false, phase: "Running" });
    expect(next).toMatchObject({ owner: before.owner, phase: "Pending", deletedAt: null, createdAt: at });
    // The GPU is free when the old one has exited, five seconds later.
    pass(world, { seconds: 4 });
    expect(await podsOf(world)).toHaveLength(2);
    pass(world, { seconds: 1 });
    expect(await podsOf(world)).toMatchObject([{ uid: next?.uid, phase: "Running" }]);
    expect(world.result().evictions).toBe(1);
  });

  test("heeds a shorter grace period", async () => {
    const world = servingWorld(1, []);
    await evict(world, "web-0", 2);
    pass(world, { seconds: 2 });
    expect(await podsOf(world)).toHaveLength(1);
  });

  test("evicts a pod that has not started without waiting for anything", async () => {
    const world = aWorld();
    world.verbs.submit(WEB.build());
    pass(world, { minutes: 1 });
    await evict(world, "web");
    expect(await podsOf(world)).toMatchObject([{ phase: "Pending", createdAt: world.now }]);
  });

  test("starts nothing in the place of a pod without a controller", async () => {
    const world = aWorld();
    world.verbs.submit(aPod("bare").build());
    await evict(world, "bare");
    expect(await podsOf(world)).toEqual([]);
  });

  const budgets: Record<string, { replicas: number; budget: Partial<BudgetOptions>; want: number }> = {
    "minAvailable 2 of 3 running": { replicas: 3, budget: { minAvailable: 2 }, want: 1 },
    "minAvailable 2 of 2 running": { replicas: 2, budget: { minAvailable: 2 }, want: 0 },
    "minAvailable 3 of 2 running": { replicas: 2, budget: { minAvailable: 3 }, want: 0 },
    "maxUnavailable 1 of 3 running": { replicas: 3, budget: { maxUnavailable: 1 }, want: 1 },
    "maxUnavailable 0": { replicas: 3, budget: { maxUnavailable: 0 }, want: 0 },
    "a selector that selects none": { replicas: 3, budget: { minAvailable: 0, selector: null }, want: 0 },
    "another namespace": { replicas: 3, budget: { minAvailable: 0, namespace: "other" }, want: 0 },
  };
  test.each(Object.entries(budgets))("counts disruptions under %s", async (_, { replicas, budget, want }) => {
    expect(await allowed(servingWorld(replicas, [aBudget(budget)]))).toBe(want);
  });

  test("answers 429 once a budget is used up, and lets go again when the replacement runs", async () => {
    const world = servingWorld(3, [aBudget({ minAvailable: 2 })]);
    expect(await evict(world, "web-0")).toEqual({ status: "done" });
    expect(await allowed(world)).toBe(0);
    expect(await evict(world, "web-1")).toMatchObject({ status: "disruption-budget", detail: /budget web/ });
    expect((await podNamed(world, "web-1")).deletedAt).toBeNull();
    pass(world, { seconds: 5 });
    expect(await evict(world, "web-1")).toEqual({ status: "done" });
  });

  test("counts a pod that is being deleted neither as healthy nor as expected", async () => {
    const world = servingWorld(3, [aBudget({ maxUnavailable: 2 })]);
    await evict(world, "web-0");
    // Expected are two and the replacement: one must be there, two are.
    expect(await allowed(world)).toBe(1);
  });

  test("does not ask a budget about a pod that does not run yet", async () => {
    const world = servingWorld(0, [aBudget({ minAvailable: 1 })]);
    world.verbs.submit(WEB.build());
    pass(world, {});
    expect(await evict(world, "web")).toEqual({ status: "done" });
  });

  test("answers 500 where two budgets speak for a pod", async () => {
    const world = servingWorld(1, [
      aBudget({ minAvailable: 0 }),
      aBudget({ minAvailable: 0, name: "other" }),
    ]);
    await expect(evict(world, "web-0")).rejects.toMatchObject({ code: "internal-error", retryable: true });
  });

  test("throttles, fails and loses its answer where a test says so", async () => {
    const world = servingWorld(3, []);
    world.verbs.addFault({ call: "evict", kind: "throttled", remaining: 1 });
    expect(await evict(world, "web-0")).toMatchObject({ status: "throttled" });
    world.verbs.addFault({ call: "evict", kind: "internal-error", remaining: 1 });
    await expect(evict(world, "web-0")).rejects.toMatchObject({ code: "internal-error" });
    expect(world.result().evictions).toBe(0);
    world.verbs.addFault({ call: "evict", kind: "answer-lost", remaining: 1 });
    await expect(evict(world, "web-0")).rejects.toMatchObject({ code: "answer-lost", retryable: true });
    expect(world.result().evictions).toBe(1);
    expect(await evict(world, "web-0")).toEqual({ status: "done" });
    expect(world.result().evictions).toBe(1);
  });
});

describe("the run of an evicted pod", () => {
  const runs = { training: 20, batch: 20, serving: 10 } as const;
  test.each(Object.entries(runs))(
    "of class %s ends %i minutes after it was started",
    async (workload, want) => {
      const rows = [
        aRow("row", {
          class: workload === "serving" ? "serving" : workload === "batch" ? "batch" : "training",
        }),
      ];
      const world = aWorld([QUAD], { rows });
      world.verbs.addRunningNode("quad-on-demand", ZONE);
      const startedAt = world.now;
      pass(world, { minutes: 10, seconds: -1 });
      expect((await podsOf(world)).map((pod) => pod.name)).toEqual(["row"]);
      await evict(world, "row");
      while (!world.finished) world.advanceTo(world.nextEventAt);
      // One second was left; a Job's pod starts over.
      const minutes = (world.now - startedAt) / MINUTE_MS;
      expect(Math.round(minutes)).toBe(want);
      expect(world.result().rows).toMatchObject([{ status: "ended" }]);
    },
  );

  test("waits again, and the waits add up", async () => {
    const world = aWorld([SMALL], { rows: [aRow("row")] });
    pass(world, { seconds: 100 });
    const name = world.verbs.addRunningNode("small-on-demand", ZONE);
    pass(world, { minutes: 5 });
    const node = (await nodesOf(world)).find((each) => each.name === name);
    await world.ports.clusterWriter.cordon(
      name,
      node?.resourceVersion ?? "",
      {
        key: "x",
        value: "",
        effect: "NoSchedule",
      },
      "NodeEmpty",
    );
    await evict(world, "row");
    pass(world, { seconds: 50 });
    expect(world.result().rows).toMatchObject([{ status: "waiting", waitMs: 150 * SECOND_MS }]);
    world.verbs.addRunningNode("small-on-demand", ZONE);
    pass(world, { minutes: 10 });
    expect(world.result().rows).toMatchObject([{ status: "ended", waitMs: 150 * SECOND_MS }]);
  });
});
