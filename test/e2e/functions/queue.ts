import * as z from "zod";
import { findMoto, startMoto } from "../aws/moto.ts";
import { REGION } from "../aws/state.ts";

/** A queue with a dead-letter queue, as `infra/` makes it, and what Lambda does to feed a function from it. */
export interface FedQueue {
  send(body: string): Promise<void>;
  /** Receives batch after batch until nothing is left. Deletes what `answer` does not give back as failed. */
  drain(answer: (batch: SqsBatch) => Promise<unknown>): Promise<void>;
  /** The bodies of what was given up. */
  deadLetters(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** An event of Lambda's event source mapping for SQS. */
interface SqsBatch {
  readonly Records: readonly object[];
}

const BATCH = 10;
/** More than a message is received before it is given up. */
const MOST_ROUNDS = 20;

const Queue = z.object({ QueueUrl: z.string() });
const Attributes = z.object({ Attributes: z.object({ QueueArn: z.string() }) });
const Message = z.object({ MessageId: z.string(), ReceiptHandle: z.string(), Body: z.string() });
const Received = z.object({ Messages: z.array(Message).default([]) });
const Response = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })) });

/** `receives`: then a message goes to the dead letters. What failed is there again at once. */
export async function startQueue(receives: number): Promise<FedQueue | { readonly missing: string }> {
  const found = await findMoto();
  if ("missing" in found) return found;
  const moto = await startMoto(found);
  const call = async (operation: string, input: object): Promise<unknown> => {
    const response = await fetch(moto.endpoint, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `AmazonSQS.${operation}`,
        authorization: `AWS4-HMAC-SHA256 Credential=nobody/20200101/${REGION}/sqs/aws4_request, SignedHeaders=host, Signature=none`,
      },
      body: JSON.stringify(input),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`sqs:${operation}: ${text}`);
    return text === "" ? {} : JSON.parse(text);
  };
  const create = async (QueueName: string, queueAttributes: object) =>
    Queue.parse(await call("CreateQueue", { QueueName, Attributes: queueAttributes })).QueueUrl;
  const receive = async (QueueUrl: string) => {
    const answer = await call("ReceiveMessage", { QueueUrl, MaxNumberOfMessages: BATCH });
    return Received.parse(answer).Messages;
  };

  const dead = await create("dead-letters", {});
  const got = await call("GetQueueAttributes", { QueueUrl: dead, AttributeNames: ["QueueArn"] });
  const deadLetterTargetArn = Attributes.parse(got).Attributes.QueueArn;
  const queue = await create("interruptions", {
    VisibilityTimeout: "0",
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: receives }),
  });

  return {
    async send(MessageBody) {
      await call("SendMessage", { QueueUrl: queue, MessageBody });
    },
    async drain(answer) {
      for (let round = 0; round < MOST_ROUNDS; round++) {
        const messages = await receive(queue);
        if (messages.length === 0) return;
        const failed = await failedOf(messages, answer);
        for (const { MessageId, ReceiptHandle } of messages) {
          if (!failed.has(MessageId)) await call("DeleteMessage", { QueueUrl: queue, ReceiptHandle });
        }
      }
      throw new Error(`the queue is not empty after ${MOST_ROUNDS} batches`);
    },
    async deadLetters() {
      const bodies: string[] = [];
      for (let batch = await receive(dead); batch.length > 0; batch = await receive(dead))
        bodies.push(...batch.map(({ Body }) => Body));
      return bodies;
    },
    stop: moto.stop,
  };
}

/** The messages that a function could not answer: all of them when it throws. */
async function failedOf(
  messages: readonly z.infer<typeof Message>[],
  answer: (batch: SqsBatch) => Promise<unknown>,
): Promise<ReadonlySet<string>> {
  const Records = messages.map(({ MessageId, ReceiptHandle, Body }) => ({
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: {},
    messageAttributes: {},
    eventSource: "aws:sqs",
    eventSourceARN: `arn:aws:sqs:${REGION}:123456789012:interruptions`,
    awsRegion: REGION,
  }));
  const response = await answer({ Records }).catch(() => null);
  if (response === null) return new Set(messages.map(({ MessageId }) => MessageId));
  return new Set(Response.parse(response).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
}
