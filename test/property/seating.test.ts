import { decide, type Group } from "@gpu-autoscaler/core";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { START } from "../builders/index.ts";
import { type Situation, situations } from "./arbitraries.ts";
import { futureOf } from "./future.ts";
import { type AskDraft, gangDraft, singleDraft } from "./pods.ts";
import { poolWithoutMinimum } from "./pools.ts";
import { runs } from "./runs.ts";
import { canAllSit, partiesOf } from "./seating.ts";

/** Where Auto Scaling puts nodes of an adopted group of several zones, nobody can promise. */
const pools = fc.array(
  poolWithoutMinimum.map((pool) => (pool.adopted ? { ...pool, zones: 1 } : pool)),
  { minLength: 1, maxLength: 6, size: "max" },
);

/** A node that comes for others may bring a new domain, over which kube-scheduler then spreads. */
const unspread = <Draft extends AskDraft>(draft: Draft): Draft => ({
  ...draft,
  constraint: draft.constraint.startsWith("spread") ? "nothing" : draft.constraint,
});

test("every pod that is said to run somewhere fits there, whichever instance types EC2 picks", () => {
  const gang = gangDraft.map((draft) => {
    const { leader, ...rest } = unspread(draft);
    return { ...rest, leader: leader && unspread(leader) };
  });
  const arbitrary = situations({
    pools,
    singles: fc.array(singleDraft.map(unspread), { minLength: 1, maxLength: 4, size: "max" }),
    gangs: fc.array(gang, { maxLength: 2 }),
  });
  everybodySits(arbitrary, 400);
});

test("pods that are to be spread fit where they are said to run, when no others come", () => {
  const spread = fc
    .tuple(singleDraft, fc.constantFrom("spread over zones" as const, "spread over nodes" as const))
    .map(([draft, constraint]) => ({ ...draft, constraint }));
  const singles = spread.map((draft) => [draft]);
  everybodySits(situations({ pools, singles, gangs: fc.constant([]) }), 200);
});

function everybodySits(arbitrary: fc.Arbitrary<Situation>, numRuns: number): void {
  let seated = 0;
  let unknown = 0;
  fc.assert(
    fc.property(arbitrary, fc.nat({ max: 1 }), (situation, dice) => {
      const plan = decide(situation.snapshot, situation.policy, START);
      const parties = partiesOf(situation, plan);
      const pick = ({ instanceTypes }: Group) => instanceTypes[dice % instanceTypes.length] ?? "";
      const verdict = canAllSit(futureOf(situation, plan, pick), parties, situation);
      if (verdict === null) unknown += 1;
      seated += parties.length;
      expect(verdict).not.toBe(false);
    }),
    runs(numRuns),
  );
  expect(seated).toBeGreaterThan(numRuns / 4);
  // Searches that were given up would hide what they did not find.
  expect(unknown).toBeLessThanOrEqual(numRuns / 100);
}
