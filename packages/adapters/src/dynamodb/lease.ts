import { randomUUID } from "node:crypto";
import { DeleteItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { AutoscalerError, type Clock, type Lease } from "@gpu-autoscaler/core";
import * as z from "zod";
import { writeIf } from "./call.ts";
import { clusterItem, type DynamoTable } from "./table.ts";

export interface LeaseOptions {
  readonly clock: Clock;
  /**
   * After so long a holder that never let go is taken to be dead: longer than the function's
   * time-out by more than the clocks of two machines may differ. Until then nobody else plans.
   */
  readonly holdMs: number;
}

/** Each time round the lease changed hands; nobody meets with that so often. */
const MOST_TRIES = 10;

const Held = z.object({ holder: z.object({ S: z.string() }) });

/**
 * One item a cluster: who holds it, until when, and whether somebody asked meanwhile. Each step is
 * one conditional write that may be made twice, so that neither a race nor a lost answer loses a
 * wish. Safety does not rest on it: two that both think they hold it meet at the state's version.
 */
export function createDynamoLease(table: DynamoTable, { clock, holdMs }: LeaseOptions): Lease {
  /** Under which name this object holds which cluster's lease: a name is used for one holding only. */
  const names = new Map<string, string>();

  /** Takes a lease that nobody holds, or whose time is over; with it goes who asked its dead holder. */
  async function take(cluster: string, name: string): Promise<boolean> {
    const now = clock.now();
    const found = await writeIf(table, "PutItem", (options) =>
      table.client.send(
        new PutItemCommand({
          TableName: table.table,
          Item: {
            ...clusterItem(cluster, "lease"),
            cluster: { S: cluster },
            holder: { S: name },
            heldUntilMs: { N: String(now + holdMs) },
          },
          ConditionExpression: "attribute_not_exists(pk) OR heldUntilMs <= :now",
          ExpressionAttributeValues: { ":now": { N: String(now) } },
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        }),
        options,
      ),
    );
    return found === null || isHeldBy(found, name);
  }

  /** Tells the holder, whoever it is, to run once more. false: nobody holds it any more. */
  async function ask(cluster: string): Promise<boolean> {
    const found = await writeIf(table, "UpdateItem", (options) =>
      table.client.send(
        new UpdateItemCommand({
          TableName: table.table,
          Key: clusterItem(cluster, "lease"),
          UpdateExpression: "SET again = :true",
          ConditionExpression: "heldUntilMs > :now",
          ExpressionAttributeValues: { ":true": { BOOL: true }, ":now": { N: String(clock.now()) } },
        }),
        options,
      ),
    );
    return found === null;
  }

  /** Gives null when it is let go, else what stood against it: somebody asked, or it is another's. */
  function letGo(cluster: string, name: string) {
    return writeIf(table, "DeleteItem", (options) =>
      table.client.send(
        new DeleteItemCommand({
          TableName: table.table,
          Key: clusterItem(cluster, "lease"),
          ConditionExpression: "holder = :name AND attribute_not_exists(again)",
          ExpressionAttributeValues: { ":name": { S: name } },
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        }),
        options,
      ),
    );
  }

  /**
   * Answers all who asked so far by the run that begins now. The condition does not ask whether
   * somebody asked: made twice, the second finds the wish answered already, and must not fail.
   */
  async function holdOn(cluster: string, name: string): Promise<boolean> {
    const found = await writeIf(table, "UpdateItem", (options) =>
      table.client.send(
        new UpdateItemCommand({
          TableName: table.table,
          Key: clusterItem(cluster, "lease"),
          UpdateExpression: "SET heldUntilMs = :until REMOVE again",
          ConditionExpression: "holder = :name",
          ExpressionAttributeValues: {
            ":name": { S: name },
            ":until": { N: String(clock.now() + holdMs) },
          },
        }),
        options,
      ),
    );
    return found === null;
  }

  return {
    async acquire(cluster) {
      const name = randomUUID();
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        if (await take(cluster, name)) {
          names.set(cluster, name);
          return true;
        }
        // Between the two it may have been let go, by one who did not know of us: then it is ours to take.
        if (await ask(cluster)) return false;
      }
      throw new AutoscalerError(
        "lease-contended",
        `the lease of cluster ${cluster} changed hands ${MOST_TRIES} times while it was asked for: see that one schedule alone runs its tick`,
        { retryable: true, data: { cluster } },
      );
    },

    async releaseOrAgain(cluster) {
      const name = names.get(cluster);
      if (name === undefined) return false;
      const found = await letGo(cluster, name);
      const again = found !== null && isHeldBy(found, name) && (await holdOn(cluster, name));
      if (!again) names.delete(cluster);
      return again;
    },
  };
}

function isHeldBy(item: unknown, name: string): boolean {
  return Held.safeParse(item).data?.holder.S === name;
}
