import { clock, DAY, day, HOUR, mean, moment } from "./format.js";

/** Steps of the axis, in seconds: what a clock and a calendar of days divide into. */
export const TIME_STEPS = [
  ...[1, 5, 10, 30, 60, 120, 300, 600, 900, 1_800],
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 5, 7, 10, 14, 30, 60, 90, 180, 365].map((days) => days * DAY),
];

/** @param {readonly number[]} splits @returns {string[]} "day 2" at a day's beginning, else "14:00" */
export function timeTexts(splits) {
  return splits.map((at) => (at % DAY === 0 ? day(at) : clock(at)));
}

/** @typedef {import("../page-data.ts").PageData} PageData */

/** What charts over time have in common. @param {PageData} data @param {import("../page-data.ts").RunData} run */
export function overTime({ edgesSeconds, lastSubmitSeconds }, { gpus, durationSeconds }) {
  const x = bucketEdges(edgesSeconds, gpus.paid.means.length, durationSeconds);
  // A tail of wider buckets, in which a few pods run on for weeks, is not what one wants to see first.
  const tail = edgesSeconds.find((edge) => edge >= lastSubmitSeconds) ?? durationSeconds;
  return {
    x,
    stepped: true,
    group: "time",
    rest: "means of the run",
    xText: moment,
    yText: mean,
    xAxis: {
      incrs: TIME_STEPS,
      values: (/** @type {uPlot} */ _, /** @type {number[]} */ splits) => timeTexts(splits),
      space: 64,
    },
    ...(durationSeconds > 1.5 * lastSubmitSeconds && tail < durationSeconds
      ? { view: Math.min(durationSeconds, tail * 1.1) }
      : {}),
  };
}

/** Beginnings of the buckets that a run lasted, and its end. @param {readonly number[]} edges @param {number} count @param {number} end */
export function bucketEdges(edges, count, end) {
  return [...edges.slice(0, count), end];
}
