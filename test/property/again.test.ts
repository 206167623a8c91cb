import { asksForGpu, decide, type Effect, type Plan } from "@gpu-autoscaler/core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { START } from "../builders/index.ts";
import { type Situation, situations } from "./arbitraries.ts";
import { carryOut } from "./carry-out.ts";
import { runs } from "./runs.ts";

describe("deciding again after the plan was carried out", () => {
  test("launches nothing", () => {
    const launching = twice((first, second, { policy }) => {
      // What a tick may launch at most leaves the rest to the next.
      const launched = first.effects.reduce(
        (sum, effect) => sum + (effect.kind === "LaunchInstances" ? effect.count : 0),
        0,
      );
      if (launched >= policy.scaleUp.maxLaunchesPerTick) return;
      expect(second.effects.filter(isLaunch)).toEqual([]);
    }, isLaunch);
    expect(launching).toBeGreaterThan(60);
  });

  test("starts no new disruption", () => {
    const removing = twice((first, second, { snapshot }) => {
      // What is taken back has room again for pods of nodes that had to stay.
      if (first.effects.some(({ kind }) => kind === "UncordonNode")) return;
      const known = new Set([...Object.keys(first.state.draining), ...Object.keys(snapshot.state.draining)]);
      const fresh = second.effects
        .filter(isRemoval)
        .filter((effect) => nodesOf(effect).some((node) => !known.has(node)));
      expect(fresh).toEqual([]);
    }, isRemoval);
    expect(removing).toBeGreaterThan(100);
  });
});

/** Checks plan after plan; gives in how many cases the first had such an effect. */
function twice(
  check: (first: Plan, second: Plan, situation: Situation) => void,
  isMeant: (effect: Effect) => boolean,
): number {
  let count = 0;
  fc.assert(
    fc.property(situations(), (situation) => {
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
