import { HOUR_MS, MINUTE_MS, SECOND_MS } from "@gpu-autoscaler/core";

/** A level is higher by `weight` from one moment until another, in milliseconds since the run's start. */
export interface Stretch {
  readonly fromMs: number;
  readonly untilMs: number;
  /** A whole number, in the level's own unit. */
  readonly weight: number;
}

/** A level over time: nodes, or GPUs. */
export interface Level {
  /**
   * Of each bucket the level × milliseconds, in the level's unit: exact, not sampled. Its mean over
   * the bucket is this ÷ the time of the run that falls into the bucket.
   */
  readonly integrals: readonly number[];
  /** How many units make one: of GPUs, the parts that they are cut into. */
  readonly unitsPerOne: number;
  /** The most at one moment, in units. */
  readonly peak: number;
}

/**
 * How time is cut: bucket `i` goes from `edgesMs[i]` to `edgesMs[i + 1]`. The first edge is 0, the
 * last is not before the end of the longest run.
 */
export interface Buckets {
  readonly edgesMs: readonly number[];
}

/** So many buckets a chart can show and a page can hold, and so many of them are kept for the tail. */
const MOST_BUCKETS = 1_500;
const TAIL_BUCKETS = 300;

const DAY_MS = 24 * HOUR_MS;
/** Widths that a clock divides into. */
const WIDTHS_MS = [
  ...[1, 5, 10, 30].map((seconds) => seconds * SECOND_MS),
  ...[1, 2, 5, 10, 15, 20, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 4, 6, 12].map((hours) => hours * HOUR_MS),
];

/**
 * At most 1,500 buckets over this time, all of one width. But where the run goes on for long after
 * the last pod was submitted, for a few pods that run for weeks, that tail has wider ones.
 */
export function bucketsFor(durationMs: number, lastSubmitMs: number): Buckets {
  const isLong = durationMs > 1.5 * lastSubmitMs && lastSubmitMs > 0;
  if (!isLong) return { edgesMs: edges([0], durationMs, MOST_BUCKETS) };
  const untilLast = edges([0], lastSubmitMs, MOST_BUCKETS - TAIL_BUCKETS);
  return { edgesMs: edges(untilLast, durationMs, TAIL_BUCKETS) };
}

/** Adds edges behind those that there are until one is not before `untilMs`: at most so many, evenly. */
function edges(before: readonly number[], untilMs: number, most: number): number[] {
  const all = [...before];
  const from = before.at(-1) ?? 0;
  const narrowest = (untilMs - from) / most;
  const width =
    WIDTHS_MS.find((each) => each >= narrowest) ?? Math.max(1, Math.ceil(narrowest / DAY_MS)) * DAY_MS;
  do all.push((all.at(-1) ?? 0) + width);
  while ((all.at(-1) ?? 0) < untilMs);
  return all;
}

/** Adds stretches up to a level. */
export function levelOf(stretches: readonly Stretch[], buckets: Buckets, unitsPerOne = 1): Level {
  return { integrals: integrate(stretches, buckets), unitsPerOne, peak: peakOf(stretches) };
}

function integrate(stretches: readonly Stretch[], { edgesMs }: Buckets): number[] {
  const count = edgesMs.length - 1;
  const integrals = new Array<number>(count + 1).fill(0);
  // What whole buckets have, as changes from one bucket to the next: a long stretch costs no more than a short one.
  const changes = new Array<number>(count + 1).fill(0);
  const add = (list: number[], at: number, value: number) => {
    list[at] = (list[at] ?? 0) + value;
  };
  for (const { fromMs, untilMs, weight } of stretches) {
    const first = bucketAt(edgesMs, fromMs);
    const last = bucketAt(edgesMs, untilMs);
    if (first === last) {
      add(integrals, first, weight * (untilMs - fromMs));
      continue;
    }
    add(integrals, first, weight * ((edgesMs[first + 1] ?? 0) - fromMs));
    add(integrals, last, weight * (untilMs - (edgesMs[last] ?? 0)));
    add(changes, first + 1, weight);
    add(changes, last, -weight);
  }
  let whole = 0;
  return integrals.slice(0, count).map((part, at) => {
    whole += changes[at] ?? 0;
    return part + whole * ((edgesMs[at + 1] ?? 0) - (edgesMs[at] ?? 0));
  });
}

/** The bucket that a moment lies in: the last edge that is not after it. */
function bucketAt(edgesMs: readonly number[], ms: number): number {
  let [low, high] = [0, edgesMs.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((edgesMs[middle] ?? 0) <= ms) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** What ends at a moment makes room for what begins then. */
function peakOf(stretches: readonly Stretch[]): number {
  const changes = stretches.flatMap(({ fromMs, untilMs, weight }) =>
    untilMs > fromMs
      ? [
          { at: fromMs, by: weight },
          { at: untilMs, by: -weight },
        ]
      : [],
  );
  changes.sort((a, b) => a.at - b.at || a.by - b.by);
  let [level, peak] = [0, 0];
  for (const { by } of changes) {
    level += by;
    peak = Math.max(peak, level);
  }
  return peak;
}
