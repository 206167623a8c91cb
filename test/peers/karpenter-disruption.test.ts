import { DO_NOT_DISRUPT_ANNOTATION, SECOND_MS } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { aPod } from "../builders/index.ts";
import { ZONE } from "../sandbox/a-world.ts";
import { type Play, play } from "./karpenter-play.ts";

const GROUPS: Readonly<Record<string, string>> = {
  "g6.xlarge": "comparison-g6-xlarge-on-demand-4x16",
  "g6.12xlarge": "comparison-g6-12xlarge-on-demand-48x192",
};

/** Nodes of the type that serve at once. */
function addNodes({ world }: Play, instanceType: string, count = 1): readonly string[] {
  return Array.from({ length: count }, () => world.verbs.addRunningNode(GROUPS[instanceType] ?? "", ZONE));
}

/** A pod of a Deployment, which may be moved, on the node. */
const server = (name: string, node: string) =>
  aPod(name).gpu(1).cpu(1).classed("serving").ownedBy("ReplicaSet", name).on(node).build();
/** A pod of a Job, which must not. */
const job = (name: string, node: string) =>
  aPod(name).gpu(1).cpu(1).classed("training").ownedBy("Job", name).on(node).build();

const times = (it: Play, what: string) =>
  it.told.filter((line) => line.includes(` ${what}`)).map((line) => Number.parseFloat(line));

describe("emptiness", () => {
  test("an empty node: seen at the next full ten seconds, tainted 15 s later, ended after 5 s of drain", async () => {
    const it = play();
    const [node = ""] = addNodes(it, "g6.xlarge");
    it.world.verbs.submit(server("a", node), { durationMs: 33 * SECOND_MS });
    await it.until(120);
    expect(it.told).toEqual(["55 taint node 1", "60 end node 1"]);
  });

  // 10 % rounded up: 2 of 12; those count until they are ended, at 20 s, so that the look at 30 s
  // finds 10 nodes and lets 1 go, ended at 50 s; the next at 60 s, and so on.
  test("twelve empty nodes: as many at a time as the budget lets go", async () => {
    const it = play();
    addNodes(it, "g6.xlarge", 12);
    await it.until(150);
    expect(times(it, "taint")).toEqual([15, 15, 45, 75, 105, 135]);
    expect(times(it, "end")).toEqual([20, 20, 50, 80, 110, 140]);
  });

  test("a pod that comes while the command waits to be validated keeps the node", async () => {
    const it = play();
    addNodes(it, "g6.xlarge");
    await it.until(14);
    it.world.verbs.submit(job("late", it.node(1)));
    await it.until(300);
    expect(it.told).toEqual([]);
  });

  test("consolidateAfter counts from the last pod that came or went", async () => {
    const it = play({ settings: { consolidateAfterMs: 60 * SECOND_MS } });
    const [node = ""] = addNodes(it, "g6.xlarge");
    it.world.verbs.submit(server("a", node), { durationMs: 33 * SECOND_MS });
    await it.until(200);
    // 33 + 60 = 93: the look at 100 s.
    expect(it.told).toEqual(["115 taint node 1", "120 end node 1"]);
  });

  test("a node annotated do-not-disrupt stays", async () => {
    const it = play();
    const [node = ""] = addNodes(it, "g6.xlarge");
    it.world.verbs.annotateNode(node, { [DO_NOT_DISRUPT_ANNOTATION]: "true" });
    await it.until(120);
    expect(it.told).toEqual([]);
  });
});

describe("consolidation", () => {
  // Of two equal nodes the first by name is tried first; the pod takes 5 s to exit.
  test("deletes a node whose pods fit on another", async () => {
    const it = play();
    const [a = "", b = ""] = addNodes(it, "g6.12xlarge", 2);
    it.world.verbs.submit(server("a", a));
    it.world.verbs.submit(server("b", b));
    await it.until(120);
    expect(it.told).toEqual(["15 taint node 1", "15 evict a", "20 end node 1"]);
  });

  // 4.6016 $ over 1 + 1 pod is more saved for a disruption than over 1 + 2 pods.
  test("deletes the node that saves most for what it disrupts", async () => {
    const it = play();
    const [a = "", b = ""] = addNodes(it, "g6.12xlarge", 2);
    for (const name of ["a1", "a2"]) it.world.verbs.submit(server(name, a));
    it.world.verbs.submit(server("b", b));
    await it.until(40);
    expect(it.told).toEqual(["15 taint node 2", "15 evict b", "20 end node 2"]);
  });

  // The first node is out of it at 15 s; at 20 s the second is found to fit on the first.
  test("gives a node up that takes a Job's pod while the command waits to be validated", async () => {
    const it = play();
    const [a = "", b = ""] = addNodes(it, "g6.12xlarge", 2);
    it.world.verbs.submit(server("a", a));
    it.world.verbs.submit(server("b", b));
    await it.until(9);
    it.world.verbs.submit(job("late", a));
    await it.until(60);
    expect(it.told).toEqual(["35 taint node 2", "35 evict b", "40 end node 2"]);
  });

  // The Job's node has a GPU to spare, but counts only once its GPUs have registered: 80 to 180 s after
  // its launch. The next look is at most 10 s later, and waits 15 s.
  test("moves no pod to a node that is still to come", async () => {
    const it = play();
    const [node = ""] = addNodes(it, "g6.xlarge");
    it.world.verbs.submit(server("a", node));
    it.world.verbs.submit(aPod("big").gpu(3).cpu(1).classed("training").ownedBy("Job", "big").build());
    await it.until(400);
    const [tainted = 0] = times(it, "taint");
    expect(it.told[0]).toBe("1 launch 1 g6-12xlarge on-demand a");
    expect(tainted).toBeGreaterThanOrEqual(1 + 80 + 15);
    expect(tainted).toBeLessThanOrEqual(1 + 180 + 10 + 15);
  });

  // 10 % of 11 nodes, rounded up, is 2. Their two pods want one 12xlarge (4.6016 $ an hour) in place
  // of two, which is of the type of both: one of them could stay, so one goes alone.
  test("does not replace two nodes by another of their own type", async () => {
    const it = play();
    const [a = "", b = ""] = addNodes(it, "g6.12xlarge", 2);
    for (const [i, node] of addNodes(it, "g6.xlarge", 9).entries())
      it.world.verbs.submit(job(`job-${i}`, node));
    it.world.verbs.submit(server("a", a));
    it.world.verbs.submit(server("b", b));
    await it.until(60);
    expect(it.told).toEqual(["15 taint node 1", "15 evict a", "20 end node 1"]);
  });

  // As before, but the second pod asks for no GPU and fits beside a Job's pod: what remains wants one
  // GPU, and g6.xlarge (0.8048) is cheaper than the two together and of another type.
  test("replaces several nodes by one that is cheaper than any of their type among them", async () => {
    const it = play();
    const [a = "", b = ""] = addNodes(it, "g6.12xlarge", 2);
    for (const [i, node] of addNodes(it, "g6.xlarge", 9).entries())
      it.world.verbs.submit(job(`job-${i}`, node));
    it.world.verbs.submit(server("a", a));
    it.world.verbs.submit(aPod("b").cpu(1).classed("serving").ownedBy("ReplicaSet", "b").on(b).build());
    await it.until(30);
    expect(it.told).toEqual(["15 launch 1 g6-xlarge on-demand a", "15 taint node 1", "15 taint node 2"]);
  });

  // The pod fits on no other node; g6.xlarge is the cheapest type below 4.6016 $ that holds it. The node
  // stays, tainted, until the replacement has its GPUs.
  test("replaces a node by a cheaper one, and only then moves its pods", async () => {
    const it = play();
    const [node = ""] = addNodes(it, "g6.12xlarge");
    it.world.verbs.submit(server("a", node));
    await it.until(600);
    const [moved = 0] = times(it, "evict");
    expect(it.told).toEqual([
      "15 launch 1 g6-xlarge on-demand a",
      "15 taint node 1",
      `${moved} evict a`,
      `${moved + 5} end node 1`,
    ]);
    // Boot takes 80 to 180 s up to the GPUs.
    expect(moved).toBeGreaterThanOrEqual(15 + 80);
    expect(moved).toBeLessThanOrEqual(15 + 181);
  });

  test("takes the taint off again when the replacement has not come within ten minutes", async () => {
    const it = play({ world: { bootFaults: [{ fault: "gpus-never", remaining: 1 }] } });
    const [node = ""] = addNodes(it, "g6.12xlarge");
    it.world.verbs.submit(server("a", node));
    await it.until(620);
    expect(it.told).toEqual(["15 launch 1 g6-xlarge on-demand a", "15 taint node 1", "615 untaint node 1"]);
  });

  test("leaves a node on which a Job's pod runs, though a cheaper one would hold it", async () => {
    const it = play();
    const [node = ""] = addNodes(it, "g6.12xlarge");
    it.world.verbs.submit(job("a", node));
    await it.until(600);
    expect(it.told).toEqual([]);
  });

  test("leaves a node whose pods a budget protects", async () => {
    const it = play({
      world: { budgets: [{ namespace: "default", name: "all", selector: [], maxUnavailable: 0 }] },
    });
    const [a = "", b = ""] = addNodes(it, "g6.12xlarge", 2);
    it.world.verbs.submit(server("a", a));
    it.world.verbs.submit(server("b", b));
    await it.until(120);
    expect(it.told).toEqual([]);
  });

  test("does not replace a Spot node by a Spot node", async () => {
    const it = play({ spot: "all" });
    const node = it.world.verbs.addRunningNode("comparison-g6-12xlarge-spot-48x192", ZONE);
    it.world.verbs.submit(server("a", node));
    await it.until(120);
    expect(it.told).toEqual([]);
  });

  // Spot costs 0.35 of On-Demand: the 12xlarge's place is taken by a Spot node, of the cheapest type.
  test("replaces an On-Demand node by a Spot node where the pods allow it", async () => {
    const it = play({ spot: "all" });
    const [node = ""] = addNodes(it, "g6.12xlarge");
    it.world.verbs.submit(server("a", node));
    await it.until(30);
    expect(it.told).toEqual(["15 launch 1 g6-xlarge spot a", "15 taint node 1"]);
  });
});
