import { drawChart } from "./chart.js";
import { dataTable, meanOver, tableBehind, tableSpans } from "./data-table.js";
import { byId } from "./dom.js";
import { grouped, mean, moment, percent } from "./format.js";
import { overTime } from "./time-axis.js";

/** @typedef {import("../page-data.ts").PageData} PageData */
/** @typedef {import("../page-data.ts").RunData} RunData */

/** @type {readonly { level: keyof RunData["gpus"], colour: string, mark: "line" | "dash" | "area", shown: boolean, width?: number, fill?: number }[]} */
const LEVELS = [
  { level: "paid", colour: "line-8", mark: "line", shown: true, width: 1.25 },
  { level: "ready", colour: "line-5", mark: "area", shown: true, width: 1, fill: 0.3 },
  { level: "held", colour: "line-3", mark: "dash", shown: false },
  { level: "busy", colour: "line-2", mark: "area", shown: true, width: 1, fill: 0.75 },
  { level: "demanded", colour: "ink", mark: "line", shown: true, width: 1.25 },
];

/** @type {Map<string, boolean>} Which lines the reader wants, from policy to policy. */
const wanted = new Map();

/** @param {PageData} data @param {RunData} run */
export function showGpus(data, run) {
  const { gpus, figures } = run;
  const figure = byId("gpus");
  const base = overTime(data, run);
  const chart = drawChart(figure, {
    ...base,
    label: "GPUs paid, ready, held, busy and demanded over time",
    unit: "GPUs",
    lines: LEVELS.map(({ level, ...look }) => ({
      name: level,
      ...look,
      shown: wanted.get(level) ?? look.shown,
      values: repeatLast(gpus[level].means),
      overall: mean(meanOver(gpus[level].means, base.x)),
    })),
    onShown: (shown) => {
      for (const [at, { level }] of LEVELS.entries()) wanted.set(level, shown[at] ?? true);
    },
  });
  const used = figures.gpuHoursPaid === 0 ? 0 : figures.gpuHoursUsed / figures.gpuHoursPaid;
  byId("gpus-lead").textContent =
    `At most ${grouped(gpus.paid.peak)} GPUs were paid for and ${mean(gpus.demanded.peak)} demanded at once. ` +
    `Pods held ${percent(used)} of ${grouped(figures.gpuHoursPaid)} GPU-hours.`;
  tableBehind(figure, "GPUs over time, as a table", () => gpuTable(run, base.x));
  return chart;
}

/** The last mean once more, at the run's end, so that the last step is drawn. @param {readonly number[]} means */
export function repeatLast(means) {
  return means.length === 0 ? [0] : [...means, means.at(-1) ?? 0];
}

/** @param {RunData} run @param {readonly number[]} edges */
function gpuTable({ gpus }, edges) {
  const rows = tableSpans(gpus.paid.means.length).map((span) => [
    moment(edges[span.from] ?? 0),
    ...LEVELS.map(({ level }) => mean(meanOver(gpus[level].means, edges, span))),
  ]);
  const peaks = ["at most at once", ...LEVELS.map(({ level }) => mean(gpus[level].peak))];
  const head = ["From", ...LEVELS.map(({ level }) => level)];
  return dataTable("Mean GPUs from each time until the next", head, [...rows, peaks]);
}
