import type { DemandDecision, LaunchInstances, Outcome, TickRecord } from "@gpu-autoscaler/core";
import { START } from "../builders/index.ts";

/** A record of a minute of the run in which nothing was decided, with changes. */
export function aRecord(minute: number, changes: Partial<TickRecord> = {}): TickRecord {
  return {
    cluster: "test",
    decidedAt: START + minute * 60_000,
    effects: [],
    demand: [],
    nodes: [],
    problems: [],
    outcomes: [],
    ...changes,
  };
}

export function aLaunch(changes: Partial<LaunchInstances> = {}): LaunchInstances {
  return {
    kind: "LaunchInstances",
    key: "launch-1",
    pool: "small",
    reason: { code: "PodsUnschedulable", detail: "" },
    group: "small-spot",
    zone: "us-east-1a",
    capacityType: "spot",
    count: 2,
    gpus: 1,
    nanoDollarsPerHour: 281_680_000,
    gang: null,
    ...changes,
  };
}

/** Pods that wait, with the groups that were not taken. */
export function aDemand(changes: Partial<DemandDecision> = {}): DemandDecision {
  return {
    pods: ["team/a", "team/b"],
    asksFor: "1 nvidia.com/gpu",
    gang: null,
    outcomes: [{ count: 2, reason: { code: "PendingForNotReached", detail: "" }, effect: null }],
    rejected: [
      {
        pool: "quad",
        group: null,
        zone: null,
        reasons: [{ code: "NotCheapest", detail: "4.6016 $ an hour a node" }],
      },
    ],
    ...changes,
  };
}

export function anOutcome(changes: Partial<Outcome> = {}): Outcome {
  return { key: "launch-1", status: "done", at: START, reason: null, launch: null, ...changes };
}
