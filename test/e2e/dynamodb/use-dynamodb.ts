import type { AwsAccess, DynamoTable } from "@gpu-autoscaler/adapters";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import type { Fate } from "../loopback-proxy.ts";
import { aTable, localAccess } from "./a-table.ts";
import { type DynamoDb, startDynamoDb } from "./start-dynamodb.ts";

/** Starts DynamoDB for the tests of a file, undisturbed for each; where it cannot be had they are skipped. */
export function useDynamoDb() {
  let found: DynamoDb | { readonly missing: string } = { missing: "it was not looked for" };

  beforeAll(async () => {
    found = await startDynamoDb();
  });

  afterAll(async () => {
    if ("stop" in found) await found.stop();
  });

  beforeEach(({ skip }) => {
    if ("missing" in found) skip(found.missing);
  });

  afterEach(() => {
    if ("stop" in found) found.disturb(null);
  });

  function dynamoDb(): DynamoDb {
    if ("missing" in found) throw new Error(found.missing);
    return found;
  }

  return {
    dynamoDb,
    newTable: (limits: AwsAccess["limits"] = {}): Promise<DynamoTable> =>
      aTable(localAccess(dynamoDb().endpoint, { limits })),
    /** The first calls of an operation are carried out, and their answers lost. */
    loseAnswers(operation: string, times: number): void {
      let left = times;
      dynamoDb().disturb((each) => (each === operation && left-- > 0 ? "answer-lost" : "forward"));
    },
    /** The first calls are answered so, and not carried out. */
    answerFirst(calls: number, answer: Fate): void {
      let left = calls;
      dynamoDb().disturb(() => (left-- > 0 ? answer : "forward"));
    },
  };
}
