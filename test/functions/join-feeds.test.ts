import { AutoscalerError, type Interruption, type InterruptionFeed } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { joinInterruptionFeeds } from "../../packages/adapters/src/interruption/join-feeds.ts";
import { START } from "../builders/index.ts";

function aFeed(...interruptions: readonly Interruption[]): InterruptionFeed {
  return { readInterruptions: async () => ({ at: START, interruptions }) };
}

function anInterruption(changes: Partial<Interruption> = {}): Interruption {
  return { instanceId: "i-1", kind: "spot-interruption", noticedAt: START, deadline: START + 1, ...changes };
}

const BROKEN: InterruptionFeed = {
  async readInterruptions() {
    throw new AutoscalerError("throttled", "too many calls");
  },
};

describe("interruptions of several feeds", () => {
  test("are told once for each instance", async () => {
    const other = anInterruption({ instanceId: "i-2" });
    const { interruptions } = await joinInterruptionFeeds(
      aFeed(anInterruption()),
      aFeed(anInterruption(), other),
    ).readInterruptions();
    expect(interruptions).toEqual([anInterruption(), other]);
  });

  test.each([
    {
      name: "a Spot warning counts before an event that comes sooner",
      one: anInterruption({ deadline: START + 100 }),
      other: anInterruption({ kind: "scheduled-event", deadline: START + 1 }),
    },
    {
      name: "of two events the nearer counts",
      one: anInterruption({ kind: "scheduled-event", deadline: START + 1 }),
      other: anInterruption({ kind: "scheduled-event", deadline: START + 100 }),
    },
    {
      name: "one with an end counts before one without",
      one: anInterruption({ kind: "scheduled-event" }),
      other: anInterruption({ kind: "rebalance-recommendation", deadline: null }),
    },
  ])("$name, whichever feed tells it", async ({ one, other }) => {
    for (const feeds of [
      [aFeed(one), aFeed(other)],
      [aFeed(other), aFeed(one)],
    ])
      expect((await joinInterruptionFeeds(...feeds).readInterruptions()).interruptions).toEqual([one]);
  });

  test("stand when one feed cannot be read, and the gap is told", async () => {
    const { interruptions, gaps } = await joinInterruptionFeeds(
      BROKEN,
      aFeed(anInterruption()),
    ).readInterruptions();
    expect(interruptions).toEqual([anInterruption()]);
    expect(gaps).toEqual(["announced interruptions: too many calls"]);
  });

  test("cannot be told when none can be read", async () => {
    await expect(joinInterruptionFeeds(BROKEN, BROKEN).readInterruptions()).rejects.toThrow("too many calls");
  });
});
