import { HOUR_MS, MINUTE_MS, SECOND_MS } from "@gpu-autoscaler/core";
import type { PodRow } from "@gpu-autoscaler/sandbox";
import { describe, expect, test } from "vitest";
import { createBackoff } from "../../packages/sandbox/src/peers/cluster-autoscaler/backoff.ts";
import { createClockwork } from "../../packages/sandbox/src/peers/cluster-autoscaler/clockwork.ts";
import { aPod, aPool } from "../builders/index.ts";
import { aRow, podsOf, ZONE } from "../sandbox/a-world.ts";
import { play } from "./cluster-autoscaler-play.ts";

/** 1 GPU, 4 vCPU, 16 GiB. */
const SMALL = aPool("small", ["g6.xlarge"]);
/** 1 GPU, 4 vCPU, 32 GiB. */
const RICH = aPool("rich", ["g6e.xlarge"]);
/** 1 GPU, 16 vCPU, 64 GiB. */
const MEDIUM = aPool("medium", ["g6.4xlarge"]);
/** 1 GPU, 64 vCPU, 256 GiB. */
const LARGE = aPool("large", ["g6.16xlarge"]);
/** 4 GPUs, 48 vCPU, 192 GiB. */
const QUAD = aPool("quad", ["g6.12xlarge"]);

const at = (seconds: number, fields: Partial<PodRow> = {}) => ({
  submitMs: seconds * SECOND_MS,
  durationMs: 10 * HOUR_MS,
  ...fields,
});

const asking = (gpus: number, cpu: number, gibi: number): Partial<PodRow> => ({
  gpus,
  cpuMilli: cpu * 1_000,
  memoryBytes: gibi * 1024 ** 3,
});

describe("when Cluster Autoscaler launches", () => {
  test("a GPU pod waits until it is 30 s old: the first loop at or after 5 s + 30 s is that at 40 s", async () => {
    const run = play([SMALL], { rows: [aRow("a", at(5))] });
    await run.until(300);
    expect(run.told).toEqual(["40 launch 1 small-on-demand a"]);
  });

  test("a pod that is found unschedulable starts a loop, in which it goes along with an older one", async () => {
    const run = play([SMALL], { rows: [aRow("a", at(5)), aRow("b", at(38))] });
    await run.until(300);
    expect(run.told).toEqual(["39 launch 2 small-on-demand a"]);
  });

  test("an expendable pod, of a priority below -10, is left alone", async () => {
    const run = play([SMALL]);
    run.world.verbs.submit(aPod("low").priority(-11).gpu(1).build());
    run.world.verbs.submit(aPod("lowest").priority(-10).gpu(1).build());
    await run.until(300);
    expect(run.told).toEqual(["30 launch 1 small-on-demand a"]);
  });

  test("a node whose GPUs have not come is upcoming: no second one is launched for its pod", async () => {
    const run = play([SMALL], { rows: [aRow("a", at(0))] });
    await run.until(30 * 60);
    expect(run.told).toEqual(["30 launch 1 small-on-demand a"]);
    expect(await podsOf(run.world)).toMatchObject([{ phase: "Running" }]);
  });

  // 1 GPU on the first node, 4 on the second, and the last one on the first again.
  test("pods of one size in CPU and memory are packed in their order, each wherever it fits", async () => {
    const rows = [aRow("a", at(0)), aRow("b", at(0, { gpus: 4 })), aRow("c", at(0))];
    const run = play([QUAD], { rows });
    await run.until(300);
    expect(run.told).toEqual(["30 launch 2 quad-on-demand a"]);
  });
});

describe("which node group Cluster Autoscaler expands", () => {
  const cases: Record<string, { pools: (typeof SMALL)[]; rows: PodRow[]; want: string[] }> = {
    // medium: 6/16 + 44/64 = 1.06; quad: 38/48 + 172/192 = 1.69.
    "of two that fit, the one that leaves less of CPU and memory idle": {
      pools: [QUAD, MEDIUM],
      rows: [aRow("a", at(0, asking(1, 10, 20)))],
      want: ["30 launch 1 medium-on-demand a"],
    },
    // 1/4 of CPU idle in both, of memory 4/16 in small, 20/32 in rich.
    "where they leave as much CPU idle, the one that leaves less memory": {
      pools: [RICH, SMALL],
      rows: [aRow("a", at(0, asking(1, 3, 12)))],
      want: ["30 launch 1 small-on-demand a"],
    },
    // Four medium: 1.06 as before; one quad: 8/48 + 112/192 = 0.75.
    "for several pods, by all the nodes that they need": {
      pools: [MEDIUM, QUAD],
      rows: ["a", "b", "c", "d"].map((name) => aRow(name, at(0, asking(1, 10, 20)))),
      want: ["30 launch 1 quad-on-demand a"],
    },
    // large: 24/64 + 106/256 = 0.79, 1 GPU, 3.40 $; quad: 8/48 + 42/192 = 0.39, 3 GPUs idle, 4.60 $.
    "whatever GPUs stay idle and whatever it costs": {
      pools: [LARGE, QUAD],
      rows: [aRow("a", at(0, asking(1, 40, 150)))],
      want: ["30 launch 1 quad-on-demand a"],
    },
    // small helps one pod: 2/4 + 8/16 = 1.00; quad both, on two nodes: 86/96 + 344/384 = 1.79.
    "one a loop, and the next at once": {
      pools: [QUAD, SMALL],
      rows: [aRow("one", at(0, asking(1, 2, 8))), aRow("four", at(0, asking(4, 8, 32)))],
      want: ["30 launch 1 small-on-demand a", "30 launch 1 quad-on-demand a"],
    },
    "in one zone, so that a gang can start": {
      pools: [QUAD],
      rows: ["a", "b"].map((name) => aRow(name, at(0, { ...asking(4, 8, 32), gang: "gang" }))),
      want: ["30 launch 2 quad-on-demand a"],
    },
  };
  test.each(Object.entries(cases))("%s", async (_, { pools, rows, want }) => {
    const run = play(pools, { rows });
    await run.until(10 * 60);
    expect(run.told).toEqual(want);
    for (const pod of await podsOf(run.world)) expect(pod).toMatchObject({ phase: "Running" });
  });

  test("by as many nodes as first-fit decreasing finds: 3 GPUs and 1 share one, 2 and 2 the other", async () => {
    const rows = [1, 2, 3, 2].map((gpus, i) => aRow(`p${i}`, at(0, asking(gpus, 2 * gpus, 8 * gpus))));
    const run = play([QUAD], { rows });
    await run.until(100);
    expect(run.told).toEqual(["30 launch 2 quad-on-demand a"]);
  });

  test("again at once, where its own order of pods and nodes finds no place: 2 and 2 apart leave none for 3", async () => {
    const rows = [2, 2, 1, 3].map((gpus, i) => aRow(`p${i}`, at(0, asking(gpus, 2 * gpus, 8 * gpus))));
    const run = play([QUAD], { rows });
    await run.until(100);
    expect(run.told).toEqual(["30 launch 2 quad-on-demand a", "30 launch 1 quad-on-demand a"]);
  });

  test("never beyond a group's maximum", async () => {
    const pool = aPool("small", ["g6.xlarge"], { group: { maxNodes: 2 } });
    const run = play([pool], { rows: ["a", "b", "c"].map((name) => aRow(name, at(0))) });
    await run.until(600);
    expect(run.told).toEqual(["30 launch 2 small-on-demand a"]);
  });

  test("Auto Scaling keeps a group's minimum, which is never removed", async () => {
    const run = play([aPool("small", ["g6.xlarge"], { group: { minNodes: 1 } })]);
    await run.until(2 * 3_600);
    expect(run.told).toEqual(["0 launch 1 small-on-demand a"]);
  });
});

describe("when what was launched does not come", () => {
  test("a zone without capacity rests for 5 min, after the next failure for 10, and the next zone is taken", async () => {
    const rows = [aRow("a", at(0)), aRow("b", at(330)), aRow("c", at(700)), aRow("d", at(950))];
    const run = play([SMALL], { rows, capacity: [{ zone: ZONE, remaining: 0 }] });
    await run.until(1_200);
    expect(run.told).toEqual([
      "30 launch 1 small-on-demand a",
      // Seen at the next loop; zone a rests until 340.
      "40 launch 1 small-on-demand b",
      "360 launch 1 small-on-demand a",
      // Zone a rests until 970.
      "370 launch 1 small-on-demand b",
      "730 launch 1 small-on-demand b",
      "980 launch 1 small-on-demand a",
      "990 launch 1 small-on-demand b",
    ]);
  });

  test("rests grow from 5 to 10, 20 and at most 30 min, and start anew 3 h after the last failure", () => {
    const backoff = createBackoff();
    const restsFor = (failedAt: number) => {
      backoff.failed("group", failedAt * MINUTE_MS);
      let minutes = failedAt;
      while (backoff.rests("group", createClockwork(minutes * MINUTE_MS, 0))) minutes += 1;
      return minutes - failedAt;
    };
    expect([0, 6, 17, 38, 69, 250].map(restsFor)).toEqual([5, 10, 20, 30, 30, 5]);
  });

  test("an instance that does not register within 15 min is ended, and its zone rests", async () => {
    const bootFaults = [{ fault: "never-registers", remaining: 1 }] as const;
    const run = play([SMALL], { rows: [aRow("a", at(0))], bootFaults });
    await run.until(20 * 60);
    expect(run.told).toEqual([
      "30 launch 1 small-on-demand a",
      "930 launch 1 small-on-demand b",
      "930 terminate 1 small-on-demand RegistrationTimeout",
    ]);
  });

  test("a node whose GPUs never come is given up after 15 min, and removed 20 min later as unready", async () => {
    const bootFaults = [{ fault: "gpus-never", remaining: 1 }] as const;
    const run = play([SMALL], { rows: [aRow("a", at(0))], bootFaults });
    await run.until(3_600);
    expect(run.told.filter((line) => !line.includes("cordon"))).toEqual([
      "30 launch 1 small-on-demand a",
      "930 launch 1 small-on-demand b",
      "2130 terminate 1 small-on-demand NodeEmpty",
    ]);
  });
});
