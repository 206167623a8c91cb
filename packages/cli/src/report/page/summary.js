import { dataTable, scroller } from "./data-table.js";
import { element, fill } from "./dom.js";
import { grouped, money, percent, times, wait } from "./format.js";

/** @typedef {import("../page-data.ts").PageData} PageData */
/** @typedef {import("../page-data.ts").RunData} RunData */

/** Title, figures and the table of all policies, for one of them. @param {PageData} data @param {RunData} run */
export function showSummary(data, run) {
  document.title = run.title;
  fill("scenario", data.scenario);
  fill("title", `${together(run.title)}.`);
  fill("comparisons", ...run.comparisons.map((text) => element("li", {}, `${together(text)}.`)));
  fill("tiles", ...tiles(data, run).map(([name, value, more]) => tile(name, value, more)));
  fill("comparison", scroller("The policies, in figures", comparison(data, run)));
}

/** Keeps figures and their units on one line. @param {string} text */
function together(text) {
  return text.replaceAll(/(\d) (s|min|h|%|×)(?!\w)/g, "$1\u00a0$2");
}

/** @param {PageData} data @param {RunData} run @returns {[string, string, string][]} */
function tiles({ boundUsd }, { figures }) {
  const { waitSeconds, gpuHoursPaid, gpuHoursUsed, unfinished, infeasible } = figures;
  const held = gpuHoursPaid === 0 ? "none paid" : `${percent(gpuHoursUsed / gpuHoursPaid, 0)} held by pods`;
  return [
    ["Cost", money(figures.costUsd), boundUsd === null ? "no bound" : `bound ${money(boundUsd)}`],
    ["Over the bound", times(figures.overBound), `${percent(figures.spotShare, 0)} of GPU-hours on Spot`],
    ["Mean wait", wait(waitSeconds.mean), `half ≤ ${wait(waitSeconds.p50)}, 95 % ≤ ${wait(waitSeconds.p95)}`],
    ["GPU-hours paid", grouped(gpuHoursPaid), held],
    [
      "Nodes launched",
      grouped(figures.launches),
      `${grouped(figures.interruptions)} interrupted, ${grouped(figures.evictions)} pods evicted`,
    ],
    [
      "Pods that did not run",
      grouped(unfinished + infeasible),
      unfinished + infeasible === 0
        ? "each ran to its end"
        : `${grouped(infeasible)} fit on no node, ${grouped(unfinished)} did not finish`,
    ],
  ];
}

/** @param {string} name @param {string} value @param {string} more */
function tile(name, value, more) {
  return element(
    "div",
    {},
    element("dt", {}, name),
    element("dd", { class: "big" }, value),
    element("dd", { class: "more" }, more),
  );
}

const HEAD = [
  "Policy",
  "Cost",
  "Over bound",
  "Spot share",
  "GPU-h paid",
  "GPU-h used",
  "Wait mean",
  "p50",
  "p95",
  "Longest",
  "Launches",
  "Inter\u00adrup\u00adtions",
  "Evictions",
  "Did not run",
];

/** @param {PageData} data @param {RunData} chosen */
function comparison({ boundUsd, runs }, chosen) {
  const rows = runs.map(({ name, figures }) => {
    const { waitSeconds, launches, interruptions, evictions, unfinished, infeasible } = figures;
    return [
      name,
      money(figures.costUsd),
      times(figures.overBound),
      percent(figures.spotShare, 0),
      grouped(figures.gpuHoursPaid, 1),
      grouped(figures.gpuHoursUsed, 1),
      ...[waitSeconds.mean, waitSeconds.p50, waitSeconds.p95, waitSeconds.max].map(wait),
      ...[launches, interruptions, evictions, unfinished + infeasible].map((count) => grouped(count)),
    ];
  });
  const bound = [
    "bound",
    money(boundUsd ?? 0),
    times(boundUsd === null ? null : 1),
    ...HEAD.slice(3).map(() => "–"),
  ];
  const table = dataTable("The policies, in figures", HEAD, [...rows, bound]);
  const row = table.tBodies[0]?.rows[runs.indexOf(chosen)];
  row?.classList.add("chosen");
  row?.setAttribute("aria-current", "true");
  return table;
}
