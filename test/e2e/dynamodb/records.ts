import { type DynamoTable, type KeptDecision, readDecisions } from "@gpu-autoscaler/adapters";
import type { TickRecord } from "@gpu-autoscaler/core";

export const START = Date.UTC(2026, 0, 1);

/** A record of the cluster "test"; with pods, one that says of each that it waits. */
export function aRecord(decidedAt: number, pods: readonly string[] = []): TickRecord {
  const record = {
    cluster: "test",
    decidedAt,
    effects: [],
    demand: [],
    nodes: [],
    problems: [],
    outcomes: [],
  };
  if (pods.length === 0) return record;
  return { ...record, demand: [{ pods, asksFor: "1 GPU", gang: null, outcomes: [], rejected: [] }] };
}

/** All that is kept from a time until another. */
export async function read(table: DynamoTable, since: number, now: number): Promise<KeptDecision[]> {
  const kept: KeptDecision[] = [];
  for await (const each of readDecisions(table, "test", since, now)) kept.push(each);
  return kept;
}
