import { MINUTE_MS, type TickRecord } from "@gpu-autoscaler/core";
import type { World } from "@gpu-autoscaler/sandbox";
import { describe, expect, test } from "vitest";
import { aPod, aPolicy, aPool, START } from "../builders/index.ts";
import { playLog } from "./play-log.ts";

const SINGLE = aPool("single", ["g6.xlarge"]);
const QUAD = aPool("quad", ["g6.12xlarge"]);
const NODE = "ip-10-0-0-1.ec2.internal";

const aTrainingPod = (name: string) =>
  aPod(name).gpu(1).cpu(2).memoryGi(8).classed("training").ownedBy("Job", name);
const submits =
  (minutes: number, ...names: readonly string[]) =>
  ({ verbs }: World) => {
    for (const name of names) verbs.submit(aTrainingPod(name).build(), { durationMs: minutes * MINUTE_MS });
  };

const minutesOf = ({ decidedAt }: TickRecord) => (decidedAt - START) / MINUTE_MS;

describe("the record of a tick tells what a later question needs", () => {
  test("each pod that arrives, once, with the time of its creation; and where it went, once", async () => {
    const { records } = await playLog({
      policy: aPolicy([SINGLE]),
      minutes: 12,
      happenings: { 0.5: submits(30, "a"), 2: submits(30, "b") },
    });
    expect(records.flatMap(({ arrived = [] }) => arrived)).toEqual([
      { pod: "default/a", createdAt: START + MINUTE_MS / 2 },
      { pod: "default/b", createdAt: START + 2 * MINUTE_MS },
    ]);
    expect(records.flatMap(({ bound = [] }) => bound.map(({ pod }) => pod))).toEqual([
      "default/a",
      "default/b",
    ]);
  });

  test("a pod that found room at once on a free node", async () => {
    const { records } = await playLog({
      policy: aPolicy([SINGLE]),
      minutes: 12,
      happenings: {
        0.5: ({ verbs }) => void verbs.addRunningNode("single-on-demand", "us-east-1a"),
        2.5: submits(5, "quick"),
      },
    });
    const told = records.filter(({ bound }) => bound);
    expect(told.map(minutesOf)).toEqual([3]);
    expect(told[0]).toMatchObject({ bound: [{ pod: "default/quick", node: NODE }] });
    expect(told[0]?.arrived).toBeUndefined();
  });

  test("the instance behind each node that it names", async () => {
    const { records } = await playLog({
      policy: aPolicy([SINGLE]),
      minutes: 20,
      happenings: { 0.5: submits(5, "a") },
    });
    const named = records.filter(
      ({ nodes, bound, effects }) =>
        nodes.length > 0 || bound !== undefined || effects.some((effect) => "node" in effect),
    );
    expect(named.length).toBeGreaterThanOrEqual(3);
    for (const { instances } of named) expect(instances).toEqual({ [NODE]: expect.stringMatching(/^i-/) });
  });

  test("no news while pods cannot be read, and none is lost", async () => {
    const { records } = await playLog({
      policy: aPolicy([SINGLE]),
      world: {
        faults: [
          { call: "readCluster", kind: "internal-error", fromMs: 1.5 * MINUTE_MS, untilMs: 8.5 * MINUTE_MS },
        ],
      },
      minutes: 12,
      happenings: { 0.5: submits(30, "a") },
    });
    expect(records.filter(({ arrived }) => arrived).map(minutesOf)).toHaveLength(1);
    const told = records.filter(({ bound }) => bound);
    expect(told.map(minutesOf)).toEqual([9]);
    expect(told[0]?.bound).toEqual([{ pod: "default/a", node: NODE }]);
  });

  test("for whom launches were tried that lacked capacity", async () => {
    const { records } = await playLog({
      policy: aPolicy([SINGLE, QUAD]),
      world: { capacity: [{ group: "single-on-demand", remaining: 0 }] },
      minutes: 2,
      happenings: { 0.5: submits(5, "a") },
    });
    const [first] = records;
    const failed = first?.outcomes.filter(({ status }) => status === "failed").map(({ key }) => key);
    expect(failed).toHaveLength(3);
    expect(
      first?.tried?.flatMap(({ pods, outcomes }) => outcomes.map(({ effect }) => [pods, effect])),
    ).toEqual(failed?.map((key) => [["default/a"], key]));
  });

  test("what nodes of each group cost and how many of the pods they take, where nodes were sought", async () => {
    const { records } = await playLog({
      policy: aPolicy([aPool("single", ["g6.xlarge"], { capacityTypes: ["spot", "on-demand"] }), QUAD]),
      minutes: 2,
      happenings: { 0.5: submits(5, "a", "b") },
    });
    const [first, ...others] = records;
    const zones = ["us-east-1a", "us-east-1b", "us-east-1c"];
    expect(first?.offers).toEqual([
      {
        pool: "single",
        group: "single-spot",
        zones,
        capacityType: "spot",
        gpus: 1,
        nanoDollarsPerHour: 281_680_000,
        effectiveNanoDollarsPerHour: 284_496_800,
      },
      {
        pool: "single",
        group: "single-on-demand",
        zones,
        capacityType: "on-demand",
        gpus: 1,
        nanoDollarsPerHour: 804_800_000,
        effectiveNanoDollarsPerHour: 804_800_000,
      },
      {
        pool: "quad",
        group: "quad-on-demand",
        zones,
        capacityType: "on-demand",
        gpus: 4,
        nanoDollarsPerHour: 4_601_600_000,
        effectiveNanoDollarsPerHour: 4_601_600_000,
      },
    ]);
    expect(first?.demand[0]?.podsPerNode).toEqual({ single: 1, quad: 4 });
    expect(others.filter(({ offers }) => offers)).toEqual([]);
  });

  test("a group whose every zone rests has its price and its room all the same", async () => {
    const { records } = await playLog({
      policy: aPolicy([SINGLE]),
      world: { capacity: [{ group: "single-on-demand", remaining: 0 }] },
      minutes: 2,
      happenings: { 0.5: submits(5, "a") },
    });
    expect(records.at(-1)).toMatchObject({
      demand: [{ outcomes: [{ reason: { code: "NoCapacityLeft" } }], podsPerNode: { single: 1 } }],
      offers: [{ group: "single-on-demand" }],
    });
  });
});
