import { type AttributeValue, PutItemCommand } from "@aws-sdk/client-dynamodb";
import {
  type Clock,
  type Interruption,
  type InterruptionFeed,
  type InterruptionNotes,
  overAt,
} from "@gpu-autoscaler/core";
import * as z from "zod";
import { call } from "./call.ts";
import { query } from "./query.ts";
import type { DynamoTable } from "./table.ts";

const Epoch = z.object({ N: z.string().transform(Number).pipe(z.int()) });

const Note = z.object({
  instanceId: z.object({ S: z.string() }),
  kind: z.object({ S: z.enum(["spot-interruption", "rebalance-recommendation", "scheduled-event"]) }),
  noticedAtMs: Epoch,
  deadlineMs: Epoch.optional(),
});

/**
 * What events told of interruptions, one item for each instance and kind, until it is over. They are
 * items of their own and not of the state, which a tick that runs would find changed, and give up:
 * fifty warnings at once must not keep the planner from answering them. Their partition is their own,
 * too, so that who notes interruptions need not be allowed to write the state. The same note is the same
 * write, so that an event that is delivered twice changes nothing.
 */
export function createDynamoInterruptionNotes(
  table: DynamoTable,
  cluster: string,
  clock: Clock,
): InterruptionNotes & InterruptionFeed {
  const pk = { S: `interruptions#${cluster}` };
  return {
    async note(interruption) {
      await call(table, "PutItem", (options) =>
        table.client.send(
          new PutItemCommand({ TableName: table.table, Item: { pk, ...itemOf(cluster, interruption) } }),
          options,
        ),
      );
    },

    /** From quorum: who was woken by a note finds it. What is over is left out, since TTL deletes late. */
    async readInterruptions() {
      const at = clock.now();
      const gaps: string[] = [];
      const interruptions: Interruption[] = [];
      for await (const item of itemsOf(table, pk)) {
        const { data, error } = Note.safeParse(item);
        if (!data) {
          gaps.push(`a noted interruption of cluster ${cluster} cannot be read: ${z.prettifyError(error)}`);
          continue;
        }
        const interruption = interruptionOf(data);
        if (at < overAt(interruption)) interruptions.push(interruption);
      }
      return { at, interruptions, gaps };
    },
  };
}

function itemOf(cluster: string, interruption: Interruption): Record<string, AttributeValue> {
  const { instanceId, kind, noticedAt, deadline } = interruption;
  return {
    sk: { S: `${instanceId}#${kind}` },
    cluster: { S: cluster },
    instanceId: { S: instanceId },
    kind: { S: kind },
    noticedAtMs: { N: String(noticedAt) },
    ...(deadline !== null && { deadlineMs: { N: String(deadline) } }),
    expiresAt: { N: String(Math.ceil(overAt(interruption) / 1_000)) },
  };
}

function interruptionOf({ instanceId, kind, noticedAtMs, deadlineMs }: z.infer<typeof Note>): Interruption {
  return {
    instanceId: instanceId.S,
    kind: kind.S,
    noticedAt: noticedAtMs.N,
    deadline: deadlineMs?.N ?? null,
  };
}

function itemsOf(table: DynamoTable, pk: AttributeValue): AsyncGenerator<Record<string, AttributeValue>> {
  return query(table, {
    KeyConditionExpression: "pk = :pk",
    ExpressionAttributeValues: { ":pk": pk },
    ConsistentRead: true,
  });
}
