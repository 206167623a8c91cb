import {
  decide,
  explainNode,
  explanationText,
  type GpuMeasurement,
  HOUR_MS,
  MINUTE_MS,
  type NodeExplanation,
  type NodeKept,
  type Policy,
} from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import {
  aNode,
  anInstance,
  aPod,
  aPolicy,
  aPool,
  aPoolNode,
  aSnapshot,
  type SnapshotParts,
  START,
} from "../builders/index.ts";

const QUAD = aPool("quad", ["g6.12xlarge"]);
const POLICY = aPolicy([QUAD]);
const node = aPoolNode(QUAD, "node");
const aJobPod = (name: string) => aPod(name).gpu(1).cpu(2).memoryGi(8).ownedBy("Job", name);
const aReplica = (name: string) => aPod(name).gpu(1).cpu(2).memoryGi(8).ownedBy("ReplicaSet", "web");

function explained(parts: SnapshotParts, name = "node", policy: Policy = POLICY): NodeExplanation {
  const snapshot = aSnapshot(policy, parts);
  const explanation = explainNode(snapshot, decide(snapshot, policy, START), name);
  if (!explanation) throw new Error(`no explanation of ${name}`);
  return explanation;
}

const keptOf = ({ story }: NodeExplanation) =>
  story.filter((each): each is NodeKept => each.event === "Kept").flatMap(({ reasons }) => reasons);

const aMeasurement = (gpu: number, pod: string, milli: number, coverageMilli = 1000): GpuMeasurement => ({
  node: "node",
  pods: [pod],
  gpu: `GPU-${gpu}`,
  lastSampleAt: START,
  lastUtilizationMilli: milli,
  meanUtilizationMilli: milli,
  coverageMilli,
});

describe("a node that GPU pods hold", () => {
  const pods = [aJobPod("a").gpu(2).on("node").build(), aJobPod("b").on("node").build()];
  const busy = [
    aMeasurement(0, "default/a", 900),
    aMeasurement(1, "default/a", 700),
    aMeasurement(2, "default/b", 950),
  ];

  test("is in no decision: who holds it, how much is requested and how busy it is", () => {
    const explanation = explained({ nodes: [node.build()], pods, measurements: busy });
    expect(explanation).toMatchObject({
      standing: "held",
      pool: "quad",
      group: "quad-on-demand",
      instance: "i-node",
      instanceType: "g6.12xlarge",
      zone: "us-east-1a",
    });
    expect(explanation.story).toMatchObject([
      { event: "Launched", at: START - HOUR_MS - MINUTE_MS, launch: null },
      {
        event: "Held",
        resources: [{ name: "nvidia.com/gpu", requested: 3, allocatable: 4 }],
        pods: [
          { pod: "default/a", asksFor: { "nvidia.com/gpu": 2 }, measuredMilli: 800 },
          { pod: "default/b", asksFor: { "nvidia.com/gpu": 1 }, measuredMilli: 950 },
        ],
        measuredMilli: 850,
      },
    ]);
    expect(explanationText(explanation)).toContain(
      "node node: stays: 2 GPU pods request 3 of 4 nvidia.com/gpu, measured 85 % busy",
    );
  });

  test.each([
    ["without any sample", []],
    ["with samples of one pod only", busy.slice(0, 2)],
    ["with samples that did not all come", [...busy.slice(0, 2), aMeasurement(2, "default/b", 950, 900)]],
  ])("%s is of unknown use, not idle", (_, measurements) => {
    const explanation = explained({ nodes: [node.build()], pods, measurements });
    expect(explanation.story.find(({ event }) => event === "Held")).toMatchObject({ measuredMilli: null });
    expect(explanationText(explanation)).toContain("how busy they are was not measured");
  });

  test("may serve fewer GPUs than it should, which is a remark and not why it stays", () => {
    const explanation = explained({ nodes: [node.gpu(3).build()], pods });
    expect(explanation.standing).toBe("held");
    expect(keptOf(explanation)).toEqual([{ code: "GpusMissing", detail: "serves 3 of 4 nvidia.com/gpu" }]);
  });

  test("counts MIG slices by their names", () => {
    const cut = aPool("cut", ["p5.48xlarge"], {
      sharing: { kind: "mig", strategy: "mixed", profiles: { "1g.10gb": 7 } },
    });
    const pod = aPod("a").asking("nvidia.com/mig-1g.10gb", 2).ownedBy("Job", "a").on("node").build();
    const parts = { nodes: [aPoolNode(cut, "node").build()], pods: [pod] };
    const explanation = explained(parts, "node", aPolicy([cut]));
    expect(explanation.story.find(({ event }) => event === "Held")).toMatchObject({
      resources: [{ name: "nvidia.com/mig-1g.10gb", requested: 2, allocatable: 56 }],
    });
  });
});

describe("a node that could go", () => {
  test("and is empty: since when, and how long it is kept", () => {
    const state = { emptySince: { "i-node": START - 2 * MINUTE_MS } };
    const explanation = explained({ nodes: [node.build()], state });
    expect(explanation.standing).toBe("kept");
    expect(explanation.story).toMatchObject([
      { event: "Launched" },
      { event: "Noted", what: "Empty", at: START - 2 * MINUTE_MS },
      { event: "Kept", until: null, reasons: [{ code: "NotUnneededLongEnough", detail: "kept for 300 s" }] },
    ]);
  });

  test("and is underused by pods that are not moved: which they are, and who holds it", () => {
    const state = { underusedSince: { "i-node": START - HOUR_MS } };
    const explanation = explained({ nodes: [node.build()], pods: [aJobPod("a").on("node").build()], state });
    expect(explanation.standing).toBe("kept");
    expect(keptOf(explanation)).toEqual([{ code: "NotMovable", detail: "default/a is of a Job" }]);
    expect(explanationText(explanation)).toMatch(/underused since then\n.* held: 1 GPU pod requests 1 of 4/);
  });

  test("and is left alone after a drain of it was undone: until when", () => {
    const state = {
      underusedSince: { "i-node": START - HOUR_MS },
      drainRests: { "i-node": START + 5 * MINUTE_MS },
    };
    const nodes = [node.build(), aPoolNode(QUAD, "other").build()];
    const pods = [aReplica("web-0").on("node").build(), ...aReplica("web").on("other").times(3)];
    const explanation = explained({ nodes, pods, state });
    expect(keptOf(explanation)).toEqual([{ code: "DrainResting", detail: "" }]);
    expect(explanation.story.at(-1)).toEqual({
      event: "Noted",
      what: "RestingUntil",
      at: START + 5 * MINUTE_MS,
    });
  });

  test("and is ended now: cordoned, ended, and why", () => {
    const state = { emptySince: { "i-node": START - HOUR_MS } };
    const explanation = explained({ nodes: [node.build()], state });
    expect(explanation.standing).toBe("leaving");
    expect(explanation.story.filter(({ event }) => event === "Done")).toMatchObject([
      { effect: { kind: "CordonNode", reason: { code: "NodeEmpty" } }, outcome: null },
      { effect: { kind: "TerminateInstances", reason: { code: "NodeEmpty" } }, outcome: null },
    ]);
    expect(explanationText(explanation)).toContain("node node: is being drained: NodeEmpty");
  });

  test("and is being drained: since when, whose turn it is, and what a budget holds back", () => {
    const nodes = [
      node.cordoned().tainted("gpu-autoscaler.io/draining").build(),
      aPoolNode(QUAD, "other").build(),
    ];
    const pods = [
      aReplica("web-0").labelled({ app: "web" }).on("node").build(),
      ...aReplica("web").labelled({ app: "web" }).on("other").times(3),
    ];
    const selector = [{ key: "app", operator: "In", values: ["web"] }] as const;
    const budgets = [{ namespace: "default", name: "web", selector, disruptionsAllowed: 0 }];
    const drain = { instanceId: "i-node", since: START - MINUTE_MS, reason: "NodeUnderused" } as const;
    const explanation = explained({ nodes, pods, budgets, state: { draining: { node: drain } } });
    expect(explanation.standing).toBe("leaving");
    expect(explanation.story).toContainEqual({ event: "Noted", what: "Draining", at: START - MINUTE_MS });
    expect(keptOf(explanation)).toEqual([{ code: "NotEnoughPdb", detail: "default/web" }]);
  });

  test("and stays because the groups could not be read, which says also that nobody knows whose it is", () => {
    const parts = { nodes: [node.build()] };
    const whole = aSnapshot(POLICY, parts);
    const stale = { at: 0, problem: "DescribeAutoScalingGroups: 500" };
    const snapshot = { ...whole, groups: [], freshness: { ...whole.freshness, groups: stale } };
    const explanation = explainNode(snapshot, decide(snapshot, POLICY, START), "node");
    expect(explanation).toMatchObject({
      standing: "unknown",
      group: null,
      story: [
        { event: "Kept", reasons: [{ code: "GroupsStale", detail: "DescribeAutoScalingGroups: 500" }] },
      ],
    });
  });

  test("and stays because the pods could not be read", () => {
    const whole = aSnapshot(POLICY, { nodes: [node.build()] });
    const stale = { at: START - HOUR_MS, problem: null };
    const snapshot = { ...whole, freshness: { ...whole.freshness, pods: stale } };
    const explanation = explainNode(snapshot, decide(snapshot, POLICY, START), "node");
    expect(explanation).toMatchObject({ standing: "kept" });
    expect(explanation && keptOf(explanation)).toMatchObject([{ code: "PodsStale" }]);
  });
});

describe("a node that is not there yet", () => {
  const launches = {
    key: {
      group: "quad-on-demand",
      zone: "us-east-1b",
      count: 1,
      gang: null,
      pods: [[]],
      createdAt: START - MINUTE_MS,
      instances: [{ id: "i-new", zone: "us-east-1b", instanceType: "g6.12xlarge" }],
    },
  };

  test("goes by its instance's id, also before Auto Scaling lists it", () => {
    const explanation = explained({ state: { launches } }, "i-new");
    expect(explanation).toMatchObject({
      name: "i-new",
      standing: "upcoming",
      group: "quad-on-demand",
      zone: "us-east-1b",
      story: [{ event: "Launched", at: START - MINUTE_MS }],
    });
    expect(explanationText(explanation)).toContain("node i-new: launched, does not serve yet");
  });

  test("is upcoming until its GPUs are there", () => {
    const instances = {
      "quad-on-demand": [anInstance("i-new", "g6.12xlarge", { launchedAt: START - MINUTE_MS })],
    };
    const booting = aNode("booting").instance("i-new").build();
    const explanation = explained({ nodes: [booting], instances, state: { launches } }, "booting");
    expect(explanation).toMatchObject({ standing: "upcoming", instance: "i-new" });
  });
});

describe("a node that is none of ours", () => {
  test.each([
    [
      "which holds GPU pods",
      [aJobPod("a").on("theirs").build()],
      "is none of ours: 1 GPU pod requests 1 of 2",
    ],
    ["which holds none", [], "is none of ours\n"],
  ])("%s", (_, pods, text) => {
    const theirs = aNode("theirs").gpu(2).build();
    const explanation = explained({ nodes: [theirs], pods }, "theirs");
    expect(explanation).toMatchObject({ standing: "foreign", group: null, pool: null });
    expect(keptOf(explanation)).toEqual([{ code: "NotAutoscaled", detail: "" }]);
    expect(explanationText(explanation)).toContain(text);
  });
});

test("what is neither a node nor an instance has no explanation", () => {
  const snapshot = aSnapshot(POLICY, { nodes: [node.build()] });
  expect(explainNode(snapshot, decide(snapshot, POLICY, START), "nobody")).toBeNull();
});
