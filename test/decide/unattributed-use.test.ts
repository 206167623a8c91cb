import { decide, type GpuMeasurement, MINUTE_MS, SECOND_MS } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { aPolicy, aPool, aPoolNode, aSnapshot, START } from "../builders/index.ts";

const POOL = aPool("small", ["g6.xlarge"], { keepTimeMs: 2 * MINUTE_MS });
const NODE = aPoolNode(POOL, "node").build();

/** What becomes of a node `s` seconds after it was seen empty, with its last sample of `sampleS` seconds after that. */
function fate(s: number, sampleS: number, lastUtilizationMilli = 900): string {
  const policy = aPolicy([POOL]);
  const now = START + s * SECOND_MS;
  const measurement: GpuMeasurement = {
    node: "node",
    pods: [],
    gpu: "GPU-0",
    lastSampleAt: START + sampleS * SECOND_MS,
    lastUtilizationMilli,
    meanUtilizationMilli: lastUtilizationMilli,
    coverageMilli: 1_000,
  };
  const state = { emptySince: { [NODE.instanceId ?? ""]: START } };
  const snapshot = aSnapshot(policy, { nodes: [NODE], measurements: [measurement], state }, now);
  const plan = decide(snapshot, policy, now);
  if (plan.effects.some(({ kind }) => kind === "TerminateInstances")) return "goes";
  return plan.nodes.flatMap(({ reasons }) => reasons.map(({ code }) => code)).join();
}

describe("a node whose GPU measured busy when its keep time is over", () => {
  // Managed Prometheus tells of samples 41 s before the evaluation, which is up to 15 s old, or more where it is late.
  test.each([41, 56, 66, 80, 100, 119])("is kept when the last sample is %i s old", (age) => {
    expect(fate(120, 120 - age)).toBe("UnattributedUse");
  });

  test("is kept for half an hour by a sample of after its last pod, and no longer", () => {
    expect(fate(31 + 29 * 60, 31)).toBe("UnattributedUse");
    expect(fate(31 + 30 * 60, 31)).toBe("goes");
  });

  test("is not kept for long by a sample that may be of its last pod, when no other comes", () => {
    expect(fate(120, -10)).toBe("UnattributedUse");
    expect(fate(180, -10)).toBe("goes");
  });

  test("goes when the last sample is idle, however old", () => {
    expect(fate(120, 20, 0)).toBe("goes");
  });
});
