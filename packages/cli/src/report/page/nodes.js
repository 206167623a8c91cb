import { drawChart } from "./chart.js";
import { dataTable, meanOver, tableBehind, tableSpans } from "./data-table.js";
import { byId } from "./dom.js";
import { counted, grouped, mean, moment } from "./format.js";
import { repeatLast } from "./gpus.js";
import { COLOURS, lineColour } from "./theme.js";
import { overTime } from "./time-axis.js";

/** @typedef {import("../page-data.ts").PageData} PageData */
/** @typedef {import("../page-data.ts").RunData} RunData */

/** @type {Set<string>} Pools that the reader has hidden, from policy to policy. */
const hidden = new Set();

/** @param {PageData} data @param {RunData} run */
export function showNodes(data, run) {
  const figure = byId("nodes");
  const areas = areasOf(data.pools, run);
  const base = overTime(data, run);
  const chart = drawChart(figure, {
    ...base,
    label: "Nodes of each pool over time, one pool on another",
    unit: "nodes",
    stacked: true,
    lines: areas.map(({ name, colour, means }) => ({
      name,
      colour,
      mark: /** @type {const} */ ("area"),
      fill: 0.85,
      shown: !hidden.has(name),
      values: repeatLast(means),
      overall: mean(meanOver(means, base.x)),
    })),
    onShown: (shown) => {
      for (const [at, { name }] of areas.entries()) {
        if (shown[at]) hidden.delete(name);
        else hidden.add(name);
      }
    },
  });
  byId("nodes-lead").textContent = leadOf(run);
  tableBehind(figure, "Nodes by pool, as a table", () => nodeTable(run, base.x));
  return chart;
}

/** @param {RunData} run */
function leadOf({ nodes, figures }) {
  const longest = nodes.toSorted((a, b) => b.nodeHours - a.nodeHours)[0];
  if (!longest) return "No node was launched.";
  const hours = nodes.reduce((sum, each) => sum + each.nodeHours, 0);
  return (
    `${counted(figures.launches, "node")} in ${counted(nodes.length, "pool")}, ${grouped(hours)} node-hours in all. ` +
    `Most of them in ${longest.pool}: ${grouped(longest.nodeHours)}, at most ${counted(longest.peak, "node")} at once.`
  );
}

/** An area for each pool that had nodes; where there are more than colours, the cheapest share the last. @param {readonly string[]} pools @param {RunData} run */
function areasOf(pools, { nodes }) {
  const own = pools.length > COLOURS ? COLOURS - 1 : COLOURS;
  const areas = nodes
    .map(({ pool, means }) => ({ name: pool, at: pools.indexOf(pool), means }))
    .sort((a, b) => a.at - b.at)
    .map(({ name, at, means }) => ({ name, at, colour: lineColour(at), means }));
  const others = areas.filter(({ at }) => at >= own);
  if (others.length === 0) return areas;
  const sums = (others[0]?.means ?? []).map((_, i) =>
    others.reduce((sum, { means }) => sum + (means[i] ?? 0), 0),
  );
  const shared = {
    name: `${counted(others.length, "other pool")}`,
    at: own,
    colour: lineColour(own),
    means: sums,
  };
  return [...areas.filter(({ at }) => at < own), shared];
}

/** @param {RunData} run @param {readonly number[]} edges */
function nodeTable({ nodes }, edges) {
  const names = nodes.map(({ pool }) => pool);
  const rows = tableSpans(nodes[0]?.means.length ?? 0).map((span) => [
    moment(edges[span.from] ?? 0),
    ...nodes.map(({ means }) => mean(meanOver(means, edges, span))),
  ]);
  const totals = [
    ["at most at once", ...nodes.map(({ peak }) => grouped(peak))],
    ["launches", ...nodes.map(({ launches }) => grouped(launches))],
    ["node-hours", ...nodes.map(({ nodeHours }) => grouped(nodeHours, 1))],
  ];
  return dataTable(
    "Mean nodes of each pool from each time until the next",
    ["From", ...names],
    [...rows, ...totals],
  );
}
