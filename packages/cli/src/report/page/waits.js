import { drawChart } from "./chart.js";
import { dataTable, tableBehind } from "./data-table.js";
import { byId, segments } from "./dom.js";
import { counted, grouped, percent, roundWait, wait } from "./format.js";
import { lineColour } from "./theme.js";

/** @typedef {import("../page-data.ts").PageData} PageData */
/** @typedef {import("../page-data.ts").RunData} RunData */
/** @typedef {import("../page-data.ts").WaitData} WaitData */

/** What the lines stand for. @type {readonly ["class", "priority", "policy"]} */
const CHOICES = ["class", "priority", "policy"];

/** Round waits, for the axis: logarithmic. */
const ROUND_WAITS = [1, 10, 60, 600, 3_600, 36_000, 86_400, 864_000];

/** @type {string} */
let by = "class";

/**
 * How many pods waited longer than so long.
 *
 * @param {PageData} data
 * @param {RunData} run
 * @param {(chart: ReturnType<typeof drawChart>) => void} onRedraw
 */
export function showWaits(data, run, onRedraw) {
  segments("waits-by", CHOICES, by, (choice) => {
    by = choice;
    onRedraw(drawWaits(data, run));
  });
  byId("waits-lead").textContent = leadText(run);
  return drawWaits(data, run);
}

/** @param {RunData} run */
function leadText({ waits, figures }) {
  const all = waits.find(({ by: of }) => of === "all");
  if (!all || all.pods === 0) return "No pod could run.";
  const { p50, p95, max } = figures.waitSeconds;
  return (
    `${percent((all.noLonger[0] ?? 0) / all.pods, 0)} of ${counted(all.pods, "pod")} waited at most a second; ` +
    `half at most ${wait(p50)}, 95 % at most ${wait(p95)}, the longest ${wait(max)}. ` +
    "A wait is all the time that a pod was pending, over all its starts."
  );
}

/** @param {PageData} data @param {RunData} run */
function drawWaits({ runs, waitPointsSeconds }, run) {
  const figure = byId("waits");
  const groups = groupsOf(runs, run);
  const x = waitPointsSeconds.map(Math.log10);
  const chart = drawChart(figure, {
    label: `Share of pods that waited longer than so long, by ${by}`,
    unit: "% of pods that waited longer than …",
    x,
    rest: "mean wait",
    xText: (at) => `longer than ${wait(10 ** at)}`,
    yText: (y) => `${y.toFixed(y % 1 === 0 ? 0 : 1)} %`,
    xAxis: {
      splits: (_, __, min, max) =>
        ROUND_WAITS.map(Math.log10).filter((at) => at >= min - 0.001 && at <= max + 0.001),
      values: (_, splits) => splits.map((at) => roundWait(Math.round(10 ** at))),
    },
    lines: groups.map(({ name, group, isChosen }, at) => ({
      name,
      colour: lineColour(at),
      mark: at % 2 === 1 ? "dash" : "line",
      shown: true,
      width: isChosen ? 3 : 2,
      values: group.noLonger.map((pods) => 100 * (1 - pods / Math.max(1, group.pods))),
      overall: wait(group.waitSeconds.mean),
    })),
  });
  tableBehind(figure, "Waits, as a table", () => waitTable(groups));
  return chart;
}

/** @typedef {{ name: string, group: WaitData, isChosen: boolean }} WaitLine */

/** @param {readonly RunData[]} runs @param {RunData} run @returns {WaitLine[]} */
function groupsOf(runs, run) {
  if (by !== "policy") {
    return run.waits
      .filter((group) => group.by === by)
      .map((group) => ({ name: group.name, group, isChosen: false }));
  }
  return runs.flatMap((each) =>
    each.waits
      .filter((group) => group.by === "all")
      .map((group) => ({ name: each.name, group, isChosen: each === run })),
  );
}

/** @param {readonly WaitLine[]} groups */
function waitTable(groups) {
  const rows = groups.map(({ name, group: { pods, noLonger, waitSeconds } }) => [
    name,
    grouped(pods),
    percent((noLonger[0] ?? 0) / Math.max(1, pods)),
    ...[waitSeconds.mean, waitSeconds.p50, waitSeconds.p95, waitSeconds.max].map(wait),
  ]);
  return dataTable(`Waits by ${by}`, [by, "Pods", "At most 1 s", "Mean", "p50", "p95", "Longest"], rows);
}
