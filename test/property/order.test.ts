import { decide, type Snapshot } from "@gpu-autoscaler/core";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { START } from "../builders/index.ts";
import { situations } from "./arbitraries.ts";
import { runs } from "./runs.ts";

test("whatever order things are listed in, the plan is the same to the byte", () => {
  let acting = 0;
  fc.assert(
    fc.property(situations(), fc.nat(), ({ snapshot, policy }, turn) => {
      const plan = decide(snapshot, policy, START);
      if (plan.effects.length > 0) acting += 1;
      expect(JSON.stringify(decide(turned(snapshot, turn), policy, START))).toBe(JSON.stringify(plan));
    }),
    runs(400),
  );
  expect(acting).toBeGreaterThan(200);
});

test("in whatever order the state's memories come out of the store, the same is decided", () => {
  fc.assert(
    fc.property(situations(), ({ snapshot, policy }) => {
      const { state: next, ...plan } = decide(snapshot, policy, START);
      const { launches, emptySince, draining, capacityErrors, displaced } = snapshot.state;
      const state = {
        ...snapshot.state,
        launches: reversed(launches),
        emptySince: reversed(emptySince),
        draining: reversed(draining),
        capacityErrors: reversed(capacityErrors),
        displaced: reversed(displaced),
      };
      const { state: otherNext, ...other } = decide({ ...snapshot, state }, policy, START);
      expect(JSON.stringify(other)).toBe(JSON.stringify(plan));
      expect(otherNext).toEqual(next);
    }),
    runs(200),
  );
});

/** The same snapshot with every list of objects turned round and every map's keys the other way about. */
function turned(snapshot: Snapshot, turn: number): Snapshot {
  const rotate = <Item>(items: readonly Item[]): readonly Item[] => {
    const at = items.length === 0 ? 0 : turn % items.length;
    return [...items.slice(at), ...items.slice(0, at)].reverse();
  };
  return {
    ...snapshot,
    nodes: rotate(snapshot.nodes.map((node) => ({ ...node, labels: reversed(node.labels) }))),
    pods: rotate(
      snapshot.pods.map((pod) => ({
        ...pod,
        labels: reversed(pod.labels),
        annotations: reversed(pod.annotations),
      })),
    ),
    budgets: rotate(snapshot.budgets),
    groups: rotate(
      snapshot.groups.map((group) => ({
        ...group,
        instances: rotate(group.instances),
        shapes: rotate(group.shapes),
        tags: reversed(group.tags),
      })),
    ),
    measurements: rotate(snapshot.measurements),
    interruptions: rotate(snapshot.interruptions),
    prices: { onDemand: reversed(snapshot.prices.onDemand), spot: reversed(snapshot.prices.spot) },
    namespaces: reversed(snapshot.namespaces),
  };
}

function reversed<Value>(map: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(map).reverse());
}
