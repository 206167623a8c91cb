import { decide, MINUTE_MS, reason, runTick } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { aPod, aPolicy, aPool, aSnapshot, START } from "../builders/index.ts";
import { aWorld, SMALL } from "../sandbox/a-world.ts";

const GAP = "On-Demand prices are those of the shipped table";

describe("a part that was read with gaps", () => {
  test("is used, and what it lacks is among the plan's problems", () => {
    const policy = aPolicy([SMALL]);
    const pod = aPod("waits").gpu(1).unschedulableSince(START).build();
    const whole = aSnapshot(policy, { pods: [pod] });
    const freshness = { ...whole.freshness, prices: { at: START, problem: null, gaps: [GAP] } };
    const plan = decide({ ...whole, freshness }, policy, START);
    expect(plan.problems).toEqual([reason("PartIncomplete", GAP)]);
    expect(plan.effects.map(({ kind }) => kind)).toEqual(["LaunchInstances"]);
  });

  test("is told by its port, and observed", async () => {
    const { ports } = aWorld();
    const priceList = {
      readPrices: async () => ({ ...(await ports.priceList.readPrices()), gaps: [GAP] }),
    };
    const tick = await runTick({ ...ports, priceList }, aPolicy([SMALL]));
    expect(tick?.plan.problems).toEqual([reason("PartIncomplete", GAP)]);
  });
});

test("desired capacity that is lowered tells why nothing filled it", () => {
  const pool = aPool("adopted", ["g6.xlarge"], { group: { name: "group", adopted: true } });
  const policy = aPolicy([pool]);
  const launchFailure = "We currently do not have sufficient g6.xlarge capacity";
  const unfilled = { group: { desired: 2, since: START - 2 * MINUTE_MS } };
  const snapshot = aSnapshot(policy, {
    statuses: { group: { desired: 2, launchFailure } },
    state: { unfilled },
  });
  expect(decide(snapshot, policy, START).effects).toMatchObject([
    { kind: "SetDesiredCapacity", to: 0, reason: { detail: `2 desired, 0 exist: ${launchFailure}` } },
  ]);
});
