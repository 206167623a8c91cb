import { decide, INTERRUPTIBLE_ANNOTATION } from "@gpu-autoscaler/core";
import { expect, test } from "vitest";
import { aPod, aPolicy, aPool, aSnapshot, START } from "../builders/index.ts";

const pool = aPool("l4", ["g6.xlarge"], { capacityTypes: ["on-demand", "spot"] });
const policy = aPolicy([pool]);

test.each([
  { kind: "Job", times: 0, launched: "l4-spot" },
  { kind: "Job", times: 1, launched: "l4-on-demand" },
  { kind: "StatefulSet", times: 1, launched: "l4-on-demand" },
  // It goes on elsewhere with what is left: no work is lost.
  { kind: "ReplicaSet", times: 1, launched: "l4-spot" },
  { kind: "ReplicaSet", times: 9, launched: "l4-spot" },
])("a pod of a $kind that was interrupted $times times gets $launched", ({ kind, times, launched }) => {
  const pod = aPod("pod")
    .gpu(1)
    .cpu(2)
    .memoryGi(8)
    .ownedBy(kind, "owner")
    .annotated({ [INTERRUPTIBLE_ANNOTATION]: "true" })
    .unschedulableSince(START)
    .build();
  const displaced = { [`uid-${kind}-owner`]: { until: START, times } };
  const { effects } = decide(aSnapshot(policy, { pods: [pod], state: { displaced } }), policy, START);
  expect(effects.flatMap((effect) => (effect.kind === "LaunchInstances" ? [effect.group] : []))).toEqual([
    launched,
  ]);
});
