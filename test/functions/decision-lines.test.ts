import { type Plan, type Reason, reason, type TickRecord } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { type DecisionLine, decisionLines } from "../../functions/src/decision-lines.ts";
import { createLoggedDecisions } from "../../functions/src/logged-decisions.ts";
import { START } from "../builders/index.ts";

function aRecord(changes: Partial<TickRecord> = {}): TickRecord {
  return {
    cluster: "test",
    decidedAt: START,
    effects: [],
    demand: [],
    nodes: [],
    problems: [],
    outcomes: [],
    ...changes,
  };
}

function aLaunch(key: string): Plan["effects"][number] {
  return {
    kind: "LaunchInstances",
    key,
    pool: "l4",
    reason: reason("PodsUnschedulable"),
    group: "l4-on-demand",
    zone: "us-east-1b",
    capacityType: "on-demand",
    count: 2,
    gpus: 1,
    nanoDollarsPerHour: 1,
    gang: null,
  };
}

function kept(pool: string | null, ...reasons: readonly Reason[]): TickRecord["nodes"][number] {
  return { node: `node-of-${pool}`, pool, reasons };
}

const PENDING: TickRecord["demand"][number] = {
  pods: ["default/a", "default/b", "default/c"],
  asksFor: "8 nvidia.com/gpu",
  gang: null,
  outcomes: [
    { count: 2, reason: reason("PodsUnschedulable"), effect: "launch-1" },
    { count: 1, reason: reason("FitsUpcomingNode"), effect: null },
  ],
  rejected: [
    { pool: "a100", group: null, zone: null, reasons: [reason("Paused")] },
    { pool: "l4", group: "l4-spot", zone: "us-east-1a", reasons: [reason("SpotShareReached")] },
    { pool: "l4", group: "l4-spot", zone: "us-east-1b", reasons: [reason("SpotShareReached")] },
  ],
};

describe("the log lines of a decision", () => {
  test("are one for the cluster and one for each pool of which something is said", () => {
    const record = aRecord({
      effects: [aLaunch("launch-1")],
      outcomes: [
        {
          key: "launch-1",
          status: "partly",
          at: START,
          reason: reason("CapacityError", "InsufficientInstanceCapacity"),
          launch: null,
        },
      ],
      demand: [PENDING],
      nodes: [kept("l4", reason("NotUnneededLongEnough")), kept("l4", reason("NotUnneededLongEnough"))],
      problems: [reason("PricesStale", "the price list does not answer")],
    });
    expect(decisionLines(record)).toEqual<DecisionLine[]>([
      {
        pool: null,
        effects: [],
        moreEffects: 0,
        nodes: {},
        rejected: {},
        waiting: { PodsUnschedulable: 2, FitsUpcomingNode: 1 },
        problems: ["PricesStale: the price list does not answer"],
      },
      { pool: "a100", effects: [], moreEffects: 0, nodes: {}, rejected: { Paused: 1 } },
      {
        pool: "l4",
        effects: ["LaunchInstances 2 in l4-on-demand us-east-1b PodsUnschedulable: partly CapacityError"],
        moreEffects: 0,
        nodes: { NotUnneededLongEnough: 2 },
        rejected: { SpotShareReached: 1 },
      },
    ]);
  });

  test("stay small however much is done", () => {
    const effects = Array.from({ length: 500 }, (_, at) => aLaunch(`launch-${at}`));
    const problems = Array.from({ length: 500 }, () => reason("PartIncomplete", "x"));
    const lines = decisionLines(aRecord({ effects, problems }));
    expect(lines.map(({ moreEffects }) => moreEffects)).toEqual([0, 490]);
    expect(lines[0]?.problems).toHaveLength(6);
    expect(JSON.stringify(lines).length).toBeLessThan(2_000);
  });
});

describe("what is logged", () => {
  const l4 = { nodes: [kept("l4", reason("NotUnneededLongEnough"))] };
  const poolsOf = async (...records: readonly TickRecord[]) => {
    const said: (string | null)[][] = [];
    let now: (string | null)[] = [];
    const log = createLoggedDecisions(({ pool }) => now.push(pool));
    for (const record of records) {
      now = [];
      await log.append(record);
      said.push(now);
    }
    return said;
  };

  test("is what is said anew of a pool, and not what was said the time before", async () => {
    const other = { nodes: [...l4.nodes, kept("a100", reason("Headroom"))] };
    expect(await poolsOf(aRecord(l4), aRecord(l4), aRecord(other), aRecord(l4), aRecord(other))).toEqual([
      ["l4"],
      [],
      ["a100"],
      [],
      ["a100"],
    ]);
  });

  test("is what a pool does, each time", async () => {
    const acting = aRecord({ effects: [aLaunch("launch-1")] });
    expect(await poolsOf(acting, acting)).toEqual([["l4"], ["l4"]]);
  });
});
