import { expect, test } from "vitest";
import { aNode, aPod, type NodeBuilder, type PodBuilder } from "../builders/index.ts";
import { misfits } from "./misfits.ts";

interface Case {
  node: NodeBuilder;
  pod: PodBuilder;
  want: string[];
}

const gpuNode = aNode().tainted("nvidia.com/gpu", { value: "present" });
const untolerated = ["UntoleratedTaint: nvidia.com/gpu=present:NoSchedule"];

const cases: Record<string, Case> = {
  "a taint keeps off a pod that does not tolerate it": { node: gpuNode, pod: aPod(), want: untolerated },
  "Exists tolerates every value": { node: gpuNode, pod: aPod().tolerating("nvidia.com/gpu"), want: [] },
  "Equal tolerates its value": {
    node: gpuNode,
    pod: aPod().tolerating("nvidia.com/gpu", { value: "present" }),
    want: [],
  },
  "Equal tolerates no other value": {
    node: gpuNode,
    pod: aPod().tolerating("nvidia.com/gpu", { value: "absent" }),
    want: untolerated,
  },
  "Equal with an empty value tolerates the empty value alone": {
    node: gpuNode,
    pod: aPod().tolerating("nvidia.com/gpu", { operator: "Equal" }),
    want: untolerated,
  },
  "an empty key with Exists tolerates everything": { node: gpuNode, pod: aPod().tolerating(""), want: [] },
  "a toleration of one effect leaves the others": {
    node: gpuNode,
    pod: aPod().tolerating("nvidia.com/gpu", { effect: "NoExecute" }),
    want: untolerated,
  },
  "each taint needs its toleration": {
    node: gpuNode.tainted("dedicated", { value: "research", effect: "NoExecute" }),
    pod: aPod().tolerating("team"),
    want: ["UntoleratedTaint: nvidia.com/gpu=present:NoSchedule, dedicated=research:NoExecute"],
  },
  "PreferNoSchedule keeps nobody off": {
    node: aNode().tainted("old", { effect: "PreferNoSchedule" }),
    pod: aPod(),
    want: [],
  },
  "a cordoned node takes no pod": { node: aNode().cordoned(), pod: aPod(), want: ["NodeUnschedulable: "] },
  "a cordoned node takes a pod that tolerates the taint of a cordon": {
    node: aNode().cordoned().tainted("node.kubernetes.io/unschedulable"),
    pod: aPod().tolerating("node.kubernetes.io/unschedulable", { effect: "NoSchedule" }),
    want: [],
  },
  "a cordoned node takes no pod that tolerates its eviction alone": {
    node: aNode().cordoned(),
    pod: aPod().tolerating("node.kubernetes.io/unschedulable", { effect: "NoExecute" }),
    want: ["NodeUnschedulable: "],
  },
};

test.each(Object.entries(cases))("%s", (_, { node, pod, want }) => {
  const found = misfits(pod.build(), node.build());
  expect(found.map(({ code, detail }) => `${code}: ${detail}`)).toEqual(want);
});
