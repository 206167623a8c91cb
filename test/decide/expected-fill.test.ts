import { CLOSED_TAINT, decide } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { aPod, aPolicy, aPool, aPoolNode, aSnapshot, START } from "../builders/index.ts";

const capacityTypes = ["on-demand", "spot"] as const;
const solo = aPool("solo", ["g6.4xlarge"], { capacityTypes });
const quad = aPool("quad", ["g6.12xlarge"], { capacityTypes });
// A GPU of the larger machine costs 0.87 of one of the smaller.
const shipped = aPolicy([solo, quad]);

const asking = (name: string, gpus: number) => aPod(name).gpu(gpus).cpu(10).memoryGi(20);

interface Fleet {
  readonly nodes: number;
  readonly podsOnEach: number;
  readonly gpusOfEach: number;
  readonly closed?: boolean;
}

/** Where a pod of the class goes beside nodes of four GPUs that are held so. */
function launchedFor(workload: "batch" | "serving", fleet: Fleet, policy = shipped): string[] {
  const names = Array.from({ length: fleet.nodes }, (_, i) => `quad-${i}`);
  const taints = fleet.closed ? [{ key: CLOSED_TAINT, value: "true", effect: "NoSchedule" } as const] : [];
  const nodes = names.map((name) => aPoolNode(quad, name).with({ taints }).build());
  const running = names.flatMap((node) =>
    Array.from({ length: fleet.podsOnEach }, (_, i) =>
      asking(`${node}-${i}`, fleet.gpusOfEach)
        .ownedBy("Job", `${node}-${i}`)
        .classed("batch")
        .on(node)
        .build(),
    ),
  );
  const waiting = asking("waiting", 1).classed(workload).unschedulableSince(START).build();
  const { effects } = decide(aSnapshot(policy, { nodes, pods: [...running, waiting] }), policy, START);
  return effects.flatMap((effect) => (effect.kind === "LaunchInstances" ? [effect.group] : []));
}

describe("a pod that two machines would serve, the larger one's GPUs being cheaper", () => {
  const full = { nodes: 6, podsOnEach: 4, gpusOfEach: 1 };

  test("gets the larger one on Spot, where others of its kind are full", () => {
    expect(launchedFor("batch", full)).toEqual(["quad-spot"]);
  });

  test.each([
    { what: "there is none of them", fleet: { ...full, nodes: 0 } },
    { what: "there are few of them", fleet: { ...full, nodes: 4 } },
    { what: "their pods came in one piece", fleet: { ...full, podsOnEach: 1, gpusOfEach: 4 } },
    { what: "they take nobody", fleet: { ...full, closed: true } },
  ])("gets the smaller one where $what", ({ fleet }) => {
    expect(launchedFor("batch", fleet)).toEqual(["solo-spot"]);
  });

  test("gets the smaller one where the configuration says that who waits now pays", () => {
    const policy = { ...shipped, spot: { ...shipped.spot, expectFill: false } };
    expect(launchedFor("batch", full, policy)).toEqual(["solo-spot"]);
  });

  test("gets the smaller one On-Demand, however full the others are", () => {
    expect(launchedFor("serving", full)).toEqual(["solo-on-demand"]);
  });
});
