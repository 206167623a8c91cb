import { SECOND_MS } from "@gpu-autoscaler/core";
import { type WaitFigures, waitFigures } from "../run-result.ts";
import type { RowOutcome } from "../world/index.ts";

/** The waits of some of a run's pods, infeasible ones apart. */
export interface WaitGroup {
  /** What its pods have in common; "all" is every pod. */
  readonly by: "all" | "class" | "priority";
  readonly name: string;
  readonly pods: number;
  readonly waitMs: WaitFigures;
  /** At each of the points asked for, how many waited no longer. */
  readonly noLonger: readonly number[];
}

const CLASSES = ["training", "batch", "serving"];
const PRIORITIES = ["high", "normal", "low"];

/** All pods, then those of each class and of each priority that there are. */
export function waitGroups(rows: readonly RowOutcome[], pointsMs: readonly number[]): WaitGroup[] {
  const feasible = rows.filter(({ infeasible }) => infeasible === null);
  const group = (by: WaitGroup["by"], name: string, of: readonly RowOutcome[]) =>
    of.length > 0 || by === "all" ? [groupOf(by, name, of, pointsMs)] : [];
  return [
    ...group("all", "all", feasible),
    ...CLASSES.flatMap((name) =>
      group(
        "class",
        name,
        feasible.filter(({ row }) => row.class === name),
      ),
    ),
    ...PRIORITIES.flatMap((name) =>
      group(
        "priority",
        name,
        feasible.filter(({ row }) => row.priority === name),
      ),
    ),
  ];
}

function groupOf(
  by: WaitGroup["by"],
  name: string,
  rows: readonly RowOutcome[],
  pointsMs: readonly number[],
): WaitGroup {
  const sorted = rows.map(({ waitMs }) => waitMs).sort((a, b) => a - b);
  let count = 0;
  const noLonger = pointsMs.map((point) => {
    while (count < sorted.length && (sorted[count] ?? 0) <= point) count += 1;
    return count;
  });
  return { by, name, pods: rows.length, waitMs: waitFigures(sorted), noLonger };
}

/** Waits that lie evenly on a logarithmic axis: from 1 s on, 40 to a tenfold, until one is as long as this, 10 min at least. */
export function waitPoints(longestMs: number): number[] {
  const points: number[] = [];
  do points.push(Math.round(SECOND_MS * 10 ** (points.length / 40)));
  while ((points.at(-1) ?? 0) < Math.max(longestMs, 600 * SECOND_MS));
  return points;
}
