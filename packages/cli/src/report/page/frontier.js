import { axis, heightOf, roomFor } from "./chart-options.js";
import { element } from "./dom.js";
import { money, tickWait, times, wait } from "./format.js";
import { paint, placeOf } from "./frontier-paint.js";

/** @typedef {import("../page-data.ts").PageData} PageData */
/** @typedef {import("./frontier-paint.js").Point} Point */
/** @typedef {import("./frontier-paint.js").Limits} Limits */

/** Points so many times beyond the lower median are drawn at the edge, or the others would be one heap. */
const FAR_COST = 3;
const FAR_WAIT = 8;

/**
 * Cost over mean wait, a point for each policy, and the bound.
 *
 * @param {HTMLElement} figure
 * @param {PageData} data
 * @param {number} chosen Which of the runs.
 */
export function drawFrontier(figure, data, chosen) {
  const points = pointsOf(data);
  const overText = (/** @type {number} */ over) => (data.boundUsd === null ? money(over) : times(over));
  const read = element("span", { class: "pointed", role: "status" });
  const host = element("div", {
    class: "plot",
    tabindex: "0",
    role: "group",
    "aria-roledescription": "chart",
    "aria-label": "Cost against mean wait, a point for each policy. Arrow keys read the points.",
  });
  const unit = element("span", { class: "unit" }, data.boundUsd === null ? "cost" : "cost, × the bound");
  const below = element("div", { class: "below" }, element("span", { class: "unit" }, "mean wait"));
  figure.replaceChildren(element("div", { class: "above" }, unit, read), host, below);

  const limits = limitsOf(points);
  const tell = (/** @type {Point | undefined} */ point) => {
    read.textContent = point ? `${point.name}: ${overText(point.over)}, ${wait(point.seconds)}` : "";
  };
  const make = () =>
    new uPlot(
      {
        width: Math.max(200, host.clientWidth),
        height: heightOf(),
        padding: [14, 16, 0, 0],
        legend: { show: false },
        scales: {
          x: { time: false, range: [-0.03 * limits.seconds, limits.seconds] },
          y: { range: [limits.from, limits.over] },
        },
        axes: [
          axis({
            size: 30,
            values: (_, splits) => splits.map((at) => (at < 0 ? "" : tickWait(at))),
            incrs: WAIT_STEPS,
            space: 70,
          }),
          axis({ values: (_, splits) => splits.map(overText), size: roomFor, space: 42 }),
        ],
        series: [{}, { paths: () => null, points: { show: false } }],
        cursor: { x: false, y: false, points: { show: false }, drag: { x: false, y: false } },
        hooks: {
          draw: [(plot) => paint(plot, points, limits, chosen, overText)],
          setCursor: [(plot) => tell(nearest(plot, points, limits))],
        },
      },
      [
        [0, limits.seconds],
        [limits.from, limits.over],
      ],
      host,
    );
  let plot = make();
  let read_at = -1;
  host.addEventListener("keydown", ({ key }) => {
    const step = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    read_at = (read_at + step + points.length) % points.length;
    tell(points[read_at]);
  });
  const resized = new ResizeObserver(() =>
    plot.setSize({ width: Math.max(200, host.clientWidth), height: heightOf() }),
  );
  resized.observe(host);
  return {
    destroy() {
      resized.disconnect();
      plot.destroy();
    },
    repaint() {
      plot.destroy();
      plot = make();
    },
  };
}

/** The policies in their order, then the bound. @param {PageData} data @returns {Point[]} */
function pointsOf({ boundUsd, runs }) {
  const points = runs.map(({ name, figures }) => ({
    name,
    seconds: figures.waitSeconds.mean,
    over: figures.overBound ?? figures.costUsd,
  }));
  return boundUsd === null ? points : [...points, { name: "bound", seconds: 0, over: 1 }];
}

/** Steps of the axis of waits, in seconds. */
const WAIT_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400];

/** @param {readonly Point[]} points @returns {Limits} */
function limitsOf(points) {
  const over = within(
    points.map((point) => point.over),
    FAR_COST,
  );
  const seconds = Math.max(
    20,
    within(
      points.map((point) => point.seconds),
      FAR_WAIT,
    ),
  );
  const least = Math.min(...points.map((point) => point.over));
  const margin = Math.max(0.05 * least, (over - least) * 0.12);
  return { from: least - margin * 0.7, over: over + margin * 1.6, seconds: seconds * 1.18 };
}

/** The largest value that is not far beyond the lower median of those above 0. @param {readonly number[]} values @param {number} far */
function within(values, far) {
  const sorted = values.filter((value) => value > 0).sort((a, b) => a - b);
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return Math.max(0, ...sorted.filter((value) => value <= far * median));
}

/** @param {uPlot} plot @param {readonly Point[]} points @param {Limits} limits */
function nearest(plot, points, limits) {
  const [left, top] = [
    (plot.cursor.left ?? -1) * devicePixelRatio,
    (plot.cursor.top ?? -1) * devicePixelRatio,
  ];
  if (left < 0) return undefined;
  const distances = points.map((point) => {
    const { x, y } = placeOf(plot, point, limits);
    return Math.hypot(x - plot.bbox.left - left, y - plot.bbox.top - top);
  });
  const least = Math.min(...distances);
  return least < 60 * devicePixelRatio ? points[distances.indexOf(least)] : undefined;
}
