import { type ControllerState, decide, emptyState } from "@gpu-autoscaler/core";
import { runPolicy } from "@gpu-autoscaler/sandbox";
import { expect, test } from "vitest";
import { readState, stateText } from "../../packages/adapters/src/dynamodb/state-schema.ts";
import { aPolicy, aPool, pricesOf } from "../builders/index.ts";
import { aRow } from "../sandbox/a-world.ts";

test("every state of a day with capacity errors, gangs and interruptions is read as it was written", async () => {
  const pools = [
    aPool("quad", ["g6.12xlarge"], { capacityTypes: ["spot", "on-demand"] }),
    aPool("single", ["g6.xlarge"], { capacityTypes: ["spot"] }),
  ];
  const policy = aPolicy(pools);
  const states: ControllerState[] = [];
  const rows = Array.from({ length: 120 }, (_, i) =>
    aRow(`pod-${i}`, {
      submitMs: i * 4 * 60_000,
      durationMs: (i % 4) * 60 * 60_000 + 60_000,
      gpus: i % 5 === 0 ? 4 : 1,
      class: i % 3 === 0 ? "serving" : "training",
      gang: i % 20 < 2 ? `gang-${Math.floor(i / 20)}` : null,
    }),
  );
  await runPolicy({
    world: {
      cluster: policy.cluster,
      pools,
      prices: pricesOf(policy),
      rows,
      weather: "bad",
      capacity: [{ zone: "us-east-1a", remaining: 10 }],
    },
    policy,
    decide: (...given) => {
      const plan = decide(...given);
      states.push(plan.state);
      return plan;
    },
  });
  const filled = new Set(
    states.flatMap((state) => Object.entries(state).flatMap(([name, of]) => (size(of) > 0 ? name : []))),
  );
  expect([...filled]).toEqual(
    expect.arrayContaining([
      "launches",
      "emptySince",
      "draining",
      "capacityErrors",
      "interruptions",
      "displaced",
      "waiting",
    ]),
  );
  for (const state of states)
    expect(readState(JSON.parse(stateText(state)))).toEqual({ state, problem: null });
});

function size(value: unknown): number {
  return typeof value === "object" && value !== null ? Object.keys(value).length : 0;
}

test("a state of a version that did not count hours of offerings is read", () => {
  const stored = {
    ...emptyState("cluster"),
    format: 1,
    interruptions: { "quad-spot/us-east-1a": { count: 2, lastAt: 0 } },
  };
  expect(readState(stored).state?.interruptions).toEqual({
    "quad-spot/us-east-1a": { count: 2, nodeHours: 0, lastAt: 0 },
  });
});
