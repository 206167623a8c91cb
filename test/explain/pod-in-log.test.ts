import { explainPodInLog, explanationText, type TickRecord } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { aDemand, aLaunch, anOutcome, aRecord, because, launched, minute } from "./a-log.ts";

const explained = (...records: readonly TickRecord[]) => explainPodInLog(records, "team/a");
const story = (...records: readonly TickRecord[]) => explained(...records)?.story;
const waits = (at: number, changes: Partial<TickRecord> = {}, pods = ["team/a"]) =>
  aRecord(at, { demand: [aDemand(pods, "NoCapacityLeft")], ...changes });
const arrives = { arrived: [{ pod: "team/a", createdAt: minute(-1) }] };

describe("a pod in a log", () => {
  test("that waited and was bound: since when, until when, and where", () => {
    const explanation = explained(
      waits(0, arrives),
      waits(1, {}, ["team/a", "team/b"]),
      aRecord(2, { bound: [{ pod: "team/a", node: "n" }], instances: { n: "i-n" } }),
      aRecord(3),
    );
    expect(explanation).toMatchObject({
      standing: "bound",
      node: "n",
      at: minute(3),
      story: [
        { event: "Created", at: minute(-1) },
        { event: "Decided", at: minute(0), until: minute(2), reason: { code: "NoCapacityLeft" }, alike: 2 },
        { event: "Bound", at: minute(2), node: "n", instance: "i-n" },
      ],
    });
    expect(explanation && explanationText(explanation)).toContain("pod team/a: bound to n after 3 min\n");
  });

  test("that waits still: the last decision stands open", () => {
    expect(
      explained(waits(0, arrives), aRecord(1, { demand: [aDemand(["team/a"], "NoCapacityLeft")] })),
    ).toMatchObject({
      standing: "waiting",
      story: [{ event: "Created" }, { event: "Decided", until: null }],
    });
  });

  test("that is named no more is gone, once", () => {
    const explanation = explained(waits(0), aRecord(1), aRecord(2));
    expect(explanation).toMatchObject({
      standing: "gone",
      node: null,
      story: [
        { event: "Decided", until: minute(1) },
        { event: "Gone", at: minute(1) },
      ],
    });
  });

  test.each(["PodsStale", "NodesStale"] as const)("is not gone while %s keeps it from being read", (code) => {
    const blind = aRecord(1, { problems: [because(code)] });
    expect(story(waits(0), blind, waits(2))).toMatchObject([
      { event: "Decided", at: minute(0), until: null },
    ]);
    expect(story(waits(0), blind, aRecord(3))).toMatchObject([
      { event: "Decided", until: minute(3) },
      { event: "Gone", at: minute(3) },
    ]);
  });

  test("that was made anew under the same name has two stories", () => {
    const again = { arrived: [{ pod: "team/a", createdAt: minute(4) }] };
    expect(story(waits(0, arrives), waits(5, again))).toMatchObject([
      { event: "Created", at: minute(-1) },
      { event: "Decided", at: minute(0), until: minute(5) },
      { event: "Created", at: minute(4) },
      { event: "Decided", at: minute(5), until: null },
    ]);
  });

  test("whose reasons change has each in its order; figures alone are no change", () => {
    const full = (free: number) => ({
      rejected: [
        {
          pool: "single",
          group: null,
          zone: null,
          reasons: [because("InsufficientMemory", `${free} Gi are left`)],
        },
      ],
    });
    const says = (at: number, code: "NoCapacityLeft" | "FitsUpcomingNode", free: number) =>
      aRecord(at, { demand: [aDemand(["team/a"], code, full(free))] });
    const told = story(
      says(0, "NoCapacityLeft", 1),
      says(1, "NoCapacityLeft", 2),
      says(2, "FitsUpcomingNode", 2),
    );
    expect(told).toMatchObject([
      { at: minute(0), until: minute(2), reason: { code: "NoCapacityLeft" } },
      { at: minute(2), until: null, reason: { code: "FitsUpcomingNode" } },
    ]);
    expect(told?.[0]).toMatchObject({
      refusals: [{ refused: [{ reasons: [{ detail: "2 Gi are left" }] }] }],
    });
  });

  test("for which launches failed before one succeeded has them in their order", () => {
    const first = aLaunch({ key: "first" });
    const second = aLaunch({ key: "second", zone: "us-east-1b" });
    const forLaunch = (key: string) =>
      aDemand(["team/a"], "Launching", {
        outcomes: [{ count: 1, reason: because("Launching"), effect: key }],
      });
    const failed = anOutcome("first", { status: "failed", reason: because("CapacityError", "none") });
    const record = aRecord(0, {
      effects: [first, second],
      outcomes: [failed, launched("second", "i-n")],
      tried: [forLaunch("first")],
      demand: [forLaunch("second")],
    });
    expect(story(record)).toMatchObject([
      {
        tried: [{ effect: { key: "first" }, outcome: { reason: { code: "CapacityError" } } }],
        launch: { effect: { key: "second" }, price: { nanoDollarsPerHour: 281_680_000, podsPerNode: null } },
      },
    ]);
  });

  test("that an earlier decision of the tick launched for has that launch, though it then fits there", () => {
    const forLaunch = aDemand(["team/a"], "Launching", {
      outcomes: [{ count: 1, reason: because("Launching"), effect: "launch-1" }],
    });
    const record = aRecord(0, {
      effects: [aLaunch()],
      outcomes: [launched("launch-1", "i-n")],
      tried: [forLaunch],
      demand: [aDemand(["team/a"], "FitsUpcomingNode")],
    });
    expect(story(record)).toMatchObject([
      { reason: { code: "FitsUpcomingNode" }, launch: { effect: { key: "launch-1" } }, tried: [] },
    ]);
  });

  test("that was bound at once is known from there on", () => {
    expect(story(aRecord(0, { bound: [{ pod: "team/a", node: "n" }] }))).toEqual([
      { event: "Bound", at: minute(0), node: "n", instance: null },
    ]);
  });

  test.each([
    ["done", null, "evicted"],
    ["skipped", because("NotEnoughPdb", "team/web"), "bound"],
  ] as const)("whose eviction was %s", (status, reason, standing) => {
    const evict = {
      kind: "EvictPod",
      key: "evict/a",
      pool: "single",
      reason: because("NodeUnderused"),
      node: "n",
      namespace: "team",
      name: "a",
      uid: "uid-a",
      gracePeriodSeconds: null,
    } as const;
    const record = aRecord(1, { effects: [evict], outcomes: [anOutcome("evict/a", { status, reason })] });
    expect(explained(record)).toMatchObject({
      standing,
      node: "n",
      story: [{ event: "Evicted", effect: evict }],
    });
  });

  test("that no record names has no explanation", () => {
    expect(explained(waits(0, {}, ["team/b"]))).toBeNull();
    expect(explained()).toBeNull();
  });
});
