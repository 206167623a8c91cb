import { CLOSED_TAINT, decide, HOUR_MS, MOVABLE_ANNOTATION, type Pool } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { aPod, aPolicy, aPool, aPoolNode, aSnapshot, START } from "../builders/index.ts";

const single = aPool("single", ["g6.xlarge"]);
const octo = aPool("octo", ["g6.48xlarge"]);

/** A closed, free node of four GPUs, and a pod that needs two. */
function planFor(quad: Pool, paused: readonly string[] = []) {
  const closed = { key: CLOSED_TAINT, value: "true", effect: "NoSchedule" } as const;
  const node = aPoolNode(quad, "node")
    .with({ unschedulable: true, taints: [closed] })
    .build();
  const pod = aPod("two").gpu(2).cpu(4).memoryGi(16).classed("training").unschedulableSince(START).build();
  const policy = aPolicy([single, quad, octo]);
  return decide(aSnapshot(policy, { nodes: [node], pods: [pod], state: { paused } }), policy, START);
}

const kindsOf = (plan: ReturnType<typeof planFor>) => plan.effects.map(({ kind, pool }) => `${kind} ${pool}`);

describe("a closed node", () => {
  test("is opened for the pod that needs it", () => {
    expect(kindsOf(planFor(aPool("quad", ["g6.12xlarge"])))).toEqual(["UncordonNode quad"]);
  });

  test("of a paused pool is counted on by nobody: another pool launches", () => {
    expect(kindsOf(planFor(aPool("quad", ["g6.12xlarge"]), ["quad"]))).toEqual(["LaunchInstances octo"]);
  });

  test("of a pool in dry run is counted on by nobody: another pool launches", () => {
    const plan = planFor(aPool("quad", ["g6.12xlarge"], { dryRun: true }));
    expect(kindsOf(plan)).toContain("LaunchInstances octo");
  });
});

describe("a node of four GPUs that costs much more for each than a node of one", () => {
  const quad = aPool("quad", ["g6.12xlarge"]);
  const policy = aPolicy([single, quad]);
  const node = aPoolNode(quad, "node").build();

  /** A Job's pods of one GPU that run on the node, each with so many CPUs. */
  function planBeside(...cpus: readonly number[]) {
    const pods = cpus.map((cpu, i) =>
      aPod(`job-${i}`)
        .gpu(1)
        .cpu(cpu)
        .memoryGi(8)
        .classed("training")
        .ownedBy("Job", `job-${i}`)
        .on("node")
        .build(),
    );
    return decide(aSnapshot(policy, { nodes: [node], pods }), policy, START);
  }

  test.each([
    { which: "that would fit on a small node, is closed", cpus: [2], want: ["CordonNode quad"] },
    { which: "that ask for more CPUs than a small node has, is open", cpus: [10], want: [] },
    { which: "of which none runs, is closed", cpus: [], want: ["CordonNode quad"] },
  ])("beside small pods $which", ({ cpus, want }) => {
    const closing = planBeside(...cpus).effects.filter(({ reason }) => reason.code === "NodeTooDear");
    expect(closing.map(({ kind, pool }) => `${kind} ${pool}`)).toEqual(want);
  });
});

test("a launch that replaces a dear node has the offers that it was chosen from", () => {
  const quad = aPool("quad", ["g6.12xlarge"], { underusedAfterMs: 0 });
  const server = aPod("server").gpu(1).cpu(2).memoryGi(8).ownedBy("ReplicaSet", "server");
  const pod = server
    .annotated({ [MOVABLE_ANNOTATION]: "true" })
    .on("node")
    .build();
  const snapshot = aSnapshot(aPolicy([single, quad]), {
    nodes: [aPoolNode(quad, "node").build()],
    pods: [{ ...pod, createdAt: START - 24 * HOUR_MS }],
  });
  const plan = decide(snapshot, aPolicy([single, quad]), START);
  expect(plan.effects.map(({ kind, reason }) => `${kind} ${reason.code}`)).toContain(
    "LaunchInstances PodsReplaceable",
  );
  expect(plan.offers?.map(({ pool }) => pool)).toEqual(["single", "quad"]);
});
