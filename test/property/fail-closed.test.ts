import { decide, type Effect, MINUTE_MS, type Plan, type Snapshot } from "@gpu-autoscaler/core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { START } from "../builders/index.ts";
import { type Situation, situations, staleParts } from "./arbitraries.ts";
import { runs } from "./runs.ts";

/** Nothing of the policy but how old a part may be, so that the drafts' ages are too old. */
const strict = (situation: Situation): Situation => ({
  ...situation,
  policy: { ...situation.policy, staleAfterMs: 3 * MINUTE_MS },
});

/** Decides random situations in which parts of these are stale, and what Kubernetes says may be gone. */
function whereStale(
  parts: Parameters<typeof staleParts>[0],
  check: (plan: Plan, snapshot: Snapshot) => void,
): void {
  let stale = 0;
  fc.assert(
    fc.property(situations({ stale: staleParts(parts) }), (drafted) => {
      const { policy, snapshot } = strict(drafted);
      const isStale = parts.some(
        (part) =>
          snapshot.freshness[part].problem !== null ||
          START >= snapshot.freshness[part].at + policy.staleAfterMs,
      );
      if (!isStale) return;
      stale += 1;
      check(decide(snapshot, policy, START), snapshot);
    }),
    runs(300),
  );
  expect(stale).toBeGreaterThan(200);
}

const CORE = ["nodes", "pods", "groups"] as const;

describe("with nodes, pods or groups stale", () => {
  test("nothing is launched, cordoned, evicted, terminated or set", () => {
    whereStale(CORE, ({ effects }) => {
      expect(effects).toEqual([]);
    });
  });

  test("nothing is forgotten: since when nodes are empty, which drain, which launches are open", () => {
    whereStale(CORE, (plan, { state }) => {
      expect(plan.state.emptySince).toEqual(state.emptySince);
      expect(Object.keys(plan.state.draining)).toEqual(expect.arrayContaining(Object.keys(state.draining)));
      expect(plan.state.capacityErrors).toEqual(state.capacityErrors);
      for (const [key, intent] of Object.entries(state.launches)) {
        if (intent.instances === null) expect(plan.state.launches[key]).toEqual(intent);
      }
    });
  });

  test("it is told", () => {
    whereStale(CORE, ({ problems }) => {
      expect(problems.map(({ code }) => code)).toEqual(
        expect.arrayContaining([expect.stringMatching(/^(Nodes|Pods|Groups)Stale$/)]),
      );
    });
  });
});

test("with budgets stale nothing is evicted but from a node that EC2 takes", () => {
  whereStale(["budgets"], ({ effects }) => {
    const isEviction = ({ kind, reason }: Effect) =>
      kind === "EvictPod" && reason.code !== "SpotInterruption";
    expect(effects.filter(isEviction)).toEqual([]);
  });
});

test("with prices, measurements or interruptions stale, what is decided is decided all the same", () => {
  const parts = ["prices", "measurements", "interruptions"] as const;
  fc.assert(
    fc.property(situations({ stale: staleParts(parts) }), (drafted) => {
      const { policy, snapshot } = strict(drafted);
      const { nodes: fresh } = snapshot.freshness;
      const all = { ...snapshot.freshness, prices: fresh, measurements: fresh, interruptions: fresh };
      const whole = decide({ ...snapshot, freshness: all }, policy, START);
      expect(decide(snapshot, policy, START).effects).toEqual(whole.effects);
    }),
    runs(100),
  );
});
