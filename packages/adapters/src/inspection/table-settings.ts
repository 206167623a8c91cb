import { DescribeTableCommand, DescribeTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { call } from "../dynamodb/call.ts";
import type { DynamoTable } from "../dynamodb/table.ts";

/** How a table is made; null where it has no such thing. */
export interface TableSettings {
  readonly status: string;
  readonly partitionKey: string | null;
  readonly sortKey: string | null;
  /** The attribute of its TTL, when that is on. */
  readonly timeToLive: string | null;
}

/** Throws `dynamodb-table-missing`, and what `awsError` says. */
export async function readTableSettings(table: DynamoTable): Promise<TableSettings> {
  const { client, table: TableName } = table;
  const [{ Table }, { TimeToLiveDescription: ttl }] = await Promise.all([
    call(table, "DescribeTable", (options) => client.send(new DescribeTableCommand({ TableName }), options)),
    call(table, "DescribeTimeToLive", (options) =>
      client.send(new DescribeTimeToLiveCommand({ TableName }), options),
    ),
  ]);
  const keyOf = (type: "HASH" | "RANGE") =>
    Table?.KeySchema?.find(({ KeyType }) => KeyType === type)?.AttributeName ?? null;
  const isOn = ttl?.TimeToLiveStatus === "ENABLED" || ttl?.TimeToLiveStatus === "ENABLING";
  return {
    status: Table?.TableStatus ?? "unknown",
    partitionKey: keyOf("HASH"),
    sortKey: keyOf("RANGE"),
    timeToLive: isOn ? (ttl?.AttributeName ?? null) : null,
  };
}
