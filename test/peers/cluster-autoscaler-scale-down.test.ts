import {
  HOUR_MS,
  MINUTE_MS,
  SAFE_TO_EVICT_ANNOTATION,
  SCALE_DOWN_DISABLED_ANNOTATION,
  SECOND_MS,
} from "@gpu-autoscaler/core";
import type { BudgetOptions } from "@gpu-autoscaler/sandbox";
import { describe, expect, test } from "vitest";
import { aPod, aPool, matching } from "../builders/index.ts";
import { aRow, nodesOf, ZONE } from "../sandbox/a-world.ts";
import { loopFrom, type Play, play, secondsOf } from "./cluster-autoscaler-play.ts";

const SMALL = aPool("small", ["g6.xlarge"]);
/** Four GPUs. */
const QUAD = aPool("quad", ["g6.12xlarge"]);

/** Seconds of the loops in which so many instances were terminated. */
function terminated(run: Play): string[] {
  const times = run.toldOf("terminate").map((line) => line.split(" ")[0]);
  return [...Map.groupBy(times, (time) => time)].map(([time, some]) => `${some.length} at ${time}`);
}

const aServer = (name: string) =>
  aPod(name).cpu(1).memoryGi(4).ownedBy("ReplicaSet", "web").labelled({ app: "web" });
const aJob = (name: string) => aPod(name).cpu(1).memoryGi(4).ownedBy("Job", name);

/** Empty nodes that serve from the start on. */
function withNodes(run: Play, group: string, count: number): string[] {
  return Array.from({ length: count }, () => run.world.verbs.addRunningNode(group, ZONE));
}

describe("when Cluster Autoscaler removes an empty node", () => {
  test("10 min after the first loop that found it empty", async () => {
    const run = play([SMALL], { rows: [aRow("a", { durationMs: 20 * MINUTE_MS })] });
    await run.until(2 * 3_600);
    const { rows, bills } = run.world.result();
    const endedAt = (rows[0]?.waitMs ?? 0) / SECOND_MS + 20 * 60;
    const removedAt = loopFrom(endedAt) + 600;
    expect(terminated(run)).toEqual([`1 at ${removedAt}`]);
    expect(bills.map((bill) => secondsOf(bill.endedAt))).toEqual([removedAt]);
  });

  test("but not within 10 min of any scale-up, of another group too", async () => {
    // Alone it would go by 30 + 300 + 600 + 10 + 600 = 1,540 s at the latest, by 1,380 s at the earliest.
    const four = aRow("four", { submitMs: 1_200 * SECOND_MS, durationMs: 9 * HOUR_MS, gpus: 4 });
    const run = play([SMALL, QUAD], { rows: [aRow("one", { durationMs: 10 * MINUTE_MS }), four] });
    await run.until(3_600);
    expect(run.toldOf("launch")).toEqual(["30 launch 1 small-on-demand a", "1230 launch 1 quad-on-demand a"]);
    expect(terminated(run)).toEqual(["1 at 1830"]);
  });

  test("nor while the only pods that wait are younger than 30 s: at 600 s one of 590 s is", async () => {
    const four = aRow("four", { submitMs: 590 * SECOND_MS, durationMs: 9 * HOUR_MS, gpus: 4 });
    const run = play([SMALL, QUAD], { rows: [four] });
    withNodes(run, "small-on-demand", 1);
    await run.until(3_600);
    // Launched for at 620 s, so that the node stays until 620 s + 600 s.
    expect(terminated(run)).toEqual(["1 at 1220"]);
  });

  test("not while the API server or Auto Scaling does not answer: unneeded since 300 s, when it does", async () => {
    const untilMs = 295 * SECOND_MS;
    const faults = (["readCluster", "readGroups"] as const).map((call) => ({
      call,
      kind: "internal-error" as const,
      untilMs,
    }));
    const run = play([SMALL], { faults });
    withNodes(run, "small-on-demand", 1);
    await run.until(3_600);
    expect(terminated(run)).toEqual(["1 at 900"]);
  });

  test("nor one that its group's minimum needs", async () => {
    const run = play([aPool("small", ["g6.xlarge"], { group: { minNodes: 1 } })]);
    withNodes(run, "small-on-demand", 3);
    await run.until(3_600);
    expect(terminated(run)).toEqual(["2 at 600"]);
  });

  test("nor ten others at the same time", async () => {
    const run = play([SMALL]);
    withNodes(run, "small-on-demand", 12);
    await run.until(3_600);
    expect(terminated(run)).toEqual(["10 at 600", "2 at 610"]);
  });

  test("never one that is annotated scale-down-disabled", async () => {
    const run = play([SMALL]);
    const [kept = ""] = withNodes(run, "small-on-demand", 2);
    run.world.verbs.annotateNode(kept, { [SCALE_DOWN_DISABLED_ANNOTATION]: "true" });
    await run.until(3_600);
    expect((await nodesOf(run.world)).map(({ name }) => name)).toEqual([kept]);
  });

  test("not while more than 3 and 45 % of all nodes are unready", async () => {
    const run = play([SMALL]);
    const nodes = withNodes(run, "small-on-demand", 5);
    for (const [i, node] of nodes.entries()) {
      const job = aJob(`job-${i}`).gpu(1).on(node).build();
      run.world.verbs.submit(job, { durationMs: 1_000 * SECOND_MS });
    }
    await run.until(950);
    for (const node of nodes.slice(0, 4)) run.world.verbs.setNodeReady(node, false);
    await run.until(2_000);
    expect(run.told).toEqual([]);
    for (const node of nodes) run.world.verbs.setNodeReady(node, true);
    await run.until(3_600);
    // Unneeded since the loop at 2,010 s, the first that saw them ready.
    expect(terminated(run)).toEqual(["5 at 2610"]);
  });
});

describe("when Cluster Autoscaler removes a node with pods", () => {
  /** Two nodes of four GPUs, on the first one pod, on the second some. */
  function twoNodes(pod: ReturnType<typeof aJob>, gpus: number, others = 1, budgets: BudgetOptions[] = []) {
    const run = play([QUAD], { budgets });
    const [first = "", second = ""] = withNodes(run, "quad-on-demand", 2);
    run.world.verbs.submit(pod.gpu(gpus).on(first).build());
    for (let i = 0; i < others; i++) run.world.verbs.submit(aServer(`other-${i}`).gpu(1).on(second).build());
    return { run, first };
  }

  test("with half of its GPUs requested and its pod fitting elsewhere, it drains it and ends it a loop later", async () => {
    const { run, first } = twoNodes(aServer("web"), 2);
    await run.until(3_600);
    expect(run.told).toEqual([
      `600 cordon ${first} NodeUnderused`,
      "600 evict web NodeUnderused",
      "610 terminate 1 quad-on-demand NodeUnderused",
    ]);
  });

  test("with three of four GPUs requested it stays, and the other goes", async () => {
    const { run, first } = twoNodes(aServer("web"), 3);
    await run.until(3_600);
    expect((await nodesOf(run.world)).map(({ name }) => name)).toEqual([first]);
  });

  test("with no place for its pod it stays", async () => {
    // Half of each node is requested by two pods, of which the other has room for none: 2 + 3 > 4.
    const { run } = twoNodes(aServer("web"), 2, 3);
    await run.until(3_600);
    expect(run.told).toEqual([]);
  });

  test("never takes a Job's pod away: the documentation has such pods annotated as not safe to evict", async () => {
    const { run } = twoNodes(aJob("train"), 1, 3);
    await run.until(3_600);
    expect(run.told).toEqual([]);
  });

  const annotations = [
    { of: "a server", pod: aServer("pod"), safeToEvict: "false", wantEvicted: false },
    { of: "a Job's pod", pod: aJob("pod"), safeToEvict: "true", wantEvicted: true },
  ];
  test.each(annotations)("$of annotated safe-to-evict $safeToEvict is taken at its word", async (each) => {
    const pod = each.pod.annotated({ [SAFE_TO_EVICT_ANNOTATION]: each.safeToEvict });
    const { run } = twoNodes(pod, 1, 3);
    await run.until(1_000);
    expect(run.toldOf("evict")).toEqual(each.wantEvicted ? ["600 evict pod NodeUnderused"] : []);
  });

  test("a system pod without a budget holds its node until it is an hour old", async () => {
    const { run } = twoNodes(aServer("dns").inNamespace("kube-system"), 1, 3);
    await run.until(5_000);
    // Looked at each 5 min: unneeded since 3,600 s.
    expect(run.toldOf("evict")).toEqual(["4200 evict dns NodeUnderused"]);
  });

  test("never takes what a PodDisruptionBudget holds", async () => {
    const budget = { namespace: "default", name: "web", selector: matching({ app: "web" }), minAvailable: 4 };
    const { run } = twoNodes(aServer("web"), 1, 3, [budget]);
    await run.until(3_600);
    expect(run.told).toEqual([]);
  });

  test("never takes a pod without a controller that would start it again", async () => {
    const { run } = twoNodes(aPod("bare").classed("serving"), 1, 3);
    await run.until(3_600);
    expect(run.told).toEqual([]);
  });

  test("a pending pod that would fit there is none of its pods, but must fit elsewhere", async () => {
    const run = play([QUAD]);
    const [first = "", second = ""] = withNodes(run, "quad-on-demand", 2);
    for (let i = 0; i < 3; i++) run.world.verbs.submit(aServer(`web-${i}`).gpu(1).on(first).build());
    run.world.verbs.submit(aServer("half-a-gang").gang("gang", 2).gpu(1).build());
    await run.until(3_600);
    expect(run.told).toEqual([
      `600 cordon ${second} NodeUnderused`,
      "610 terminate 1 quad-on-demand NodeUnderused",
    ]);
  });

  test("one drain at a time, each two loops long", async () => {
    const run = play([QUAD]);
    const nodes = withNodes(run, "quad-on-demand", 4);
    for (const [i, node] of nodes.entries())
      run.world.verbs.submit(aServer(`web-${i}`).gpu(1).on(node).build());
    await run.until(3_600);
    expect(run.toldOf("cordon").map((line) => line.split(" ")[0])).toEqual(["600", "620", "640"]);
    expect(await nodesOf(run.world)).toHaveLength(1);
  });

  test("an eviction that a budget refuses is tried again for 2 min, then the node is used again", async () => {
    const run = play([QUAD]);
    const nodes = withNodes(run, "quad-on-demand", 2);
    for (const [i, node] of nodes.entries())
      run.world.verbs.submit(aServer(`web-${i}`).gpu(1).on(node).build());
    run.world.verbs.addFault({ call: "evict", kind: "throttled" });
    await run.until(760);
    const times = [600, 610, 620, 630, 640, 650, 660, 670, 680, 690, 700, 710];
    expect(run.toldOf("evict")).toEqual(times.map((time) => `${time} evict web-0 NodeUnderused`));
    expect(run.toldOf("uncordon")).toEqual([`720 uncordon ${nodes[0]} DrainTimedOut`]);
  });

  test("looks again only every 5 min at a node that a pod held", async () => {
    const run = play([QUAD]);
    const [node = ""] = withNodes(run, "quad-on-demand", 1);
    run.world.verbs.submit(aJob("train").gpu(1).on(node).build(), { durationMs: 320 * SECOND_MS });
    await run.until(3_600);
    // Looked at at 0, 300 and 600 s: unneeded since 600, though empty since 320.
    expect(terminated(run)).toEqual(["1 at 1200"]);
  });
});
