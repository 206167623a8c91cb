import { decide, type Plan, SECOND_MS, type Snapshot } from "@gpu-autoscaler/core";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { START } from "../builders/index.ts";
import { type Situation, situations } from "./arbitraries.ts";
import { carryOut } from "./carry-out.ts";
import { runs } from "./runs.ts";

/** The longest that a quiet cluster is left alone here. */
const TEN_DAYS_MS = 10 * 24 * 3_600 * SECOND_MS;

test("the same snapshot is decided in the same way until the plan says otherwise", () => {
  let quiet = 0;
  fc.assert(
    fc.property(situations(), fc.double({ min: 0, max: 1, noNaN: true }), (situation, share) => {
      const settled = untilNothingIsDone(situation);
      if (!settled) return;
      quiet += 1;
      const { plan, policy, snapshot } = settled;
      const until = Math.min(plan.reconsiderAt, START + TEN_DAYS_MS);
      expect(until).toBeGreaterThan(START);
      for (const at of [Math.ceil(START + share * (until - 1 - START)), until - 1]) {
        if (at === START) continue;
        const again = { ...readAgain(snapshot, at - START), state: plan.state };
        const { effects, demand, nodes } = decide(again, policy, at);
        expect({ effects, demand, nodes }).toEqual({ effects: [], demand: plan.demand, nodes: plan.nodes });
      }
    }),
    runs(500),
  );
  expect(quiet).toBeGreaterThan(100);
});

/** Each of its parts is as old as it was. */
function readAgain(snapshot: Snapshot, later: number): Snapshot {
  const { freshness } = snapshot;
  const parts = Object.entries(freshness).map(([part, each]) => [part, { ...each, at: each.at + later }]);
  return { ...snapshot, freshness: { ...freshness, ...Object.fromEntries(parts) } };
}

/** Carries plans out at one and the same time until one wants nothing; null where that takes too long. */
function untilNothingIsDone(situation: Situation): (Situation & { readonly plan: Plan }) | null {
  let now = situation;
  for (let i = 0; i < 4; i++) {
    const plan = decide(now.snapshot, now.policy, START);
    if (plan.effects.length === 0) return { ...now, plan };
    now = carryOut(now, plan);
  }
  return null;
}
