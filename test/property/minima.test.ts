import { decide, type Plan } from "@gpu-autoscaler/core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { START } from "../builders/index.ts";
import { type Situation, situations } from "./arbitraries.ts";
import { runs } from "./runs.ts";
import { endedBy, type Standing, standing } from "./tally.ts";

/** Decides random situations, and gives those to the check in which a node goes for being empty. */
function whereSomethingIsRemoved(check: (situation: Situation, plan: Plan, going: Going) => void): void {
  let removing = 0;
  fc.assert(
    fc.property(situations(), (situation) => {
      const plan = decide(situation.snapshot, situation.policy, START);
      const going = goingBy(plan);
      if (!standing(situation).some(going)) return;
      removing += 1;
      check(situation, plan, going);
    }),
    runs(400),
  );
  expect(removing).toBeGreaterThan(100);
}

describe("no scale-down undercuts", () => {
  test("the minimum of a group, whether ours or Auto Scaling's, by a drain that begins", () => {
    whereSomethingIsRemoved((situation, plan, going) => {
      const there = staying(situation, plan);
      for (const group of situation.policy.pools.flatMap(({ groups }) => groups)) {
        const ours = there.filter((each) => each.group === group);
        const awsMin = situation.snapshot.groups.find(({ name }) => name === group.name)?.min ?? 0;
        if (!ours.some(going)) continue;
        const left = ours.filter((each) => !going(each)).length;
        expect(left, group.name).toBeGreaterThanOrEqual(Math.max(group.minNodes, awsMin));
      }
    });
  });

  test("the minimum of a pool, by a drain that begins", () => {
    whereSomethingIsRemoved((situation, plan, going) => {
      const there = staying(situation, plan);
      for (const pool of situation.policy.pools) {
        const ours = there.filter((each) => each.pool === pool);
        if (!ours.some(going)) continue;
        expect(ours.filter((each) => !going(each)).length, pool.name).toBeGreaterThanOrEqual(pool.minNodes);
      }
    });
  });

  test("what Auto Scaling lets the group fall to, by a termination", () => {
    whereSomethingIsRemoved((situation, plan) => {
      const ended = endedBy(plan, ({ reason }) => reason.code === "NodeEmpty");
      for (const { name, min } of situation.snapshot.groups) {
        const there = standing(situation).filter(({ group }) => group.name === name);
        const left = there.filter(({ instance }) => !ended.has(instance.id)).length;
        if (left < there.length) expect(left, name).toBeGreaterThanOrEqual(min);
      }
    });
  });
});

/** What is not on its way out, or is taken back. */
function staying(situation: Situation, { effects }: Plan): Standing[] {
  const uncordoned = new Set(
    effects.flatMap((effect) => (effect.kind === "UncordonNode" ? [effect.node] : [])),
  );
  return standing(situation).filter(
    ({ dead, leaving, node }) => !dead && (!leaving || (node !== null && uncordoned.has(node.name))),
  );
}

type Going = (standing: Standing) => boolean;

/** Whether the plan cordons, drains or ends the instance's node for being empty. */
function goingBy(plan: Plan): Going {
  const ended = endedBy(plan, ({ reason }) => reason.code === "NodeEmpty");
  const touched = new Set(
    plan.effects.flatMap((effect) =>
      (effect.kind === "CordonNode" || effect.kind === "EvictPod") && effect.reason.code === "NodeEmpty"
        ? [effect.node]
        : [],
    ),
  );
  return ({ instance, node }) => ended.has(instance.id) || (node !== null && touched.has(node.name));
}
