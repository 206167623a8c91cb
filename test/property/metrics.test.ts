import { asksForGpu, decide, type Effect, hasEnded, type Plan, type Snapshot } from "@gpu-autoscaler/core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { START } from "../builders/index.ts";
import { situations } from "./arbitraries.ts";
import { runs } from "./runs.ts";

describe("nodes with GPU pods", () => {
  test("are removed for nothing but a Spot interruption", () => {
    let removed = 0;
    fc.assert(
      fc.property(situations(), ({ snapshot, policy }) => {
        const busy = nodesWithGpuPods(snapshot);
        const hits = removals(decide(snapshot, policy, START)).filter(({ node }) => busy.has(node));
        removed += hits.length;
        expect(hits.filter(({ reason }) => reason !== "SpotInterruption")).toEqual([]);
      }),
      runs(500),
    );
    expect(removed).toBeGreaterThan(30);
  });

  test("are removed no sooner when measurements are missing", () => {
    let without = 0;
    const situation = situations({ stale: fc.constant([]) });
    fc.assert(
      fc.property(situation, fc.array(fc.boolean()), fc.boolean(), ({ snapshot, policy }, kept, unread) => {
        const busy = nodesWithGpuPods(snapshot);
        const ofBusy = (plan: Plan) => removals(plan).filter(({ node }) => busy.has(node));
        const fewer = withFewerMeasurements(snapshot, kept, unread);
        if (fewer.measurements.length === snapshot.measurements.length) return;
        without += 1;
        expect(ofBusy(decide(fewer, policy, START))).toEqual(ofBusy(decide(snapshot, policy, START)));
      }),
      runs(300),
    );
    expect(without).toBeGreaterThan(100);
  });
});

function nodesWithGpuPods({ pods }: Snapshot): Set<string> {
  return new Set(
    pods
      .filter((pod) => asksForGpu(pod.requests) && !hasEnded(pod))
      .flatMap(({ nodeName, nominatedNodeName }) => nodeName ?? nominatedNodeName ?? []),
  );
}

interface Removal {
  readonly kind: Effect["kind"];
  readonly node: string;
  readonly reason: string;
}

function removals({ effects }: Plan): Removal[] {
  return effects.flatMap((effect): Removal[] => {
    const { kind } = effect;
    const reason = effect.reason.code;
    // A closed node stays.
    if (reason === "NodeTooDear") return [];
    if (effect.kind === "CordonNode" || effect.kind === "EvictPod")
      return [{ kind, node: effect.node, reason }];
    if (effect.kind !== "TerminateInstances") return [];
    return effect.instances.flatMap(({ node }) => (node === null ? [] : [{ kind, node, reason }]));
  });
}

/** Without those that are not kept; without any, and with a problem, where they could not be read. */
function withFewerMeasurements(snapshot: Snapshot, kept: readonly boolean[], unread: boolean): Snapshot {
  if (!unread) return { ...snapshot, measurements: snapshot.measurements.filter((_, i) => kept[i] ?? false) };
  const measurements = { at: 0, problem: "Amazon Managed Prometheus did not answer" };
  return { ...snapshot, measurements: [], freshness: { ...snapshot.freshness, measurements } };
}
