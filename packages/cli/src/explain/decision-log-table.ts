import { AutoscalerError, type EpochMs, HOUR_MS, type TickRecord } from "@gpu-autoscaler/core";
import { configuredCluster } from "../cluster-policy.ts";
import type { CommandContext } from "../command-context.ts";
import type { DecisionLogFile } from "./decision-log-file.ts";

/** Where a deployment's decisions are, as commander reads it. */
export interface TableOptions {
  readonly table?: string;
  readonly config: string;
  readonly cluster?: string;
  /** Decisions before it are not read. */
  readonly since?: EpochMs;
}

/** So far back unless told: a pod's or a node's story is rarely longer. */
const LOOK_BACK_MS = 24 * HOUR_MS;

export const OURS = "gpu-autoscaler";

/**
 * The decisions of a deployed cluster. What cannot be read of them is told on stderr, and the rest
 * explained.
 *
 * @throws AutoscalerError "no-log" without a table; when the configuration is refused; what the table
 * throws; "empty-log"
 */
export async function readDecisionTable(
  { table: named, config, cluster, since }: TableOptions,
  { reach: open, stderr }: CommandContext,
): Promise<{ readonly log: DecisionLogFile; readonly name: string }> {
  const reach = await open();
  const tableName = reach.tableName({ config, ...(named !== undefined && { table: named }) });
  if (tableName === null) throw new AutoscalerError("no-log", NO_LOG);
  const { policy } = await configuredCluster(config, cluster);
  const table = reach.table(tableName, policy.region);
  const records: TickRecord[] = [];
  const from = since ?? reach.clock.now() - LOOK_BACK_MS;
  for await (const { record, problem } of table.decisions(policy.cluster, from)) {
    if (record === null) stderr.write(`left out: ${problem}\n`);
    else records.push(record);
  }
  const name = `of cluster ${policy.cluster} in table ${table.name}`;
  if (records.length === 0) {
    const message = `The decision log ${name} holds no decision since ${new Date(from).toISOString()}: give an earlier --since, or another --table or --cluster`;
    throw new AutoscalerError("empty-log", message);
  }
  const log: DecisionLogFile = {
    policies: [OURS],
    records: (_, until) => records.filter(({ decidedAt }) => decidedAt <= until),
  };
  return { log, name };
}

const NO_LOG =
  "give --events FILE, which simulate and plan write; or for the decisions of a deployment --table NAME (or set TABLE_NAME, or run it where sst deploy was run)";
