import { createDynamoLease, type DynamoTable } from "@gpu-autoscaler/adapters";
import { type Clock, MINUTE_MS } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { leaseContract } from "../contract/lease.contract.ts";
import { seeded } from "./dynamodb/random.ts";
import { START } from "./dynamodb/records.ts";
import { useDynamoDb } from "./dynamodb/use-dynamodb.ts";
import type { Fate } from "./loopback-proxy.ts";

const HOLD_MS = 2 * MINUTE_MS;

const { dynamoDb, newTable } = useDynamoDb();

leaseContract("in DynamoDB", async () => {
  const table = await newTable();
  let now = START;
  const clock = { now: () => now };
  return {
    lease: createDynamoLease(table, { clock, holdMs: HOLD_MS }),
    other: createDynamoLease(table, { clock, holdMs: HOLD_MS }),
    outliveHolder() {
      now += HOLD_MS;
    },
  };
});

describe("the lease in DynamoDB", () => {
  test("of twenty that come at once one gets it, and runs once more for all the others", async () => {
    const table = await newTable();
    const leases = Array.from({ length: 20 }, () => aLease(table));
    const got = await Promise.all(leases.map((lease) => lease.acquire("one")));
    expect(got.filter(Boolean)).toHaveLength(1);
    const holder = leases[got.indexOf(true)];
    expect(await holder?.releaseOrAgain("one")).toBe(true);
    expect(await holder?.releaseOrAgain("one")).toBe(false);
  });

  test("whose holder outlived its time is another's, and the first can neither keep nor end it", async () => {
    const table = await newTable();
    let now = START;
    const clock = { now: () => now };
    const [late, next] = [aLease(table, clock), aLease(table, clock)];
    await late.acquire("one");
    now += HOLD_MS;
    expect(await next.acquire("one")).toBe(true);
    expect(await late.acquire("one")).toBe(false);
    expect(await late.releaseOrAgain("one")).toBe(false);
    expect(await aLease(table, clock).acquire("one")).toBe(false);
    expect(await next.releaseOrAgain("one")).toBe(true);
  });

  test("that is let go while somebody asks its holder is his who asks", async () => {
    const table = await newTable();
    const [holder, other] = [aLease(table), aLease(table)];
    await holder.acquire("one");
    const again: boolean[] = [];
    dynamoDb().disturb(async (operation): Promise<Fate> => {
      if (operation === "UpdateItem") again.push(await holder.releaseOrAgain("one"));
      return "forward";
    });
    expect(await other.acquire("one")).toBe(true);
    expect(again).toEqual([false]);
    expect(await other.releaseOrAgain("one")).toBe(false);
  });

  test("that runs once more is held for its whole time from then on", async () => {
    const table = await newTable();
    let now = START;
    const clock = { now: () => now };
    const [holder, other] = [aLease(table, clock), aLease(table, clock)];
    await holder.acquire("one");
    await other.acquire("one");
    now += HOLD_MS - 1;
    expect(await holder.releaseOrAgain("one")).toBe(true);
    now += HOLD_MS - 1;
    expect(await other.acquire("one")).toBe(false);
  });

  // A demand is served by a run that begins after it came. A run that is under way may have looked already.
  test.each([
    ["when every answer arrives", 0],
    ["when a third of the answers is lost", 1 / 3],
  ])("loses no demand and runs one at a time, %s", async (_, share) => {
    const table = await newTable({ budgetMs: 30_000 });
    const random = seeded(7);
    dynamoDb().disturb(() => (random() < share ? "answer-lost" : "forward"));
    let [demands, served, running, runs] = [0, 0, 0, 0];
    const comeOften = async () => {
      for (let i = 0; i < 10; i++) {
        const lease = aLease(table);
        demands++;
        if (!(await lease.acquire("one"))) continue;
        do {
          expect(++running).toBe(1);
          runs++;
          const seen = demands;
          await passMs(random() * 10);
          served = Math.max(served, seen);
          running--;
        } while (await lease.releaseOrAgain("one"));
      }
    };
    await Promise.all(Array.from({ length: 8 }, comeOften));
    expect({ served, demands }).toEqual({ served: 80, demands: 80 });
    expect(runs).toBeGreaterThan(1);
    expect(await aLease(table).acquire("one")).toBe(true);
  });
});

function aLease(table: DynamoTable, clock: Clock = { now: () => START }) {
  return createDynamoLease(table, { clock, holdMs: HOLD_MS });
}

function passMs(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
