import {
  decide,
  fnv1a,
  hasEnded,
  type LaunchIntent,
  type Plan,
  type Pod,
  type ReasonCode,
} from "@gpu-autoscaler/core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aPoolNode, START } from "../builders/index.ts";
import { type JudgedNode, type JudgedPod, judge } from "../fit/judge.ts";
import { type Situation, situations } from "./arbitraries.ts";
import { runs } from "./runs.ts";

/** Depend on where kube-scheduler binds the pods that fit on existing nodes, which the plan leaves to it. */
const UNDECIDED: ReadonlySet<ReasonCode> = new Set(["TopologySpreadConstraint", "PodAffinityMismatch"]);

describe("pods for which nodes are launched", () => {
  test("fit on them together, whichever of the group's types comes, by an independent judge", () => {
    let judged = 0;
    fc.assert(
      fc.property(situations(), (situation) => {
        const plan = decide(situation.snapshot, situation.policy, START);
        for (const { intent, node, pods } of newNodes(situation, plan)) {
          judged += pods.length;
          const placed = daemonsOn(situation, node);
          const nodes = [...situation.snapshot.nodes, node];
          const bound: JudgedPod[] = [
            ...situation.snapshot.pods.filter((pod) => pod.nodeName !== null && !hasEnded(pod)),
            ...placed,
          ];
          for (const pod of pods) {
            const why = judge(pod, node.name, nodes, bound, situation.snapshot.namespaces);
            expect(
              why.filter((code) => !UNDECIDED.has(code)),
              `${pod.name} on ${intent.group}`,
            ).toEqual([]);
            bound.push({ ...pod, nodeName: node.name });
          }
        }
      }),
      runs(500),
    );
    expect(judged).toBeGreaterThan(250);
  });

  test("of a gang are placed whole or not at all, on new nodes of one zone", () => {
    let whole = 0;
    let none = 0;
    fc.assert(
      fc.property(situations(), ({ snapshot, policy }) => {
        const plan = decide(snapshot, policy, START);
        const gangs = Map.groupBy(
          plan.demand.filter(({ gang }) => gang !== null),
          ({ gang }) => gang,
        );
        for (const [gang, decisions] of gangs) {
          const outcomes = decisions.flatMap((decision) => decision.outcomes);
          const placed = outcomes.filter(({ reason }) => PLACED.has(reason.code));
          expect([0, outcomes.length]).toContain(placed.length);
          const zones = plan.effects.flatMap((effect) =>
            effect.kind === "LaunchInstances" && effect.gang === gang
              ? [`${effect.group}/${effect.zone}`]
              : [],
          );
          expect(new Set(zones).size).toBeLessThanOrEqual(1);
          if (placed.length > 0) whole += 1;
          else none += 1;
        }
      }),
      runs(500),
    );
    expect(Math.min(whole, none)).toBeGreaterThan(20);
  });
});

const PLACED: ReadonlySet<ReasonCode> = new Set([
  "FitsExistingNode",
  "FitsUpcomingNode",
  "Launching",
  "LaunchRepeated",
  "DemandReturned",
]);

interface NewNode {
  readonly intent: LaunchIntent;
  readonly node: JudgedNode;
  readonly pods: readonly Pod[];
}

/** Each node of each launch that the plan begins, once for each type that it may turn out to be. */
function newNodes({ snapshot, policy }: Situation, plan: Plan): NewNode[] {
  const podOf = new Map(snapshot.pods.map((pod) => [fnv1a(pod.uid), pod]));
  return Object.entries(plan.state.launches).flatMap(([key, intent]) => {
    const pool = policy.pools.find(({ groups }) => groups.some(({ name }) => name === intent.group));
    const group = pool?.groups.findIndex(({ name }) => name === intent.group) ?? -1;
    if (!pool || key in snapshot.state.launches) return [];
    return intent.pods.flatMap((hashes, index) =>
      (pool.groups[group]?.instanceTypes ?? []).map((instanceType) => ({
        intent,
        node: aPoolNode(pool, `${key}-${index}-${instanceType}`, {
          group,
          zone: intent.zone,
          instanceType,
        }).build(),
        pods: hashes.flatMap((hash) => podOf.get(hash) ?? []),
      })),
    );
  });
}

function daemonsOn({ snapshot }: Situation, node: JudgedNode): JudgedPod[] {
  const placed: JudgedPod[] = [];
  for (const { template } of snapshot.daemonSets) {
    const why = judge(template, node.name, [node], placed, snapshot.namespaces);
    if (why.length === 0) placed.push({ ...template, nodeName: node.name });
  }
  return placed;
}
