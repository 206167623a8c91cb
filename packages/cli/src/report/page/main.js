import { showCosts } from "./costs.js";
import { showDecisions } from "./decisions.js";
import { byId, segments } from "./dom.js";
import { roundWait } from "./format.js";
import { drawFrontier } from "./frontier.js";
import { showGpus } from "./gpus.js";
import { showNodes } from "./nodes.js";
import { showSummary } from "./summary.js";
import { onThemeChange } from "./theme.js";
import { showUnserved } from "./unserved.js";
import { showWaits } from "./waits.js";

/** @type {import("../page-data.ts").PageData} */
const data = JSON.parse(byId("data").textContent ?? "");

/** @typedef {{ destroy(): void, repaint(): void }} Drawn */
/** @type {Map<string, Drawn>} */
const charts = new Map();

/** @param {string} id @param {() => Drawn} draw */
function redraw(id, draw) {
  charts.get(id)?.destroy();
  charts.set(id, draw());
}

/** @param {string} name Of the policy. */
function show(name) {
  const at = data.runs.findIndex((run) => run.name === name);
  const run = data.runs[at];
  if (!run) return;
  showSummary(data, run);
  redraw("frontier", () => drawFrontier(byId("frontier"), data, at));
  redraw("gpus", () => showGpus(data, run));
  redraw("nodes", () => showNodes(data, run));
  redraw("waits", () => showWaits(data, run, (chart) => redraw("waits", () => chart)));
  showCosts(run);
  showUnserved(run);
  showDecisions(run, at, data.reasons);
}

/** "10 min", or "10 min, later of 2 h". @param {readonly number[]} edges */
function bucketsText(edges) {
  const [first = 0, last = 0] = [edges[1], (edges.at(-1) ?? 0) - (edges.at(-2) ?? 0)];
  return first === last ? roundWait(first) : `${roundWait(first)}, in the tail of ${roundWait(last)}`;
}

const first = data.runs[0]?.name ?? "";
segments(
  "policies",
  data.runs.map(({ name }) => name),
  first,
  show,
);
byId("buckets").textContent = bucketsText(data.edgesSeconds);
onThemeChange(() => {
  for (const chart of charts.values()) chart.repaint();
});
show(first);
