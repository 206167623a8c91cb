import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import {
  createDynamoDecisionLog,
  createDynamoLease,
  createDynamoStateStore,
  type DynamoTable,
  openDynamoTable,
  setPaused,
} from "@gpu-autoscaler/adapters";
import { emptyState, HOUR_MS, MINUTE_MS } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { stateStoreContract } from "../contract/state-store.contract.ts";
import { localAccess } from "./dynamodb/a-table.ts";
import { hashes } from "./dynamodb/random.ts";
import { aRecord, read, START } from "./dynamodb/records.ts";
import { refusal, THROTTLED } from "./dynamodb/start-dynamodb.ts";
import { useDynamoDb } from "./dynamodb/use-dynamodb.ts";

const { dynamoDb, newTable, loseAnswers, answerFirst } = useDynamoDb();

stateStoreContract("in DynamoDB", async () => createDynamoStateStore(await newTable()));

describe("the state in DynamoDB", () => {
  test("of two that write at once one is told that it came too late, and nothing is mixed", async () => {
    const store = createDynamoStateStore(await newTable());
    await store.save(emptyState("one"), 0);
    const writers = Array.from({ length: 20 }, (_, i) =>
      store.save({ ...emptyState("one"), paused: [`pool-${i}`] }, 1),
    );
    const versions = await Promise.all(writers);
    expect(versions.filter((version) => version !== null)).toEqual([2]);
    expect(await store.load("one")).toEqual({
      version: 2,
      state: { ...emptyState("one"), paused: [`pool-${versions.indexOf(2)}`] },
    });
  });

  test("a write whose answer was lost counts as written, not as somebody else's", async () => {
    const store = createDynamoStateStore(await newTable());
    loseAnswers("PutItem", 1);
    expect(await store.save(emptyState("one"), 0)).toBe(1);
    loseAnswers("PutItem", 2);
    expect(await store.save({ ...emptyState("one"), paused: ["*"] }, 1)).toBe(2);
    expect((await store.load("one"))?.state.paused).toEqual(["*"]);
  });

  test("with 50,000 waiting pods it still is one item, and comes back whole", async () => {
    const store = createDynamoStateStore(await newTable());
    const state = { ...emptyState("one"), waiting: hashes(50_000) };
    await store.save(state, 0);
    expect((await store.load("one"))?.state).toEqual(state);
  });

  test("larger than an item it is refused, and told by what", async () => {
    const store = createDynamoStateStore(await newTable());
    await expect(store.save({ ...emptyState("one"), waiting: hashes(200_000) }, 0)).rejects.toMatchObject({
      code: "state-too-large",
      message: expect.stringMatching(/most of it is waiting/),
      retryable: false,
    });
  });

  test.each([
    ["of a format to come", { format: { N: "2" } }, /it has format 2/],
    [
      "with a field of another version",
      { json: { S: JSON.stringify({ ...emptyState("one"), more: 1 }) } },
      /more/,
    ],
    ["without a field", { json: { S: '{"format":1,"cluster":"one"}' } }, /launches/],
    ["of another version number than a number", { version: { N: "0" } }, /version/],
  ])("%s it is refused with what to do", async (_, changes, why) => {
    const table = await newTable();
    await createDynamoStateStore(table).save(emptyState("one"), 0);
    await change(table, changes);
    const error = await createDynamoStateStore(table)
      .load("one")
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "state-format", retryable: false });
    expect(String(error)).toMatch(why);
    expect(String(error)).toMatch(/Deploy the version that wrote it, or remove the item cluster#one, state/);
  });

  test("that is no JSON is refused with what to do", async () => {
    const table = await newTable();
    await createDynamoStateStore(table).save(emptyState("one"), 0);
    await change(table, { json: { S: "{" } });
    await expect(createDynamoStateStore(table).load("one")).rejects.toMatchObject({
      code: "body-unreadable",
      message: "the state of cluster one cannot be read: remove the item",
    });
  });

  test("pausing and resuming go on beside a planner that writes all the time", async () => {
    const store = createDynamoStateStore(await newTable());
    const planner = (async () => {
      for (let i = 0; i < 40; i++) {
        const stored = await store.load("one");
        const state = stored?.state ?? emptyState("one");
        await store.save({ ...state, reasonsDigest: String(i) }, stored?.version ?? 0);
      }
    })();
    expect(await setPaused(store, "one", "b", true)).toEqual(["b"]);
    expect(await setPaused(store, "one", "a", true)).toEqual(["a", "b"]);
    expect(await setPaused(store, "one", "b", false)).toEqual(["a"]);
    expect(await setPaused(store, "one", "b", false)).toEqual(["a"]);
    await planner;
    expect((await store.load("one"))?.state.paused).toEqual(["a"]);
  });
});

describe("a call on DynamoDB", () => {
  test("that is throttled is slowed down, and what it writes is not dropped", async () => {
    const table = await newTable();
    answerFirst(8, THROTTLED);
    const startedAt = performance.now();
    await createDynamoDecisionLog(table).append(aRecord(START));
    expect(performance.now() - startedAt).toBeGreaterThan(200);
    expect(await read(table, START, START + HOUR_MS)).toEqual([{ record: aRecord(START), problem: null }]);
  });

  test("that is throttled for longer than its budget says so in time, as what may succeed later", async () => {
    const table = await newTable({ budgetMs: 400 });
    dynamoDb().disturb(() => THROTTLED);
    const startedAt = performance.now();
    await expect(createDynamoStateStore(table).load("one")).rejects.toMatchObject({
      code: "throttled",
      retryable: true,
      message: expect.stringContaining(
        "dynamodb:GetItem in us-east-1: ProvisionedThroughputExceededException",
      ),
    });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  test("that meets nobody is made again", async () => {
    const table = await newTable();
    await createDynamoStateStore(table).save(emptyState("one"), 0);
    let calls = 0;
    dynamoDb().disturb(() => (++calls <= 3 ? "no-connection" : "forward"));
    expect((await createDynamoStateStore(table).load("one"))?.version).toBe(1);
  });

  test("that never meets anybody says where to look", async () => {
    const table = await newTable({ budgetMs: 300 });
    dynamoDb().disturb(() => "no-connection");
    await expect(createDynamoStateStore(table).load("one")).rejects.toMatchObject({
      code: "aws-unreachable",
      retryable: true,
      message: expect.stringContaining("let the function reach dynamodb in us-east-1"),
    });
  });

  test("on a table that is not there says so", async () => {
    const table = openDynamoTable(localAccess(dynamoDb().endpoint), "elsewhere");
    await expect(createDynamoStateStore(table).load("one")).rejects.toMatchObject({
      code: "dynamodb-table-missing",
      retryable: false,
      message: expect.stringContaining("deploy it, or correct its name or the region"),
    });
  });

  test("with credentials that are no longer good says so, and is made once", async () => {
    const table = await newTable();
    const before = dynamoDb().calls.length;
    dynamoDb().disturb(() =>
      refusal("ExpiredTokenException", "The security token included in the request is expired"),
    );
    await expect(createDynamoStateStore(table).load("one")).rejects.toMatchObject({
      code: "aws-credentials",
      retryable: false,
      message: expect.stringMatching(/expired.*renew them/),
    });
    expect(dynamoDb().calls.slice(before)).toEqual(["GetItem"]);
  });
});

test("a quiet tick costs a lease taken and let go, and one read of the state", async () => {
  const table = await newTable();
  const { calls } = dynamoDb();
  const before = calls.length;
  const clock = { now: () => START };
  const lease = createDynamoLease(table, { clock, holdMs: MINUTE_MS });
  await lease.acquire("one");
  await createDynamoStateStore(table).load("one");
  await lease.releaseOrAgain("one");
  expect(calls.slice(before)).toEqual(["PutItem", "GetItem", "DeleteItem"]);
});

/** Writes over some attributes of the state's item. */
async function change(
  { client, table }: DynamoTable,
  attributes: PutItemCommand["input"]["Item"],
): Promise<void> {
  const Key = { pk: { S: "cluster#one" }, sk: { S: "state" } };
  const { Item } = await client.send(new GetItemCommand({ TableName: table, Key }));
  await client.send(new PutItemCommand({ TableName: table, Item: { ...Item, ...attributes } }));
}
