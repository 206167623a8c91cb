import {
  explainLaunchInLog,
  launchesInLog,
  launchListText,
  namesInLog,
  nearestNames,
  type TickRecord,
} from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { aDemand, aLaunch, anOutcome, aRecord, aTermination, because, launched, minute } from "./a-log.ts";

const forLaunch = (key: string) =>
  aDemand(["team/a"], "Launching", { outcomes: [{ count: 1, reason: because("Launching"), effect: key }] });
const launches = aRecord(0, {
  effects: [aLaunch()],
  outcomes: [launched("launch-1", "i-n", "i-m")],
  demand: [forLaunch("launch-1")],
});
const raises = (at: number, from: number) =>
  aRecord(at, {
    effects: [
      {
        kind: "SetDesiredCapacity",
        key: "desired/theirs",
        pool: "theirs",
        reason: because("PodsUnschedulable"),
        group: "theirs",
        from,
        to: from + 1,
      },
    ],
  });

describe("a launch in a log", () => {
  test("tells what became of each instance: its node, its pods, its end", () => {
    const records: readonly TickRecord[] = [
      launches,
      aRecord(3, { bound: [{ pod: "team/a", node: "n" }], instances: { n: "i-n" } }),
      aRecord(9, {
        effects: [aTermination([{ id: "i-n", node: "n" }])],
        outcomes: [anOutcome("terminate/1")],
      }),
    ];
    expect(explainLaunchInLog(records, "launch-1")).toMatchObject({
      at: minute(0),
      for: [{ pods: ["team/a"] }],
      nodes: [
        {
          instance: "i-n",
          node: "n",
          bound: [{ pod: "team/a", at: minute(3) }],
          ended: { at: minute(9), reason: because("NodeEmpty") },
        },
        { instance: "i-m", instanceType: "g6.xlarge", node: null, bound: [], ended: null },
      ],
    });
  });

  test("that was repeated is told as it was decided first, with its last answer", () => {
    const unanswered = aRecord(0, { effects: [aLaunch()], demand: [forLaunch("launch-1")] });
    const repeated = aRecord(1, {
      effects: [aLaunch({ reason: because("LaunchRepeated") })],
      outcomes: [launched("launch-1", "i-n")],
    });
    expect(explainLaunchInLog([unanswered, repeated], "launch-1")).toMatchObject({
      at: minute(0),
      launch: { effect: { reason: { code: "PodsUnschedulable" } }, outcome: { status: "done" } },
      for: [{ pods: ["team/a"] }],
      nodes: [{ instance: "i-n" }],
    });
  });

  test("by desired capacity, whose key is its group's for ever, is told as it was last", () => {
    expect(explainLaunchInLog([raises(0, 0), raises(5, 3)], "desired/theirs")).toMatchObject({
      at: minute(5),
      launch: { effect: { from: 3, to: 4 } },
    });
  });

  test("is in the list of all, with whom it is for", () => {
    const failed = anOutcome("launch-1", { status: "failed", reason: because("CapacityError", "none") });
    const records = [{ ...launches, outcomes: [failed] }, raises(5, 3)];
    expect(launchListText(launchesInLog(records))).toBe(
      [
        "2026-01-01 00:00:00Z  launch-1        1 × single-spot in us-east-1a → failed: CapacityError (none): PodsUnschedulable for team/a",
        "2026-01-01 00:05:00Z  desired/theirs  1 × theirs, desired capacity from 3 to 4: PodsUnschedulable",
        "",
      ].join("\n"),
    );
  });

  test("that no record has has no explanation", () => {
    expect(explainLaunchInLog([launches], "launch-2")).toBeNull();
  });
});

describe("the names of a log", () => {
  const records = [
    launches,
    aRecord(1, {
      nodes: [{ node: "kept", pool: null, reasons: [because("NotAutoscaled")] }],
      bound: [{ pod: "team/b", node: "n" }],
      instances: { n: "i-n" },
      effects: [aTermination([{ id: "i-x", node: null }])],
    }),
  ];
  test.each([
    ["pod", ["team/a", "team/b"]],
    ["node", ["i-m", "i-n", "i-x", "kept", "n"]],
    ["launch", ["launch-1"]],
  ] as const)("of kind %s", (kind, names) => {
    expect([...namesInLog(records, kind)].sort()).toEqual(names);
  });

  const known = new Set(["default/train-a", "default/train-b", "team/train-a", "team/serve", "other/job"]);
  test.each([
    ["train-a", ["default/train-a", "team/train-a"]],
    ["default/trian-b", ["default/train-b", "default/train-a"]],
    ["prod/serve", ["team/serve"]],
    ["nothing-like-it-at-all", []],
  ])("that are nearest to %s", (name, near) => {
    expect(nearestNames(name, known)).toEqual(near);
  });
});
