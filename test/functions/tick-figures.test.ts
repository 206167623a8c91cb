import { reason, type Tick } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { INTERRUPTION_METRICS, TICK_METRICS } from "../../functions/src/metric-table.ts";
import { tickFigures } from "../../functions/src/tick-figures.ts";
import { anInstance, aPolicy, aPool, aPoolNode, aSnapshot, START } from "../builders/index.ts";

const POOL = aPool("l4", ["g6.xlarge"]);
const POLICY = aPolicy([POOL]);

function aTick(changes: Partial<Tick> = {}): Tick {
  const plan = {
    cluster: "test",
    decidedAt: START,
    effects: [],
    demand: [],
    nodes: [],
    problems: [],
    state: aSnapshot(POLICY).state,
    reconsiderAt: Number.POSITIVE_INFINITY,
  };
  return { plan, effects: [], outcomes: [], anotherIsWanted: false, ...changes };
}

describe("the metrics of a tick", () => {
  test("count nodes without those that end, and pods without a node", () => {
    const snapshot = aSnapshot(POLICY, {
      nodes: [aPoolNode(POOL, "node-0").build()],
      instances: {
        "l4-on-demand": [
          anInstance("i-1", "g6.xlarge", { lifecycle: "pending" }),
          anInstance("i-2", "g6.xlarge", { lifecycle: "terminating" }),
          anInstance("i-3", "g6.xlarge", { lifecycle: "terminating" }),
        ],
      },
    });
    const demand = [
      { pods: ["a/b", "a/c"], asksFor: "1 nvidia.com/gpu", gang: null, outcomes: [], rejected: [] },
    ];
    const tick = aTick();
    expect(tickFigures({ ...tick, plan: { ...tick.plan, demand } }, snapshot, true)).toEqual({
      TickSucceeded: 1,
      PendingPods: 2,
      GpuNodes: 2,
      Launched: 0,
      CapacityErrors: 0,
      MetricsAgeSeconds: 0,
    });
  });

  test("count what was launched, and not what was only wanted", () => {
    const outcomes = [
      {
        key: "launch",
        status: "partly" as const,
        at: START,
        reason: reason("CapacityError"),
        launch: {
          launched: [{ id: "i-1", zone: "us-east-1a", instanceType: "g6.xlarge" }],
          errors: [],
          rolledBack: false,
        },
      },
      { key: "dry", status: "dry-run" as const, at: START, reason: reason("DryRun"), launch: null },
    ];
    expect(tickFigures(aTick({ outcomes }), aSnapshot(POLICY), true)).toMatchObject({
      Launched: 1,
      CapacityErrors: 1,
    });
  });

  test.each([
    { name: "two minutes old", measurements: { at: START - 120_000, problem: null }, want: 120 },
    {
      name: "that nobody could read are of the oldest age",
      measurements: { at: 0, problem: "no" },
      want: 3_600,
    },
  ])("tell of measurements $name", ({ measurements, want }) => {
    const { freshness, ...rest } = aSnapshot(POLICY);
    const snapshot = { ...rest, freshness: { ...freshness, measurements } };
    expect(tickFigures(aTick(), snapshot, true).MetricsAgeSeconds).toBe(want);
  });

  test("say nothing of measurements where there are none to be had", () => {
    const figures = tickFigures(aTick(), aSnapshot(POLICY), false);
    expect(figures).not.toHaveProperty("MetricsAgeSeconds");
  });
});

test("there are at most ten metrics in all", () => {
  expect(Object.keys({ ...TICK_METRICS, ...INTERRUPTION_METRICS }).length).toBeLessThanOrEqual(10);
});
