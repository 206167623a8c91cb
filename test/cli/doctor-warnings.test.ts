import { setPaused } from "@gpu-autoscaler/adapters";
import { MINUTE_MS } from "@gpu-autoscaler/core";
import { createMemoryStateStore } from "@gpu-autoscaler/sandbox";
import { describe, expect, test } from "vitest";
import { besides, doctorOf, OURS, other, type Planted, settings, withPod } from "./a-doctor.ts";

describe("others that harm nobody", () => {
  test("a Cluster Autoscaler of groups with other tags is ok", async () => {
    const { pod, kubernetes } = withPod(other("cluster-autoscaler-1"), [
      "--node-group-auto-discovery=asg:tag=team,stage=prod",
    ]);
    const { of } = await besides(pod, {
      kubernetes,
      ...settings({ tags: { ...OURS, team: "ml", stage: "dev" } }),
    });
    expect(of).toMatchObject([{ status: "ok" }]);
  });

  test("a Cluster Autoscaler of other groups is ok", async () => {
    const { pod, kubernetes } = withPod(other("x", { "app.kubernetes.io/name": "aws-cluster-autoscaler" }), [
      "--node-group-auto-discovery=asg:tag=k8s.io/cluster-autoscaler/enabled",
    ]);
    const { of } = await besides(pod, { kubernetes });
    expect(of).toMatchObject([
      { status: "ok", message: expect.stringContaining("none of the configuration's groups") },
    ]);
  });

  test("Karpenter is a warning: it may answer the same pods", async () => {
    const { of } = await besides(other("karpenter-7", { "app.kubernetes.io/name": "karpenter" }), {});
    expect(of).toMatchObject([{ status: "warning", mend: expect.stringContaining("instance-gpu-count") }]);
  });
});

describe("a warning leaves the exit status 0", () => {
  test.each<[string, Planted, told: RegExp]>([
    [
      "nothing is deployed",
      { aws: { groups: async () => [] } },
      /none of the 1 groups.*sst deploy makes them/,
    ],
    ["no workspace", { metricsUrl: null }, /no workspace is named: utilization is unknown.*METRICS_URL/],
    [
      "a zone without the type",
      { aws: { offeredZones: async () => new Map([["g6.xlarge", ["us-east-1a"]]]) } },
      /g6.xlarge is not offered in us-east-1b → EC2 has it in us-east-1a/,
    ],
    ["a table without TTL", { settings: { timeToLive: null } }, /TTL is off, not on expiresAt/],
    [
      "an old cluster",
      { kubernetes: { version: async () => ({ major: 1, minor: 29, text: "v1.29.0" }) } },
      /older than 1.33.*upgrade/,
    ],
    ["a group that is too small", settings({ max: 3 }), /MaxSize 3 is below the configuration's maxNodes 10/],
    [
      "a hook",
      settings({ terminationHooks: ["drain"] }),
      /lifecycle hooks hold up its terminations \(drain\)/,
    ],
  ])("%s", async (_, planted, told) => {
    const { status, grave } = await doctorOf(planted);
    expect(grave.map(({ message, mend }) => `${message} → ${mend}`).join("\n")).toMatch(told);
    expect(grave.map((each) => each.status)).toEqual(["warning"]);
    expect(status).toBe(0);
  });

  const AFTER_20_MIN = Date.UTC(2026, 0, 1, 0, 20);

  test("a node that nobody measures", async () => {
    const gpuMetrics = { readMeasurements: async () => ({ at: AFTER_20_MIN, measurements: [] }) };
    const { grave, node } = await doctorOf({ eyes: { gpuMetrics } });
    expect(grave).toMatchObject([
      { check: "metrics", place: `nodes ${node}`, mend: expect.stringContaining("DCGM exporter runs there") },
    ]);
  });

  test("rules that are no longer evaluated", async () => {
    const gpuMetrics = {
      readMeasurements: async () => ({ at: AFTER_20_MIN - 5 * MINUTE_MS, measurements: [] }),
    };
    const { grave } = await doctorOf({ eyes: { gpuMetrics } });
    expect(grave).toContainEqual(
      expect.objectContaining({ message: "the rules were last evaluated 5 min ago, older than staleAfter" }),
    );
  });

  test("a pause", async () => {
    const stateStore = createMemoryStateStore();
    await setPaused(stateStore, "production", "*", true);
    const { status, grave } = await doctorOf({ stateStore });
    expect(grave).toMatchObject([{ place: "cluster production", message: "is paused: the whole cluster" }]);
    expect(status).toBe(0);
  });
});
