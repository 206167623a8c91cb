import { randomUUID } from "node:crypto";
import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import {
  AutoscalerError,
  type ControllerState,
  type StateStore,
  type StoredState,
} from "@gpu-autoscaler/core";
import * as z from "zod";
import { Body, bodyBytes, bodyOf, readBody } from "./body.ts";
import { call, writeIf } from "./call.ts";
import { readState, STATE_FORMAT, stateText } from "./state-schema.ts";
import { clusterItem, type DynamoTable } from "./table.ts";

/** DynamoDB takes 400 KB an item, with the names and values of all its attributes. */
const MOST_BODY_BYTES = 400 * 1024 - 2 * 1024;

const Envelope = z.object({
  version: z.object({ N: z.string().transform(Number).pipe(z.int().positive()) }),
  format: z.object({ N: z.string().transform(Number).pipe(z.int()) }),
});

/** Who wrote an item: tells a write of ours whose answer was lost from somebody else's. */
const Written = z.object({ write: z.object({ S: z.string() }) });

/**
 * One item a cluster, read from quorum, written when its version is the expected one. A state that
 * is larger than an item even when compressed is refused with `state-too-large`; one of another
 * format, or that is none, with `state-format`.
 */
export function createDynamoStateStore(table: DynamoTable): StateStore {
  return {
    load: (cluster) => load(table, cluster),
    save: (state, expected) => save(table, state, expected),
  };
}

async function load(table: DynamoTable, cluster: string): Promise<StoredState | null> {
  const { Item: item } = await call(table, "GetItem", (options) =>
    table.client.send(
      new GetItemCommand({
        TableName: table.table,
        Key: clusterItem(cluster, "state"),
        ConsistentRead: true,
      }),
      options,
    ),
  );
  if (!item) return null;
  const envelope = Envelope.safeParse(item);
  if (!envelope.success) throw unreadable(cluster, z.prettifyError(envelope.error));
  const format = envelope.data.format.N;
  if (format !== STATE_FORMAT) throw unreadable(cluster, `it has format ${format}`);
  const body = Body.safeParse(item);
  if (!body.success) throw unreadable(cluster, "it has no body");
  const { state, problem } = readState(await readBody(body.data, `the state of cluster ${cluster}`));
  if (problem !== null) throw unreadable(cluster, problem);
  return { state, version: envelope.data.version.N };
}

function unreadable(cluster: string, why: string): AutoscalerError {
  const { pk, sk } = clusterItem(cluster, "state");
  return new AutoscalerError(
    "state-format",
    `the stored state of cluster ${cluster} cannot be read, this version knows format ${STATE_FORMAT}: ${why}. Deploy the version that wrote it, or remove the item ${pk.S}, ${sk.S} to begin with an empty state`,
    { data: { cluster } },
  );
}

/**
 * An answer may be lost and the call made again: then our own first write stands against the
 * second, which is told by its `write`.
 */
async function save(table: DynamoTable, state: ControllerState, expected: number): Promise<number | null> {
  const body = await bodyOf(stateText(state));
  const bytes = bodyBytes(body);
  if (bytes > MOST_BODY_BYTES) throw tooLarge(state, bytes);
  const write = randomUUID();
  const version = expected + 1;
  const found = await writeIf(table, "PutItem", (options) =>
    table.client.send(
      new PutItemCommand({
        TableName: table.table,
        Item: {
          ...clusterItem(state.cluster, "state"),
          cluster: { S: state.cluster },
          format: { N: String(state.format) },
          version: { N: String(version) },
          write: { S: write },
          ...body,
        },
        ...(expected === 0
          ? { ConditionExpression: "attribute_not_exists(pk)" }
          : {
              ConditionExpression: "#version = :expected",
              ExpressionAttributeNames: { "#version": "version" },
              ExpressionAttributeValues: { ":expected": { N: String(expected) } },
            }),
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
      options,
    ),
  );
  if (found === null) return version;
  return Written.safeParse(found).data?.write.S === write ? version : null;
}

function tooLarge(state: ControllerState, bytes: number): AutoscalerError {
  const parts = Object.entries(state).map(([name, value]) => ({ name, bytes: JSON.stringify(value).length }));
  const [largest] = parts.sort((a, b) => b.bytes - a.bytes);
  return new AutoscalerError(
    "state-too-large",
    `the state of cluster ${state.cluster} takes ${bytes} bytes compressed, an item of DynamoDB ${MOST_BODY_BYTES}: most of it is ${largest?.name} with ${largest?.bytes} bytes of text. Fewer pods may wait at a time, or the cluster is split`,
    { data: { cluster: state.cluster, bytes, largest: largest?.name ?? null } },
  );
}
