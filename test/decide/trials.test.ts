import { decide } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { aPod, aPolicy, aPool, aPoolNode, aSnapshot, type PodBuilder, START } from "../builders/index.ts";

const HOST = "kubernetes.io/hostname";
const ZONE = "topology.kubernetes.io/zone";
const cheap = aPool("cheap", ["g6.48xlarge"]);
const dear = aPool("dear", ["g5.48xlarge"]);
const small = aPool("small", ["g6.12xlarge"]);

function launches(pools: readonly (typeof cheap)[], pods: readonly PodBuilder[], gpusHeld: number): string[] {
  const policy = aPolicy(pools);
  const nodes = ["us-east-1a", "us-east-1b"].map((zone) => aPoolNode(cheap, zone).inZone(zone).build());
  const running = nodes.map(({ name }) => aPod(name).ownedBy("Job", name).gpu(gpusHeld).on(name).build());
  const waiting = pods.map((pod) => pod.unschedulableSince(START).build());
  const { effects } = decide(aSnapshot(policy, { nodes, pods: [...running, ...waiting] }), policy, START);
  return effects.flatMap((effect) =>
    effect.kind === "LaunchInstances" ? [`${effect.count} ${effect.pool} ${effect.zone}`] : [],
  );
}

describe("offerings are tried as long as one could be cheaper, and what is tried leaves no trace", () => {
  // Of 15 GPUs 7 are lacking, which one dear node might have: the pods of 5 GPUs need two.
  test("a gang gets the nodes that are there and as few new ones as go with them", () => {
    const gang = ["a", "b", "c"].map((name) => aPod(name).gang("gang", 3).gpu(5));
    expect(launches([cheap, dear], gang, 0)).toEqual(["2 cheap us-east-1a"]);
    expect(launches([dear, cheap], gang, 0)).toEqual(["2 cheap us-east-1a"]);
  });

  // The full nodes are domains without any of them: two more are all that another one takes.
  test.each([
    { topology: HOST, want: ["2 small us-east-1a"] },
    { topology: ZONE, want: ["1 small us-east-1a", "1 small us-east-1b"] },
  ])("pods that are spread over $topology get the cheapest that they can fill", ({ topology, want }) => {
    const spread = aPod("pod").labelled({ app: "web" }).gpu(1).spreadOver(topology, { maxSkew: 2 });
    const pods = ["a", "b", "c", "d"].map((name) => spread.named(name));
    expect(launches([small, cheap], pods, 8)).toEqual(want);
  });
});
