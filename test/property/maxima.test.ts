import { decide, type Group, instanceShape, type Plan } from "@gpu-autoscaler/core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { START } from "../builders/index.ts";
import { type Situation, situations } from "./arbitraries.ts";
import { poolWithoutMinimum } from "./pools.ts";
import { runs } from "./runs.ts";
import {
  addedTo,
  endedBy,
  interruptibleParts,
  launchesOf,
  PARTS_OF_A_GPU,
  type Standing,
  standing,
  sum,
  unborn,
} from "./tally.ts";

/** Decides random situations, and gives those to the check in which the plan launches something. */
function whereSomethingIsLaunched(
  check: (situation: Situation, plan: Plan) => void,
  arbitrary = situations(),
): void {
  let launching = 0;
  fc.assert(
    fc.property(arbitrary, (situation) => {
      const plan = decide(situation.snapshot, situation.policy, START);
      if (sum(groupsOf(situation), ({ name }) => addedTo(plan, name)) === 0) return;
      launching += 1;
      check(situation, plan);
    }),
    runs(400),
  );
  expect(launching).toBeGreaterThan(60);
}

describe("no launch exceeds", () => {
  test("what Auto Scaling allows the group", () => {
    whereSomethingIsLaunched((situation, plan) => {
      for (const { name, adopted } of groupsOf(situation)) {
        const status = situation.snapshot.groups.find((each) => each.name === name);
        const there = standing(situation).filter(({ group }) => group.name === name).length;
        const counted = adopted ? Math.max(there, status?.desired ?? 0) : there;
        const added = addedTo(plan, name);
        if (added > 0) expect(counted + added, name).toBeLessThanOrEqual(status?.max ?? 0);
      }
    });
  });

  test("the maximum of a group, of a pool, and of the cluster", () => {
    whereSomethingIsLaunched((situation, plan) => {
      const nodes = nodesAfter(situation, plan);
      for (const { name, maxNodes } of groupsOf(situation).filter((group) => addedTo(plan, group.name) > 0)) {
        expect(
          nodes.of((group) => group.name === name),
          name,
        ).toBeLessThanOrEqual(maxNodes);
      }
      for (const pool of situation.policy.pools) {
        if (!pool.groups.some(({ name }) => addedTo(plan, name) > 0)) continue;
        expect(
          nodes.of((group) => group.pool === pool.name),
          pool.name,
        ).toBeLessThanOrEqual(pool.maxNodes);
      }
      expect(nodes.of(() => true)).toBeLessThanOrEqual(situation.policy.scaleUp.maxNodes);
    });
  });

  test("the launches of a tick", () => {
    whereSomethingIsLaunched((situation, plan) => {
      const launched = sum(groupsOf(situation), ({ name }) => addedTo(plan, name));
      expect(launched).toBeLessThanOrEqual(situation.policy.scaleUp.maxLaunchesPerTick);
    });
  });

  test("the dollars an hour", () => {
    whereSomethingIsLaunched((situation, plan) => {
      const { policy, snapshot } = situation;
      const priceOf = (group: Group, instanceType: string, zone: string): number => {
        if (group.capacityType === "reserved") return 0;
        const { spot, onDemand } = snapshot.prices;
        return (
          (group.capacityType === "spot" ? spot[`${instanceType}/${zone}`] : onDemand[instanceType]) ?? 0
        );
      };
      const cheapest = (group: Group) =>
        Math.min(...group.instanceTypes.map((type) => priceOf(group, type, group.zones[0] ?? "")));
      const launched = sum(groupsOf(situation), (group) => addedTo(plan, group.name) * cheapest(group));
      if (launched === 0) return;
      const running = sum(alive(situation, plan), ({ group, instance: { instanceType, zone } }) =>
        priceOf(group, instanceType, zone),
      );
      const coming = sum(groupsOf(situation), (group) => unborn(situation, group) * cheapest(group));
      expect(running + coming + launched).toBeLessThanOrEqual(policy.scaleUp.maxNanoDollarsPerHour);
    });
  });

  test("the Spot share, rounded up to a node", () => {
    // A minimum is the user's word: the share does not limit it.
    const withoutMinima = situations({ pools: fc.array(poolWithoutMinimum, { minLength: 1, maxLength: 6 }) });
    whereSomethingIsLaunched((situation, plan) => {
      const { shareMilli } = situation.policy.spot;
      const isSpot = ({ capacityType }: Group) => capacityType === "spot";
      const forDemand = launchesOf(plan).filter(({ capacityType }) => capacityType === "spot");
      if (shareMilli >= 1000 || forDemand.length === 0) return;
      const held = sum(alive(situation, plan), ({ group, instance }) =>
        isSpot(group) ? (instanceShape(instance.instanceType)?.gpus ?? 0) : 0,
      );
      const launched = sum(forDemand, ({ count, gpus }) => count * gpus);
      const beforeTheLast = held + launched - Math.max(...forDemand.map(({ gpus }) => gpus));
      expect(beforeTheLast * PARTS_OF_A_GPU * 1000).toBeLessThan(interruptibleParts(situation) * shareMilli);
    }, withoutMinima);
  });

  test("what a reservation has left, and nothing is launched in a paused pool", () => {
    whereSomethingIsLaunched((situation, plan) => {
      const { snapshot } = situation;
      for (const group of groupsOf(situation)) {
        const left = snapshot.groups.find(({ name }) => name === group.name)?.reservedAvailable ?? Infinity;
        if (addedTo(plan, group.name) === 0) continue;
        const coming = addedTo(plan, group.name) + unborn(situation, group);
        expect(coming, group.name).toBeLessThanOrEqual(left);
        expect(snapshot.state.paused).not.toContain(group.pool);
      }
    });
  });
});

function groupsOf({ policy }: Situation): Group[] {
  return policy.pools.flatMap(({ groups }) => [...groups]);
}

/** What lives on when the plan has been carried out. */
function alive(situation: Situation, plan: Plan): Standing[] {
  const ended = endedBy(plan);
  return standing(situation).filter(({ dead, instance }) => !dead && !ended.has(instance.id));
}

/** How many nodes there will be. */
function nodesAfter(situation: Situation, plan: Plan) {
  const living = alive(situation, plan);
  return {
    of: (isOurs: (group: Group) => boolean): number =>
      living.filter(({ group }) => isOurs(group)).length +
      sum(
        groupsOf(situation).filter(isOurs),
        (group) => addedTo(plan, group.name) + unborn(situation, group),
      ),
  };
}
