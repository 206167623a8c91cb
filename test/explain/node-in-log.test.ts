import {
  explainNodeInLog,
  explanationText,
  type Outcome,
  type Reason,
  type TickRecord,
} from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { aDemand, aLaunch, anOutcome, aRecord, aTermination, because, launched, minute } from "./a-log.ts";

const explained = (...records: readonly TickRecord[]) => explainNodeInLog(records, "n");
const story = (...records: readonly TickRecord[]) => explained(...records)?.story;

const launches = aRecord(0, {
  effects: [aLaunch()],
  outcomes: [launched("launch-1", "i-n")],
  demand: [
    aDemand(["team/a", "team/b"], "Launching", {
      outcomes: [
        { count: 1, reason: because("Launching"), effect: "launch-1" },
        { count: 1, reason: because("NoCapacityLeft"), effect: null },
      ],
    }),
  ],
});
const binds = (at: number, ...pods: readonly string[]) =>
  aRecord(at, { bound: pods.map((pod) => ({ pod, node: "n" })), instances: { n: "i-n" } });
const stays = (at: number, ...reasons: readonly Reason[]) =>
  aRecord(at, { nodes: [{ node: "n", pool: "single", reasons }], instances: { n: "i-n" } });
const ends = (at: number, outcome = anOutcome("terminate/1")) =>
  aRecord(at, { effects: [aTermination([{ id: "i-n", node: "n" }])], outcomes: [outcome] });

const EMPTY = because("NotUnneededLongEnough", "kept for 300 s");

describe("a node in a log", () => {
  test("for whom it was launched, who came, why it was kept, why it was ended", () => {
    const explanation = explained(launches, binds(3, "team/a"), stays(9, EMPTY), ends(14));
    expect(explanation).toMatchObject({
      name: "n",
      standing: "ended",
      pool: "single",
      group: "single-spot",
      instance: "i-n",
      instanceType: "g6.xlarge",
      zone: "us-east-1a",
      story: [
        {
          event: "Launched",
          at: minute(0),
          launch: { effect: { key: "launch-1" } },
          for: [{ pods: ["team/a", "team/b"], served: 1 }],
        },
        { event: "Bound", at: minute(3), pod: "team/a" },
        { event: "Kept", at: minute(9), until: minute(14), reasons: [EMPTY] },
        { event: "Done", at: minute(14), effect: { kind: "TerminateInstances" } },
      ],
    });
    const text = explanation ? explanationText(explanation) : "";
    expect(text).toContain("for 1 of team/a, team/b (1 nvidia.com/gpu each)");
  });

  test("goes by its instance's id as well", () => {
    const records = [launches, binds(3, "team/a"), ends(14)];
    expect(explainNodeInLog(records, "i-n")).toEqual(explainNodeInLog(records, "n"));
  });

  test("that does not serve yet is upcoming", () => {
    expect(explainNodeInLog([launches], "i-n")).toMatchObject({ name: "i-n", standing: "upcoming" });
  });

  test("whose last word is a pod is held by it; whose last word is a reason is kept for that", () => {
    expect(explained(stays(1, EMPTY), binds(2, "team/a"))?.standing).toBe("held");
    expect(explained(binds(1, "team/a"), stays(2, EMPTY), aRecord(3))?.standing).toBe("held");
    expect(explained(binds(1, "team/a"), stays(2, EMPTY))?.standing).toBe("kept");
  });

  test("has its blocks in the order in which they stood, those of one kind together", () => {
    const movable = (pod: string) => because("NotMovable", `${pod} is of a Job`);
    const told = story(
      stays(1, because("NotUnderusedLongEnough", "1 of 4 GPUs are requested")),
      stays(2, because("NotUnderusedLongEnough", "2 of 4 GPUs are requested")),
      stays(3, movable("team/a")),
      stays(4, movable("team/b")),
      stays(5, movable("team/b")),
      stays(6, because("NotEnoughPdb", "team/web")),
    );
    expect(told).toEqual([
      {
        event: "Kept",
        at: minute(1),
        until: minute(3),
        reasons: [because("NotUnderusedLongEnough", "2 of 4 GPUs are requested")],
      },
      { event: "Kept", at: minute(3), until: minute(6), reasons: [movable("team/a"), movable("team/b")] },
      { event: "Kept", at: minute(6), until: null, reasons: [because("NotEnoughPdb", "team/web")] },
    ]);
  });

  test.each(["NodesStale", "PodsStale", "GroupsStale"] as const)(
    "is not let go of while %s keeps it from being decided about",
    (code) => {
      const blind = aRecord(2, { problems: [because(code)] });
      expect(story(stays(1, EMPTY), blind, stays(3, EMPTY))).toMatchObject([{ at: minute(1), until: null }]);
    },
  );

  test.each([
    ["done", null, "ended"],
    ["dry-run", because("DryRun"), "held"],
    ["skipped", because("PreconditionFailed", "n stays: pod team/a is on it"), "held"],
    ["partly", because("PreconditionFailed", "n stays: pod team/a is on it"), "held"],
    ["partly", because("PreconditionFailed", "m stays: pod team/a is on it"), "ended"],
  ] as const)("whose termination was %s (%o) is %s", (status, reason, standing) => {
    const outcome = anOutcome("terminate/1", { status, reason });
    expect(explained(binds(1, "team/a"), ends(2, outcome))?.standing).toBe(standing);
  });

  test.each([
    ["gpu-autoscaler.io/draining", "leaving"],
    ["gpu-autoscaler.io/interrupted", "leaving"],
    ["example.com/other", "kept"],
  ])("that is cordoned with %s is %s, until it is uncordoned", (key, standing) => {
    const node = { pool: "single", node: "n", resourceVersion: "1" };
    const cordon = {
      ...node,
      kind: "CordonNode",
      key: "cordon/n",
      reason: because("NodeUnderused"),
      taint: { key, value: "true", effect: "NoSchedule" },
    } as const;
    const uncordon = {
      ...node,
      kind: "UncordonNode",
      key: "uncordon/n",
      reason: because("DemandReturned"),
    } as const;
    const cordons = { ...stays(2, EMPTY), effects: [cordon], outcomes: [anOutcome("cordon/n")] };
    const uncordons = { ...stays(3, EMPTY), effects: [uncordon], outcomes: [anOutcome("uncordon/n")] };
    expect(explained(stays(1, EMPTY), cordons)?.standing).toBe(standing);
    expect(explained(stays(1, EMPTY), cordons, uncordons)?.standing).toBe("kept");
  });

  test("is told of what failed in the same way once, and of what was done and undone each time", () => {
    const evict = {
      kind: "EvictPod",
      key: "evict/a",
      pool: "single",
      reason: because("NodeUnderused"),
      node: "n",
      namespace: "team",
      name: "a",
      uid: "uid-a",
      gracePeriodSeconds: null,
    } as const;
    const tries = (at: number, outcome: Partial<Outcome>) =>
      aRecord(at, { effects: [evict], outcomes: [anOutcome("evict/a", outcome)] });
    const throttled = { status: "failed", reason: because("TooManyRequests", "429") } as const;
    const explanation = explained(tries(1, throttled), tries(2, throttled), tries(3, {}), tries(4, {}));
    const [, , ...lines] = explanation ? explanationText(explanation).trimEnd().split("\n") : [];
    expect(lines).toEqual([
      "",
      expect.stringMatching(
        /^2026-01-01 00:01:00Z {2}evict team\/a: .*; 2 times until 2026-01-01 00:02:00Z$/,
      ),
      "2026-01-01 00:03:00Z  evicted team/a: NodeUnderused",
      "2026-01-01 00:04:00Z  evicted team/a: NodeUnderused",
    ]);
  });

  test("that is none of ours says so", () => {
    const record = aRecord(0, { nodes: [{ node: "n", pool: null, reasons: [because("NotAutoscaled")] }] });
    expect(explained(record)).toMatchObject({ standing: "foreign", pool: null });
  });

  test("whose name another instance is given later has both stories", () => {
    const another = aRecord(20, { ...stays(20, EMPTY), instances: { n: "i-m" } });
    expect(explained(launches, stays(9, EMPTY), ends(14), another)).toMatchObject({
      instance: "i-m",
      standing: "kept",
      story: [
        { event: "Launched", at: minute(0) },
        { event: "Kept", at: minute(9), until: minute(14) },
        { event: "Done", at: minute(14) },
        { event: "Kept", at: minute(20), until: null },
      ],
    });
  });

  test("of a launch that was repeated is told by the first, which says whom it is for", () => {
    const repeated = aRecord(1, {
      effects: [aLaunch({ reason: because("LaunchRepeated") })],
      outcomes: [launched("launch-1", "i-n")],
    });
    expect(story(launches, repeated, binds(3, "team/a"))?.[0]).toMatchObject({
      at: minute(0),
      for: [{ served: 1 }],
    });
  });

  test("that no record names has no explanation", () => {
    expect(explainNodeInLog([launches, binds(3, "team/a")], "m")).toBeNull();
  });
});
