import { QueryCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { createDynamoDecisionLog, type KeptDecision } from "@gpu-autoscaler/adapters";
import { HOUR_MS } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { decisionLogContract } from "../contract/decision-log.contract.ts";
import { hashes } from "./dynamodb/random.ts";
import { aRecord, read, START } from "./dynamodb/records.ts";
import { refusal } from "./dynamodb/start-dynamodb.ts";
import { useDynamoDb } from "./dynamodb/use-dynamodb.ts";

const { dynamoDb, newTable } = useDynamoDb();

const DENIED = refusal("AccessDeniedException", "User is not authorized to perform: dynamodb:PutItem");

decisionLogContract(
  "in DynamoDB",
  async () => {
    const table = await newTable();
    return {
      log: createDynamoDecisionLog(table),
      read: async () => (await read(table, START, START + HOUR_MS)).flatMap(({ record }) => record ?? []),
    };
  },
  (decidedAt) => aRecord(decidedAt),
);

describe("the decision log in DynamoDB", () => {
  test("takes records that are larger than an item, and gives them back whole, over pages of 1 MB", async () => {
    const table = await newTable();
    const log = createDynamoDecisionLog(table);
    const large = [1, 2, 3].map((ms) => aRecord(START + ms, hashes(150_000)));
    const records = [aRecord(START), ...large, aRecord(START + 4)];
    for (const record of records) await log.append(record);
    const { Items: items } = await table.client.send(
      new QueryCommand({
        TableName: table.table,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": { S: "decisions#2026-01-01#test" } },
        ProjectionExpression: "parts",
      }),
    );
    expect(items?.map(({ parts }) => parts?.N).filter((parts) => parts !== "1").length).toBeGreaterThan(1);
    const before = dynamoDb().calls.length;
    const kept = await read(table, START, START + HOUR_MS);
    expect(kept).toEqual(records.map((record) => ({ record, problem: null })));
    expect(dynamoDb().calls.length - before).toBeGreaterThan(2);
  });

  test("tells of a record that was not written whole, and reads the others", async () => {
    const table = await newTable();
    const log = createDynamoDecisionLog(table);
    await log.append(aRecord(START));
    let puts = 0;
    dynamoDb().disturb((operation) => (operation === "PutItem" && ++puts > 1 ? DENIED : "forward"));
    await expect(log.append(aRecord(START + 1, hashes(150_000)))).rejects.toMatchObject({
      code: "aws-access-denied",
      message: expect.stringContaining("allow dynamodb:PutItem for the role"),
    });
    dynamoDb().disturb(null);
    await log.append(aRecord(START + 2));
    const kept = await read(table, START, START + HOUR_MS);
    expect(kept.map(({ record, problem }) => record?.decidedAt ?? problem)).toEqual([
      START,
      expect.stringMatching(/^2026-01-01T00:00:00\.001Z#.*: was not written whole$/),
      START + 2,
    ]);
  });

  test("is read from an hour on, over midnight, and holds the same record once", async () => {
    const table = await newTable();
    const log = createDynamoDecisionLog(table);
    const times = [-2 * HOUR_MS, -HOUR_MS, -1, 0, 23 * HOUR_MS, 24 * HOUR_MS].map((time) => START + time);
    for (const time of times) await log.append(aRecord(time));
    for (const time of times) await log.append(aRecord(time));
    const decidedAt = (kept: readonly KeptDecision[]) => kept.map(({ record }) => record?.decidedAt);
    expect(decidedAt(await read(table, START - HOUR_MS, START + 24 * HOUR_MS))).toEqual(times.slice(1));
    expect(decidedAt(await read(table, START, START + 23 * HOUR_MS))).toEqual(times.slice(3, 5));
    expect(decidedAt(await read(table, START + 25 * HOUR_MS, START + 26 * HOUR_MS))).toEqual([]);
  });

  test("ends after 30 days, for readers at once and for DynamoDB by its TTL", async () => {
    const table = await newTable();
    await createDynamoDecisionLog(table).append(aRecord(START));
    const end = START + 30 * 24 * HOUR_MS;
    expect(await read(table, 0, end)).toHaveLength(1);
    expect(await read(table, 0, end + 1)).toEqual([]);
    const { Items: items } = await table.client.send(new ScanCommand({ TableName: table.table }));
    expect(items?.map(({ expiresAt }) => expiresAt?.N)).toEqual([String(end / 1_000)]);
  });

  test("keeps clusters apart, also those whose name begins with another's", async () => {
    const table = await newTable();
    const log = createDynamoDecisionLog(table);
    await log.append({ ...aRecord(START), cluster: "test-2" });
    expect(await read(table, START, START + HOUR_MS)).toEqual([]);
  });
});
