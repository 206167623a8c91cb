import {
  asksForGpu,
  decide,
  type Effect,
  type Plan,
  type Policy,
  type ReasonCode,
} from "@gpu-autoscaler/core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { START } from "../builders/index.ts";
import { type Situation, situations } from "./arbitraries.ts";
import { carryOut } from "./carry-out.ts";
import { gangDraft } from "./pods.ts";
import { poolDraft } from "./pools.ts";
import { runs } from "./runs.ts";
import { sum } from "./tally.ts";

describe("deciding again after the plan was carried out", () => {
  // For whom the desired capacity of an adopted group was raised, nobody remembers.
  const pools = fc.array(
    poolDraft.map((draft) => ({ ...draft, adopted: false })),
    { minLength: 1, maxLength: 6, size: "max" },
  );

  test("launches nothing, when all that was wanted could be launched", () => {
    expect(launchesNothing(situations({ pools, gangs: fc.constant([]) }))).toBeGreaterThan(60);
  });

  test("launches nothing more for a gang", () => {
    const gangs = gangDraft.map((gang) => [gang]);
    expect(launchesNothing(situations({ pools, gangs, singles: fc.constant([]) }))).toBeGreaterThan(40);
  });

  test("starts no new disruption", () => {
    const removing = twice(
      situations(),
      (first, second, { snapshot }) => {
        // What is taken back has room again for pods of nodes that had to stay.
        if (first.effects.some(({ kind }) => kind === "UncordonNode")) return;
        const known = new Set([
          ...Object.keys(first.state.draining),
          ...Object.keys(snapshot.state.draining),
        ]);
        const fresh = second.effects
          .filter(isRemoval)
          .filter((effect) => nodesOf(effect).some((node) => !known.has(node)));
        expect(fresh).toEqual([]);
      },
      isRemoval,
    );
    expect(removing).toBeGreaterThan(100);
  });
});

/** Gives how many situations were looked at. */
function launchesNothing(arbitrary: fc.Arbitrary<Situation>): number {
  return twice(
    arbitrary,
    (first, second, { policy }) => {
      if (leavesSomethingWanted(first, policy)) return;
      expect(second.effects.filter(isLaunch)).toEqual([]);
    },
    isLaunch,
  );
}

/** Whether more was wanted than could be launched: then what ends, and what was launched for others, makes room. */
function leavesSomethingWanted({ effects, demand, problems }: Plan, { scaleUp }: Policy): boolean {
  const launched = sum(effects, (effect) => (effect.kind === "LaunchInstances" ? effect.count : 0));
  return (
    launched >= scaleUp.maxLaunchesPerTick ||
    problems.some(({ code }) => code === "LaunchAbandoned") ||
    demand.some(({ outcomes }) => outcomes.some(({ reason }) => WAITING.has(reason.code)))
  );
}

const WAITING: ReadonlySet<ReasonCode> = new Set(["NoCapacityLeft", "GangDoesNotFit"]);

/** Checks plan after plan; gives in how many cases the first had such an effect. */
function twice(
  arbitrary: fc.Arbitrary<Situation>,
  check: (first: Plan, second: Plan, situation: Situation) => void,
  isMeant: (effect: Effect) => boolean,
): number {
  let count = 0;
  fc.assert(
    fc.property(arbitrary, (situation) => {
      const first = decide(situation.snapshot, situation.policy, START);
      if (!first.effects.some(isMeant) || evictsGpuPods(first, situation)) return;
      count += 1;
      const after = carryOut(situation, first);
      check(first, decide(after.snapshot, after.policy, START + 1), situation);
    }),
    runs(300),
  );
  return count;
}

/** Of which their owners make new ones, which are new demand. */
function evictsGpuPods({ effects }: Plan, { snapshot }: Situation): boolean {
  return effects.some(
    (effect) =>
      effect.kind === "EvictPod" &&
      snapshot.pods.some(({ uid, requests }) => uid === effect.uid && asksForGpu(requests)),
  );
}

function isLaunch(effect: Effect): boolean {
  return (
    effect.kind === "LaunchInstances" || (effect.kind === "SetDesiredCapacity" && effect.to > effect.from)
  );
}

function isRemoval({ kind }: Effect): boolean {
  return kind === "CordonNode" || kind === "EvictPod" || kind === "TerminateInstances";
}

/** Names of nodes; ids of instances without one. */
function nodesOf(effect: Effect): string[] {
  if (effect.kind === "TerminateInstances") return effect.instances.map(({ id, node }) => node ?? id);
  return effect.kind === "CordonNode" || effect.kind === "EvictPod" ? [effect.node] : [];
}
