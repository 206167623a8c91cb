import { createHash } from "node:crypto";
import { type AttributeValue, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { DecisionLog, TickRecord } from "@gpu-autoscaler/core";
import { type Body, bodyOf } from "./body.ts";
import { call } from "./call.ts";
import { type DynamoTable, decisionsOfDay, isoTime, KEEP_DECISIONS_MS } from "./table.ts";

/** Of an item's 400 KB, less its keys. */
const MOST_PART_BYTES = 400 * 1024 - 2 * 1024;

/**
 * Keeps each record for 30 days, compressed. One that is larger than an item is split. The same
 * record is written under the same key, so that an append that is repeated leaves one.
 */
export function createDynamoDecisionLog(table: DynamoTable): DecisionLog {
  return {
    async append(record) {
      for (const item of await itemsOf(record)) {
        await call(table, "PutItem", (options) =>
          table.client.send(new PutItemCommand({ TableName: table.table, Item: item }), options),
        );
      }
    },
  };
}

/** The items of a record, in the order in which they are read. */
async function itemsOf(record: TickRecord): Promise<Record<string, AttributeValue>[]> {
  const { cluster, decidedAt } = record;
  const text = JSON.stringify(record);
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 16);
  const parts = split(await bodyOf(text));
  return parts.map((body, part) => ({
    pk: { S: decisionsOfDay(cluster, decidedAt) },
    sk: { S: `${isoTime(decidedAt)}#${digest}#${String(part).padStart(3, "0")}` },
    cluster: { S: cluster },
    part: { N: String(part) },
    parts: { N: String(parts.length) },
    expiresAt: { N: String(Math.ceil((decidedAt + KEEP_DECISIONS_MS) / 1_000)) },
    ...body,
  }));
}

function split(body: Body): Body[] {
  if ("json" in body) return [body];
  const { B: bytes } = body.gzip;
  const parts: Body[] = [];
  for (let from = 0; from < bytes.byteLength; from += MOST_PART_BYTES) {
    parts.push({ gzip: { B: bytes.subarray(from, from + MOST_PART_BYTES) } });
  }
  return parts;
}
