import { HOUR_MS, type Policy, SECOND_MS } from "@gpu-autoscaler/core";
import { comparisonPolicy } from "@gpu-autoscaler/sandbox";
import { describe, expect, test } from "vitest";
import { aRow } from "../sandbox/a-world.ts";
import { play } from "./karpenter-play.ts";

/** A pod of one GPU that runs for days, submitted so many seconds after the start. */
const longRow = (name: string, seconds: number, fields: Parameters<typeof aRow>[1] = {}) =>
  aRow(name, { submitMs: seconds * SECOND_MS, durationMs: 100 * HOUR_MS, ...fields });

/** The comparison world without Spot, where a pool may have so many nodes. */
function withMaximum(name: string, maxNodes: number): Policy {
  const policy = comparisonPolicy("none");
  const pools = policy.pools.map((pool) => (pool.name === name ? { ...pool, maxNodes } : pool));
  return { ...policy, pools };
}

describe("Karpenter's provisioner", () => {
  // Prices an hour: g6.xlarge 0.8048, 2xlarge 0.9776, 4xlarge 1.3232, 8xlarge 2.0144, 16xlarge 3.3968 (one
  // GPU each), 12xlarge 4.6016, 24xlarge 6.6752 (four), 48xlarge 13.3504 (eight).
  const cases = {
    "a pod alone: the window closes a second after it, and the cheapest type that holds it is launched": {
      rows: [longRow("a", 0)],
      want: ["1 launch 1 g6-xlarge on-demand a"],
    },
    "a pod of 6 cores: g6.xlarge offers 3.92": {
      rows: [longRow("a", 0, { cpuMilli: 6_000 })],
      want: ["1 launch 1 g6-2xlarge on-demand a"],
    },
    // The window closes at 2.2 s; the next look is at 3 s.
    "three pods within a second of each other: one node for all, and four GPUs are the fewest that hold three":
      {
        rows: [longRow("a", 0), longRow("b", 0.5), longRow("c", 1.2)],
        want: ["3 launch 1 g6-12xlarge on-demand a"],
      },
    // 60 cores are more than a 12xlarge's 47.8.
    "two pods of 30 cores: what holds both together": {
      rows: [longRow("a", 0, { cpuMilli: 30_000 }), longRow("b", 0, { cpuMilli: 30_000 })],
      want: ["1 launch 1 g6-24xlarge on-demand a"],
    },
    // The pod of seven GPUs comes first for its cores and leaves room for one of the others.
    "the pods with the most cores are packed first, whatever their age": {
      rows: [longRow("a", 0), longRow("b", 0.1), longRow("c", 0.2, { gpus: 7, cpuMilli: 14_000 })],
      want: ["2 launch 1 g6-48xlarge on-demand a", "2 launch 1 g6-xlarge on-demand a"],
    },
    "a group at its maximum: the next cheapest type": {
      rows: [longRow("a", 0), longRow("b", 5)],
      policy: withMaximum("g6-xlarge", 1),
      want: ["1 launch 1 g6-xlarge on-demand a", "6 launch 1 g6-2xlarge on-demand a"],
    },
    "three pods five seconds apart: a node for each": {
      rows: [longRow("a", 0), longRow("b", 5), longRow("c", 10)],
      want: [
        "1 launch 1 g6-xlarge on-demand a",
        "6 launch 1 g6-xlarge on-demand a",
        "11 launch 1 g6-xlarge on-demand a",
      ],
    },
    // Eight of the twelve pods of the first ten seconds fill the largest type, the next four a 12xlarge.
    "pods that keep coming: the window closes after ten seconds": {
      rows: Array.from({ length: 14 }, (_, i) => longRow(`pod-${i}`, i * 0.9)),
      want: [
        "10 launch 1 g6-12xlarge on-demand a",
        "10 launch 1 g6-48xlarge on-demand a",
        "13 launch 1 g6-12xlarge on-demand a",
      ],
    },
    // The second pod fits on the 12xlarge that the first is waiting for.
    "a pod that fits on a node that is still to come": {
      rows: [longRow("a", 0, { gpus: 3 }), longRow("b", 30)],
      want: ["1 launch 1 g6-12xlarge on-demand a"],
    },
    "a gang of two nodes: both in one zone": {
      rows: [longRow("a", 0, { gpus: 8, gang: "g" }), longRow("b", 0, { gpus: 8, gang: "g" })],
      want: ["1 launch 2 g6-48xlarge on-demand a"],
    },
    // kube-scheduler binds a gang whole: its first pod waits for the second, which comes after 30 min.
    // Empty as it is, its node is expected to take a pod, so it stays.
    "a node for a pod that waits for the rest of its gang": {
      rows: [longRow("a", 0, { gang: "g" }), longRow("b", 1_800, { gang: "g" })],
      seconds: 1_900,
      want: ["1 launch 1 g6-xlarge on-demand a", "1801 launch 1 g6-xlarge on-demand a"],
    },
    // Both are asked for at 1 s, one comes. The offering rests until 182 s, and no other zone will do.
    "a gang whose second node lacks capacity where the first is": {
      rows: [longRow("a", 0, { gpus: 8, gang: "g" }), longRow("b", 0, { gpus: 8, gang: "g" })],
      world: { capacity: [{ zone: "us-east-1a", remaining: 1, untilMs: 60_000 }] },
      seconds: 200,
      want: ["1 launch 2 g6-48xlarge on-demand a", "182 launch 1 g6-48xlarge on-demand a"],
    },
    "a NodePool for each pool: the cheapest GPU first, so that no node is shared": {
      rows: [longRow("a", 0), longRow("b", 0), longRow("c", 0), longRow("d", 0, { gpus: 2 })],
      settings: { nodePools: "per-pool" } as const,
      want: ["1 launch 3 g6-xlarge on-demand a", "1 launch 1 g6-12xlarge on-demand a"],
    },
  };
  test.each(Object.entries(cases))("%s", async (_, { want, ...options }) => {
    const { seconds = 60 } = "seconds" in options ? options : {};
    const it = play(options);
    await it.until(seconds);
    expect([...it.told].sort(byTime)).toEqual([...want].sort(byTime));
  });
});

const byTime = (a: string, b: string) => Number.parseFloat(a) - Number.parseFloat(b) || (a < b ? -1 : 1);
