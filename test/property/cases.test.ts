import {
  DRAINING_TAINT,
  decide,
  GPU,
  GPU_MODEL_LABEL,
  HOUR_MS,
  type LaunchIntent,
  MINUTE_MS,
  NANO_DOLLARS_PER_DOLLAR,
  type Policy,
  type Pool,
  SECOND_MS,
  type Snapshot,
} from "@gpu-autoscaler/core";
import { runPolicy } from "@gpu-autoscaler/sandbox";
import { describe, expect, test } from "vitest";
import {
  anInstance,
  aPod,
  aPolicy,
  aPool,
  aPoolNode,
  aSnapshot,
  pricesOf,
  type SnapshotParts,
  START,
} from "../builders/index.ts";
import { aRow } from "../sandbox/a-world.ts";
import { carryOut } from "./carry-out.ts";

/** Cases that random situations came upon, each as small as it gets. */

const small = aPool("small", ["g6.xlarge"], { zones: ["us-east-1a"] });
const adopted = aPool("adopted", ["g6.xlarge"], { zones: ["us-east-1a"], group: { adopted: true } });
const pending = aPod("waiting")
  .gpu(1)
  .cpu(1)
  .ownedBy("Job", "waiting")
  .unschedulableSince(START - 10 * MINUTE_MS);
const justCreated = pending.named("just-created").priority(10).with({ unschedulableSince: null });

function deciding(pools: readonly Pool[], parts: SnapshotParts, changes: Partial<Policy> = {}) {
  const policy = aPolicy(pools, changes);
  const snapshot = aSnapshot(policy, parts);
  const plan = decide(snapshot, policy, START);
  const again = (types?: Parameters<typeof carryOut>[2]) =>
    decide(carryOut({ policy, snapshot }, plan, types).snapshot, policy, START + 1);
  return { policy, snapshot, plan, again, kinds: plan.effects.map(({ kind }) => kind) };
}

describe("launches", () => {
  test("a group of several types promises no GPU model that only some of them have", () => {
    const mixed = aPool("mixed", ["g6.2xlarge", "g5.xlarge"]);
    const { kinds } = deciding([mixed], { pods: [pending.selecting({ [GPU_MODEL_LABEL]: "l4" }).build()] });
    expect(kinds).toEqual([]);
  });

  test("what an adopted group was asked for counts towards the dollars an hour", () => {
    const name = "adopted-on-demand";
    const { plan } = deciding(
      [adopted],
      { pods: pending.times(2), statuses: { [name]: { desired: 1 } } },
      { scaleUp: { ...aPolicy([]).scaleUp, maxNanoDollarsPerHour: NANO_DOLLARS_PER_DOLLAR } },
    );
    expect(plan.effects.filter(({ kind }) => kind === "SetDesiredCapacity")).toEqual([]);
  });

  test("a pod that is not judged yet does not take what an adopted group was raised for", () => {
    const pods = [pending.build(), justCreated.build()];
    expect(deciding([adopted], { pods }).again().effects).toEqual([]);
  });

  test("a gang does not take what was launched for another, when a larger type came than was counted on", () => {
    const taints = [{ key: GPU, value: "present", effect: "NoSchedule" as const }];
    const pair = aPool("pair", ["g7.12xlarge"], { zones: ["us-east-1a"], taints });
    const single = aPool("single", ["g6.xlarge", "g6.2xlarge"], { zones: ["us-east-1a"] });
    const two = pending.gang("two", 2).named("two").priority(10).cpu(6).tolerating(GPU).times(2);
    const one = pending.gang("one", 1).named("one").build();
    const { again } = deciding([single, pair], { pods: [...two, one] });
    expect(again((types) => types.at(-1) ?? "").effects).toEqual([]);
  });
});

test("a gang counts on a node that serves rather than on one to come in a zone of an earlier name", () => {
  const zones = ["us-east-1a", "us-east-1b"];
  const pool = aPool("pool", ["g6.xlarge"], { zones, keepTimeMs: 0 });
  const serving = aPoolNode(pool, "serving", { zone: "us-east-1b" }).build();
  const booting = anInstance("i-booting", "g6.xlarge", { launchedAt: START - MINUTE_MS });
  const { plan } = deciding([pool], {
    nodes: [serving],
    instances: { "pool-on-demand": [booting] },
    pods: [pending.gang("gang", 1).build()],
  });
  expect(plan.effects).toEqual([]);
  expect(plan.demand[0]?.outcomes.map(({ reason }) => reason.code)).toEqual(["FitsExistingNode"]);
});

test("a second decision of one tick launches under a token of its own", () => {
  const { plan, policy, snapshot } = deciding([small], { pods: [pending.build()] });
  const { snapshot: after } = carryOut({ policy, snapshot }, plan);
  const pods = [...after.pods, pending.named("another").build()];
  const second = decide({ ...after, pods }, policy, START);
  const keys = second.effects.map(({ key }) => key);
  expect(keys).toHaveLength(1);
  expect(plan.effects.map(({ key }) => key)).not.toContain(keys[0]);
});

describe("open launches", () => {
  const open: LaunchIntent = {
    group: "small-on-demand",
    zone: "us-east-1a",
    count: 1,
    gang: null,
    createdAt: START - MINUTE_MS,
    instances: null,
    pods: [],
  };
  const large = aPool("large", ["g6.12xlarge"], { zones: ["us-east-1a"] });

  test("that nobody needs hold back no other launch beyond the tick", () => {
    const { plan, policy, snapshot } = deciding(
      [small, large],
      { pods: [pending.gpu(4).build()], state: { launches: { open } } },
      { scaleUp: { ...aPolicy([]).scaleUp, maxLaunchesPerTick: 1 } },
    );
    const next = decide({ ...snapshot, state: plan.state }, policy, START + SECOND_MS);
    const isDueAnyway = plan.reconsiderAt <= START + SECOND_MS;
    expect(isDueAnyway || next.effects.length === 0).toBe(true);
  });

  test("whose instance EC2 takes before it is listed are known until it would be", () => {
    const spot = aPool("spot", ["g6.xlarge"], { zones: ["us-east-1a"], capacityTypes: ["spot"] });
    const launched = [{ id: "i-taken", zone: "us-east-1a", instanceType: "g6.xlarge" }];
    const made: LaunchIntent = { ...open, group: "spot-spot", instances: launched };
    const { plan } = deciding([spot], {
      state: { launches: { made } },
      interruptions: [
        {
          instanceId: "i-taken",
          kind: "spot-interruption",
          noticedAt: START,
          deadline: START + 2 * MINUTE_MS,
        },
      ],
    });
    expect(Object.keys(plan.state.launches)).toEqual(["made"]);
  });
});

test("an empty node on its way out is not taken back when EC2 takes it", () => {
  const spot = aPool("spot", ["g6.xlarge"], { zones: ["us-east-1a"], capacityTypes: ["spot"] });
  const { kinds } = deciding([spot], {
    nodes: [aPoolNode(spot, "taken").cordoned().tainted(DRAINING_TAINT, { value: "true" }).build()],
    pods: [pending.build()],
    state: { draining: { taken: { instanceId: "i-taken", since: START - SECOND_MS, reason: "NodeEmpty" } } },
    interruptions: [
      { instanceId: "i-taken", kind: "spot-interruption", noticedAt: START, deadline: START + 2 * MINUTE_MS },
    ],
  });
  expect(kinds).not.toContain("UncordonNode");
});

describe("minimum sizes", () => {
  const kept = { ...small, minNodes: 1, keepTimeMs: 0 };

  test("are not met by a node that is being terminated", () => {
    const going = aPoolNode(kept, "going").cordoned().tainted(DRAINING_TAINT).build();
    const staying = aPoolNode(kept, "staying").build();
    const { kinds } = deciding([kept], {
      nodes: [going, staying],
      statuses: {
        "small-on-demand": {
          instances: [
            anInstance("i-going", "g6.xlarge", { lifecycle: "terminating" }),
            anInstance("i-staying", "g6.xlarge"),
          ],
        },
      },
    });
    expect(kinds).toEqual([]);
  });

  test("are not met by a node that is yet to serve", () => {
    const staying = aPoolNode(kept, "staying").build();
    const { kinds } = deciding([kept], {
      nodes: [staying],
      instances: {
        "small-on-demand": [anInstance("i-booting", "g6.xlarge", { launchedAt: START - MINUTE_MS })],
      },
    });
    expect(kinds).toEqual([]);
  });
});

test("of several busy GPUs without a pod the first by name is told, in whatever order they are listed", () => {
  const node = aPoolNode(small, "node").build();
  const busy = (gpu: string): Snapshot["measurements"][number] => ({
    node: "node",
    gpu,
    pods: [],
    lastSampleAt: START,
    lastUtilizationMilli: 900,
    meanUtilizationMilli: 900,
    coverageMilli: 1000,
  });
  const told = (measurements: Snapshot["measurements"]) =>
    deciding([small], { nodes: [node], measurements, state: { emptySince: { "i-node": START - HOUR_MS } } })
      .plan.nodes;
  expect(told([busy("GPU-b"), busy("GPU-a")])).toEqual(told([busy("GPU-a"), busy("GPU-b")]));
});

test("a gang of a small pod and one that needs a whole node runs, though the small one comes first", async () => {
  const quad = aPool("quad", ["g6.12xlarge"], { zones: ["us-east-1a"] });
  const eight = aPool("eight", ["g6.48xlarge"], { zones: ["us-east-1a"] });
  const brief = { durationMs: 5 * SECOND_MS };
  const rows = [
    aRow("first", { ...brief, gpus: 2 }),
    aRow("small", { ...brief, gang: "gang" }),
    aRow("large", { ...brief, gang: "gang", gpus: 8, submitMs: MINUTE_MS }),
  ];
  const policy = aPolicy([quad, eight]);
  const world = { cluster: "test", pools: policy.pools, prices: pricesOf(policy), rows };
  const result = await runPolicy({ world, policy });
  expect(result.rows.map(({ status }) => status)).toEqual(["ended", "ended", "ended"]);
});
