import type { Pod } from "@gpu-autoscaler/core";

/** What a template has of a pod's life: nothing yet. Creating the pod gives it a uid and a time. */
export const UNBORN = {
  uid: "",
  phase: "Pending",
  ready: false,
  createdAt: 0,
  nodeName: null,
  nominatedNodeName: null,
  unschedulableSince: null,
  deletedAt: null,
  schedulingGates: [],
  usesResourceClaims: false,
  volumeProblem: null,
} as const satisfies Partial<Pod>;
