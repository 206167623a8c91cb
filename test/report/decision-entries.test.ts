import type { TickRecord } from "@gpu-autoscaler/core";
import { createDecisionHistory } from "@gpu-autoscaler/sandbox";
import { describe, expect, test } from "vitest";
import { START } from "../builders/index.ts";
import { aDemand, aLaunch, anOutcome, aRecord } from "./a-record.ts";

const minute = (at: number) => START + at * 60_000;

function entriesOf(...records: readonly TickRecord[]) {
  const history = createDecisionHistory();
  for (const record of records) history.add(record);
  return history.entries;
}

describe("what is said again and again", () => {
  test("is one entry for as long as it is said", () => {
    const waiting = aDemand();
    const entries = entriesOf(
      aRecord(1, { demand: [waiting] }),
      aRecord(2, { demand: [waiting] }),
      aRecord(5),
      aRecord(6, { demand: [waiting] }),
    );
    expect(entries).toMatchObject([
      { at: minute(1), until: minute(5), kind: "PodsWait", what: "2 pods", pods: ["team/a", "team/b"] },
      { at: minute(6), until: null, kind: "PodsWait" },
    ]);
  });

  test("is another entry once its reason or its pods are others", () => {
    const fits = { count: 2, reason: { code: "FitsUpcomingNode", detail: "" }, effect: null } as const;
    const entries = entriesOf(
      aRecord(1, { demand: [aDemand()] }),
      aRecord(2, { demand: [aDemand({ outcomes: [fits] })] }),
      aRecord(3, { demand: [aDemand({ outcomes: [fits], pods: ["team/b"] })] }),
    );
    expect(entries.map(({ at, until, reasons, pods }) => [at, until, reasons[0]?.code, pods.length])).toEqual(
      [
        [minute(1), minute(2), "PendingForNotReached", 2],
        [minute(2), minute(3), "FitsUpcomingNode", 2],
        [minute(3), null, "FitsUpcomingNode", 1],
      ],
    );
  });

  test("keeps the particulars that were told last", () => {
    const stays = (detail: string) => [
      { node: "n1", pool: "small", reasons: [{ code: "NotUnneededLongEnough", detail }] as const },
    ];
    const entries = entriesOf(
      aRecord(1, { nodes: stays("for 1 min") }),
      aRecord(2, { nodes: stays("for 2 min") }),
    );
    expect(entries).toEqual([
      {
        at: minute(1),
        until: null,
        kind: "NodeStays",
        pool: "small",
        what: "n1",
        reasons: [{ code: "NotUnneededLongEnough", detail: "for 2 min" }],
        outcome: "",
        pods: [],
        asksFor: "",
        rejected: [],
      },
    ]);
  });

  test("is a problem, too", () => {
    const problems = [{ code: "PricesStale", detail: "5 min old" }] as const;
    expect(entriesOf(aRecord(1, { problems }), aRecord(2, { problems }), aRecord(3))).toMatchObject([
      { kind: "Problem", at: minute(1), until: minute(3), reasons: problems },
    ]);
  });
});

describe("what is done", () => {
  test("bears the pods that a launch is for, what it gave, and what was not taken", () => {
    const launching = { count: 2, reason: { code: "Launching", detail: "" }, effect: "launch-1" } as const;
    const launched = [{ id: "i-1", zone: "us-east-1a", instanceType: "g6.xlarge" }];
    const error = { code: "InsufficientInstanceCapacity", message: "none left", instanceType: null };
    const outcome = anOutcome({
      status: "partly",
      reason: { code: "CapacityError", detail: "" },
      launch: { launched, errors: [error, error], rolledBack: false },
    });
    const demand = [aDemand({ outcomes: [launching] })];
    const entries = entriesOf(aRecord(1, { effects: [aLaunch()], demand, outcomes: [outcome] }));
    expect(entries).toEqual([
      {
        at: minute(1),
        until: minute(1),
        kind: "LaunchInstances",
        pool: "small",
        what: "2 nodes of 1 GPU, spot, in small-spot/us-east-1a, 0.28168 $ an hour each",
        reasons: [{ code: "PodsUnschedulable", detail: "" }],
        outcome: "partly: CapacityError, i-1 (g6.xlarge), InsufficientInstanceCapacity: none left",
        pods: ["team/a", "team/b"],
        asksFor: "1 nvidia.com/gpu",
        rejected: demand[0]?.rejected,
      },
    ]);
  });

  test("leaves pods an entry of their own where the launch for them is of an earlier tick", () => {
    const launching = { count: 2, reason: { code: "Launching", detail: "" }, effect: "launch-0" } as const;
    const entries = entriesOf(
      aRecord(1, { effects: [aLaunch()], demand: [aDemand({ outcomes: [launching] })] }),
    );
    expect(entries.map(({ kind }) => kind)).toEqual(["LaunchInstances", "PodsWait"]);
  });

  test("is told in words, whatever it is", () => {
    const reason = { code: "NodeEmpty", detail: "" } as const;
    const base = { pool: "small", reason };
    const taint = { key: "gpu-autoscaler.io/draining", value: "", effect: "NoSchedule" } as const;
    const entries = entriesOf(
      aRecord(1, {
        effects: [
          aLaunch({ count: 1, gpus: 8, gang: "team/g" }),
          { ...base, key: "2", kind: "SetDesiredCapacity", group: "old", from: 3, to: 2 },
          { ...base, key: "3", kind: "CordonNode", node: "n1", resourceVersion: "7", taint },
          { ...base, key: "4", kind: "UncordonNode", node: "n1", resourceVersion: "8" },
          {
            ...base,
            key: "5",
            kind: "EvictPod",
            node: "n1",
            namespace: "team",
            name: "a",
            uid: "u",
            gracePeriodSeconds: null,
          },
          {
            ...base,
            key: "6",
            kind: "TerminateInstances",
            group: "small-spot",
            instances: [
              { id: "i-1", node: "n1" },
              { id: "i-2", node: null },
            ],
            onlyIfNoGpuPods: true,
          },
        ],
        outcomes: [anOutcome({ key: "6", status: "failed", reason: { code: "CallFailed", detail: "500" } })],
      }),
    );
    expect(entries.map(({ what, outcome }) => [what, outcome])).toEqual([
      ["1 node of 8 GPUs, spot, in small-spot/us-east-1a, 0.28168 $ an hour, for gang team/g", ""],
      ["old from 3 to 2", ""],
      ["n1, taint gpu-autoscaler.io/draining", ""],
      ["n1", ""],
      ["team/a from n1", ""],
      ["n1 (i-1), i-2", "failed: CallFailed: 500"],
    ]);
  });
});
