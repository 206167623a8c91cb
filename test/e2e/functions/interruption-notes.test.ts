import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { HOUR_MS, type Interruption, MINUTE_MS } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { createDynamoInterruptionNotes } from "../../../packages/adapters/src/dynamodb/interruption-notes.ts";
import { START } from "../dynamodb/records.ts";
import { useDynamoDb } from "../dynamodb/use-dynamodb.ts";

const { newTable, loseAnswers } = useDynamoDb();

const WARNING: Interruption = {
  instanceId: "i-1",
  kind: "spot-interruption",
  noticedAt: START,
  deadline: START + 2 * MINUTE_MS,
};
const RECOMMENDATION: Interruption = { ...WARNING, kind: "rebalance-recommendation", deadline: null };

async function someNotes(cluster = "one") {
  const table = await newTable();
  const clock = { now: () => clock.at, at: START };
  const notesOf = (name: string) => createDynamoInterruptionNotes(table, name, clock);
  return { table, clock, notesOf, notes: notesOf(cluster) };
}

describe("notes of interruptions in DynamoDB", () => {
  test("are read as they were written, the same note once", async () => {
    const { notes } = await someNotes();
    for (const each of [WARNING, RECOMMENDATION, WARNING]) await notes.note(each);
    const { at, interruptions, gaps } = await notes.readInterruptions();
    expect(at).toBe(START);
    expect(gaps).toEqual([]);
    expect(interruptions).toHaveLength(2);
    expect(interruptions).toEqual(expect.arrayContaining([WARNING, RECOMMENDATION]));
  });

  test("are of one cluster", async () => {
    const { notes, notesOf } = await someNotes();
    await notes.note(WARNING);
    expect((await notesOf("two").readInterruptions()).interruptions).toEqual([]);
  });

  test.each([
    { name: "a warning ten minutes after its deadline", note: WARNING, until: 12 * MINUTE_MS },
    { name: "a recommendation after a day", note: RECOMMENDATION, until: 24 * HOUR_MS },
  ])("$name is over, though TTL has not deleted it", async ({ note, until }) => {
    const { notes, clock } = await someNotes();
    await notes.note(note);
    clock.at = START + until - 1;
    expect((await notes.readInterruptions()).interruptions).toEqual([note]);
    clock.at = START + until;
    expect((await notes.readInterruptions()).interruptions).toEqual([]);
  });

  test("one whose answer was lost is written once", async () => {
    const { notes } = await someNotes();
    loseAnswers("PutItem", 1);
    await notes.note(WARNING);
    expect((await notes.readInterruptions()).interruptions).toEqual([WARNING]);
  });

  test("one that cannot be read is a gap, and the others stand", async () => {
    const { notes, table } = await someNotes();
    await notes.note(WARNING);
    const Item = { pk: { S: "interruptions#one" }, sk: { S: "i-2#whatever" }, instanceId: { S: "i-2" } };
    await table.client.send(new PutItemCommand({ TableName: table.table, Item }));
    const { interruptions, gaps = [] } = await notes.readInterruptions();
    expect(interruptions).toEqual([WARNING]);
    expect(gaps).toEqual([expect.stringMatching(/cluster one cannot be read.*kind/s)]);
  });
});
