import { expect, test } from "vitest";
import type { Pod } from "../../packages/core/src/model/pod.ts";
import { aNode, aPod, type NodeBuilder } from "../builders/index.ts";
import { misfits } from "./misfits.ts";

interface Case {
  node: NodeBuilder;
  placed?: Pod[];
  pod: Pod;
  want: string[];
}

const cases: Record<string, Case> = {
  "a pod that asks for exactly what is there fits": {
    node: aNode("n").cpu(4).memoryGi(8).ephemeralStorageGi(10).gpu(1),
    pod: aPod().cpu(4).memoryGi(8).ephemeralStorageGi(10).gpu(1).build(),
    want: [],
  },
  "what other pods hold is no longer there": {
    node: aNode("n").gpu(8).cpu(8),
    placed: [aPod().gpu(4).cpu(6.5).on("n").build()],
    pod: aPod().gpu(8).cpu(2).build(),
    want: [
      "InsufficientCpu: asks for 2 cpu, 1500m are left",
      "InsufficientExtendedResource: asks for 8 nvidia.com/gpu, 4 are left",
    ],
  },
  "memory and disk are told in binary units": {
    node: aNode("n").memoryGi(64).ephemeralStorageGi(1),
    placed: [aPod().memoryGi(0.5).on("n").build()],
    pod: aPod().memoryGi(64).ephemeralStorageGi(2).build(),
    want: [
      "InsufficientMemory: asks for 64Gi memory, 65024Mi are left",
      "InsufficientEphemeralStorage: asks for 2Gi ephemeral-storage, 1Gi are left",
    ],
  },
  "each extended resource that is short is named": {
    node: aNode("n").offering("nvidia.com/mig-1g.10gb", 1),
    pod: aPod().asking("nvidia.com/mig-1g.10gb", 2).asking("nvidia.com/mig-3g.40gb", 1).build(),
    want: [
      "InsufficientExtendedResource: asks for 2 nvidia.com/mig-1g.10gb, 1 is left",
      "InsufficientExtendedResource: asks for 1 nvidia.com/mig-3g.40gb, 0 are left",
    ],
  },
  "a node that is overcommitted takes a pod that asks for nothing of it": {
    node: aNode("n").cpu(1).gpu(1),
    placed: [aPod().cpu(4).gpu(2).on("n").build()],
    pod: aPod().memoryGi(1).asking("nvidia.com/gpu", 0).build(),
    want: [],
  },
  "a node that is overcommitted has nothing left, not less": {
    node: aNode("n").cpu(1),
    placed: [aPod().cpu(4).on("n").build()],
    pod: aPod().cpu(1).build(),
    want: ["InsufficientCpu: asks for 1 cpu, 0 are left"],
  },
  "a pod that asks for nothing needs a slot": {
    node: aNode("n").pods(2),
    placed: aPod().on("n").times(2),
    pod: aPod().build(),
    want: ["TooManyPods: asks for 1 pods, 0 are left"],
  },
};

test.each(Object.entries(cases))("%s", (_, { node, placed = [], pod, want }) => {
  const found = misfits(pod, node.build(), { placed });
  expect(found.map(({ code, detail }) => `${code}: ${detail}`)).toEqual(want);
});
