import type { RowOutcome } from "@gpu-autoscaler/sandbox";
import { waitGroups, waitPoints } from "@gpu-autoscaler/sandbox";
import { expect, test } from "vitest";
import { aRow } from "../load/a-row.ts";

function waited(waitMs: number, changes: Parameters<typeof aRow>[0] = {}): RowOutcome {
  return { row: aRow(changes), status: "ended", pod: null, waitMs, infeasible: null };
}

test("waits are told of all pods, of each class and of each priority that there is", () => {
  const rows = [
    waited(0, { class: "serving", priority: "high" }),
    waited(2_000),
    waited(9_000),
    { ...waited(0), infeasible: [] },
  ];
  const groups = waitGroups(rows, [1_000, 2_000, 10_000]);
  expect(groups.map(({ by, name, pods, noLonger }) => [by, name, pods, noLonger])).toEqual([
    ["all", "all", 3, [1, 2, 3]],
    ["class", "training", 2, [0, 1, 2]],
    ["class", "serving", 1, [1, 1, 1]],
    ["priority", "high", 1, [1, 1, 1]],
    ["priority", "normal", 2, [0, 1, 2]],
  ]);
  expect(groups[1]?.waitMs).toEqual({ mean: 5_500, p50: 2_000, p95: 9_000, max: 9_000 });
});

test("the points lie evenly on a logarithmic axis, and reach the longest wait", () => {
  expect(waitPoints(0).at(0)).toBe(1_000);
  expect(waitPoints(0).at(-1)).toBeGreaterThanOrEqual(600_000);
  expect(waitPoints(90_000_000).at(-1)).toBeGreaterThanOrEqual(90_000_000);
  expect(waitPoints(90_000_000)).toContain(10_000_000);
});

test("no pod at all makes a group of none", () => {
  expect(waitGroups([], [1_000])).toEqual([
    { by: "all", name: "all", pods: 0, waitMs: { mean: 0, p50: 0, p95: 0, max: 0 }, noLonger: [0] },
  ]);
});
