import type {
  DemandDecision,
  LaunchInstances,
  Outcome,
  Reason,
  ReasonCode,
  TerminateInstances,
  TickRecord,
} from "@gpu-autoscaler/core";
import { START } from "../builders/index.ts";

export const minute = (at: number) => START + at * 60_000;

/** A record of a minute in which nothing was decided, with changes. */
export function aRecord(at: number, changes: Partial<TickRecord> = {}): TickRecord {
  return {
    cluster: "test",
    decidedAt: minute(at),
    effects: [],
    demand: [],
    nodes: [],
    problems: [],
    outcomes: [],
    ...changes,
  };
}

export const because = (code: ReasonCode, detail = ""): Reason => ({ code, detail });

/** Pods of which all wait for one reason. */
export function aDemand(
  pods: readonly string[],
  code: ReasonCode,
  changes: Partial<DemandDecision> = {},
): DemandDecision {
  const outcomes = [{ count: pods.length, reason: because(code), effect: null }];
  return { pods, asksFor: "1 nvidia.com/gpu", gang: null, outcomes, rejected: [], ...changes };
}

export function aLaunch(changes: Partial<LaunchInstances> = {}): LaunchInstances {
  return {
    kind: "LaunchInstances",
    key: "launch-1",
    pool: "single",
    reason: because("PodsUnschedulable"),
    group: "single-spot",
    zone: "us-east-1a",
    capacityType: "spot",
    count: 1,
    gpus: 1,
    nanoDollarsPerHour: 281_680_000,
    gang: null,
    ...changes,
  };
}

export function aTermination(instances: TerminateInstances["instances"]): TerminateInstances {
  return {
    kind: "TerminateInstances",
    key: "terminate/1",
    pool: "single",
    reason: because("NodeEmpty"),
    group: "single-spot",
    instances,
    onlyIfNoGpuPods: true,
  };
}

/** What became of an effect: done, unless said otherwise. */
export function anOutcome(key: string, changes: Partial<Outcome> = {}): Outcome {
  return { key, status: "done", at: START, reason: null, launch: null, ...changes };
}

/** A launch that gave these instances. */
export function launched(key: string, ...ids: readonly string[]): Outcome {
  const instances = ids.map((id) => ({ id, zone: "us-east-1a", instanceType: "g6.xlarge" }));
  return anOutcome(key, { launch: { launched: instances, errors: [], rolledBack: false } });
}
