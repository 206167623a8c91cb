import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { EpochMs } from "@gpu-autoscaler/core";
import { type AwsAccess, clientConfig } from "../aws/access.ts";
import { type Caller, createCaller } from "../aws/caller.ts";

/** The one table. Make it once a process: a warm one keeps its connections. */
export interface DynamoTable {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly caller: Caller;
}

export function openDynamoTable(access: AwsAccess, table: string): DynamoTable {
  return {
    client: new DynamoDBClient(clientConfig(access)),
    table,
    caller: createCaller(access, "dynamodb"),
  };
}

/** Attributes that the table is made with: both keys are strings, the third is that of its TTL, in seconds. */
export const TABLE_ATTRIBUTES = { partitionKey: "pk", sortKey: "sk", timeToLive: "expiresAt" } as const;

/** Decisions are kept for so long. */
export const KEEP_DECISIONS_MS = 30 * 24 * 3_600_000;

/** One cluster's item of a kind. */
export function clusterItem(cluster: string, kind: "state" | "lease") {
  return { pk: { S: `cluster#${cluster}` }, sk: { S: kind } };
}

/**
 * The decisions of a cluster on a UTC day. A cluster decides at most a few times a second, far from
 * the 1,000 writes a second that a partition takes, and a question about hours reads one day or two.
 */
export function decisionsOfDay(cluster: string, at: EpochMs): string {
  return `decisions#${isoTime(at).slice(0, 10)}#${cluster}`;
}

/** ISO 8601 in UTC with milliseconds: sorts as text in the order of time. */
export function isoTime(at: EpochMs): string {
  return new Date(at).toISOString();
}
