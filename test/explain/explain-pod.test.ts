import {
  decide,
  explainPod,
  explanationText,
  HOUR_MS,
  MINUTE_MS,
  type PodDecided,
  type PodExplanation,
  type Policy,
  type Pool,
  SECOND_MS,
  type Snapshot,
} from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { aPod, aPolicy, aPool, aPoolNode, aSnapshot, type SnapshotParts, START } from "../builders/index.ts";

const SINGLE = aPool("single", ["g6.xlarge"], { capacityTypes: ["spot", "on-demand"] });
const QUAD = aPool("quad", ["g6.12xlarge"]);
const POLICY = aPolicy([SINGLE, QUAD]);

const waiting = aPod("train")
  .gpu(1)
  .cpu(2)
  .memoryGi(8)
  .classed("training")
  .ownedBy("Job", "train")
  .createdAt(START - 5 * MINUTE_MS)
  .unschedulableSince(START - 5 * MINUTE_MS);

function explained(parts: SnapshotParts, name = "default/train", policy: Policy = POLICY): PodExplanation {
  const snapshot: Snapshot = aSnapshot(policy, parts);
  const explanation = explainPod(snapshot, decide(snapshot, policy, START), name);
  if (!explanation) throw new Error(`no explanation of ${name}`);
  return explanation;
}

function decidedOf({ story }: PodExplanation): PodDecided {
  const decided = story.find((each) => each.event === "Decided");
  if (!decided) throw new Error("nothing was decided");
  return decided;
}

/** Codes, then the groups in their order. */
const refusalsOf = (explanation: PodExplanation) =>
  decidedOf(explanation).refusals.map(({ codes, refused }) => [
    codes.join(),
    refused.map(({ pool, group, zone }) => [group ?? `pool ${pool}`, zone].filter(Boolean).join(" in ")),
  ]);

describe("a pod that waits", () => {
  test("has its launch, and what it was cheaper than, the best first", () => {
    const explanation = explained({ pods: [waiting.build()] });
    expect(explanation).toMatchObject({
      kind: "pod",
      standing: "waiting",
      node: null,
      asksFor: "1 nvidia.com/gpu, 2 cpu, 8 Gi",
      story: [
        { event: "Created", at: START - 5 * MINUTE_MS },
        { event: "Decided", at: START },
      ],
    });
    const { reason, launch } = decidedOf(explanation);
    expect(reason.code).toBe("Launching");
    expect(launch).toMatchObject({
      effect: { group: "single-spot", zone: "us-east-1a" },
      outcome: null,
      others: 0,
      price: { nanoDollarsPerHour: 281_680_000, effectiveNanoDollarsPerHour: 284_496_800, podsPerNode: 1 },
    });
    expect(refusalsOf(explanation)).toEqual([
      ["SpotShareReached", ["single-spot in us-east-1b", "single-spot in us-east-1c"]],
      ["NotCheapest", ["single-on-demand", "quad-on-demand"]],
    ]);
    expect(explanationText(explanation)).toContain("$0.8048 a pod, 183 % more");
  });

  test("has its reason while it has not waited long enough", () => {
    const policy = aPolicy([QUAD], {
      scaleUp: { ...POLICY.scaleUp, pendingForMs: { high: 0, normal: 10 * MINUTE_MS, low: 0 } },
    });
    const explanation = explained({ pods: [waiting.build()] }, "default/train", policy);
    expect(decidedOf(explanation)).toMatchObject({
      reason: { code: "PendingForNotReached" },
      launch: null,
      refusals: [],
    });
    expect(explanationText(explanation)).toContain(
      "pending since 2025-12-31 23:55:00Z, PendingForNotReached",
    );
  });

  test("has the limits that keep nodes from it, the best group first whatever the order of the pools", () => {
    const full = (pool: Pool): Pool => ({ ...pool, maxNodes: 0 });
    for (const pools of [
      [full(SINGLE), full(QUAD)],
      [full(QUAD), full(SINGLE)],
    ]) {
      const explanation = explained({ pods: [waiting.build()] }, "default/train", aPolicy(pools));
      expect(decidedOf(explanation).reason.code).toBe("NoCapacityLeft");
      expect(refusalsOf(explanation)).toEqual([
        ["PoolMaxSizeReached", ["single-spot", "single-on-demand", "quad-on-demand"]],
      ]);
    }
  });

  test("has a Spot that is not for it, though that is cheapest", () => {
    const server = waiting.classed("serving").ownedBy("ReplicaSet", "web");
    const explanation = explained({ pods: [server.build()] });
    expect(refusalsOf(explanation)[0]).toEqual(["NotInterruptible", ["single-spot"]]);
    expect(explanationText(explanation)).toMatch(/single-spot: spot, .* 65 % less/);
  });

  test("fits nowhere: what lacks least comes first", () => {
    const vast = waiting.gpu(4).memoryGi(500);
    const explanation = explained({ pods: [vast.build()] });
    expect(decidedOf(explanation).reason.code).toBe("NoFeasibleGroup");
    expect(refusalsOf(explanation)).toEqual([
      ["InsufficientMemory", ["pool quad"]],
      ["InsufficientMemory,InsufficientExtendedResource", ["pool single"]],
    ]);
  });

  test("is told of its place among equal pods of which only some can be served", () => {
    const policy = aPolicy([{ ...QUAD, maxNodes: 1 }]);
    const pods = waiting.named("train").times(6);
    const first = explained({ pods }, "default/train-0", policy);
    const last = explained({ pods }, "default/train-5", policy);
    expect([decidedOf(first).reason.code, decidedOf(last).reason.code]).toEqual([
      "Launching",
      "NoCapacityLeft",
    ]);
    expect(decidedOf(last)).toMatchObject({ alike: 6, launch: null, outcomes: [{ count: 4 }, { count: 2 }] });
    expect(explanationText(last)).toContain("[of 6 equal pods: 4 Launching, 2 NoCapacityLeft]");
  });

  test("of a gang says so", () => {
    const pods = waiting.gang("pair", 2).times(2);
    const explanation = explained({ pods }, "default/train-1");
    expect(explanation.gang).toBe("default/pair");
    expect(explanationText(explanation)).toContain("of gang default/pair");
  });

  test("is no demand while it is gated", () => {
    const explanation = explained({ pods: [waiting.gatedBy("example.com/quota").build()] });
    expect(decidedOf(explanation).reason).toEqual({ code: "SchedulingGated", detail: "example.com/quota" });
  });

  test("rides along on a node that is launched for another, and is not compared with what it costs alone", () => {
    const three = waiting.named("three").gpu(3).build();
    const explanation = explained(
      { pods: [three, waiting.build()] },
      "default/train",
      aPolicy([QUAD, SINGLE]),
    );
    expect(decidedOf(explanation).launch).toMatchObject({ effect: { group: "quad-on-demand" }, others: 1 });
    expect(explanationText(explanation)).toContain("it fills room on a node that others need");
    expect(explanationText(explanation)).not.toContain("% less");
  });

  test("gets a Spot node that others are expected to share, and is told why a dearer one", () => {
    const capacityTypes = ["on-demand", "spot"] as const;
    const [solo, quad] = [
      aPool("solo", ["g6.4xlarge"], { capacityTypes }),
      aPool("quad", ["g6.12xlarge"], { capacityTypes }),
    ];
    const asking = (name: string) => aPod(name).gpu(1).cpu(10).memoryGi(20).classed("batch");
    const names = Array.from({ length: 6 }, (_, i) => `quad-${i}`);
    const running = names.flatMap((node) =>
      [0, 1, 2, 3].map((i) => asking(`${node}-${i}`).ownedBy("Job", node).on(node).build()),
    );
    const pod = asking("train").unschedulableSince(START).build();
    const nodes = names.map((name) => aPoolNode(quad, name).build());
    const explanation = explained({ nodes, pods: [...running, pod] }, "default/train", aPolicy([solo, quad]));
    expect(decidedOf(explanation).launch).toMatchObject({ effect: { group: "quad-spot" }, others: 0 });
    expect(explanationText(explanation)).toContain("% less");
    expect(explanationText(explanation)).toContain(
      "pods that are still to come are expected to share the node",
    );
  });
});

describe("a pod that does not wait", () => {
  const node = aPoolNode(QUAD, "node").build();
  test.each([
    ["is on its node", waiting.on("node").build(), "bound", "bound to node"],
    [
      "is about to preempt",
      waiting.nominatedTo("node").build(),
      "nominated",
      "kube-scheduler makes room for it on node",
    ],
    ["ran to its end", waiting.on("node").phase("Succeeded").build(), "ended", "ended on node"],
    ["is being deleted", waiting.deletedAt(START).build(), "ended", "ended"],
    [
      "asks for no GPU",
      aPod("train")
        .cpu(1)
        .unschedulableSince(START - HOUR_MS)
        .build(),
      "no-gpu",
      "asks for no GPU",
    ],
  ] as const)("%s", (_, pod, standing, text) => {
    const explanation = explained({ pods: [pod], nodes: [node] });
    expect(explanation.standing).toBe(standing);
    expect(explanation.story.some(({ event }) => event === "Decided")).toBe(false);
    expect(explanationText(explanation)).toContain(`pod default/train: ${text}`);
  });

  test("is to be evicted from its node, and why", () => {
    const nodes = [aPoolNode(QUAD, "a").build(), aPoolNode(QUAD, "b").build()];
    const replica = aPod("train").gpu(1).cpu(8).memoryGi(8).ownedBy("ReplicaSet", "web");
    const pods = [replica.on("b").build(), ...replica.named("web").on("a").times(3)];
    const state = { underusedSince: { "i-b": START - HOUR_MS } };
    const explanation = explained({ nodes, pods, state });
    expect(explanation.story).toMatchObject([
      { event: "Created" },
      { event: "On", node: "b", instance: "i-b" },
      { event: "Evicted", effect: { node: "b", reason: { code: "NodeUnderused" } }, outcome: null },
    ]);
    expect(explanationText(explanation)).toContain("evict from b: NodeUnderused");
  });

  test("is not there at all: there is no explanation", () => {
    const snapshot = aSnapshot(POLICY, { pods: [waiting.build()] });
    expect(explainPod(snapshot, decide(snapshot, POLICY, START), "default/other")).toBeNull();
  });
});

test("an explanation is data: it goes through JSON unchanged", () => {
  const explanation = explained({ pods: [waiting.unschedulableSince(START - 10 * SECOND_MS).build()] });
  expect(JSON.parse(JSON.stringify(explanation))).toEqual(explanation);
});
