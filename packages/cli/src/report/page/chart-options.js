import { colour, tint } from "./theme.js";

/**
 * A line of a chart.
 *
 * @typedef {import("./chips.js").Chip & {
 *   values: readonly (number | null)[],
 *   overall: string,
 *   width?: number,
 *   fill?: number,
 * }} Line `overall` is told while nothing is pointed at; `fill` is how much of the colour fills the area, 0 to 1.
 *
 * @typedef {object} ChartSpec
 * @property {string} label For those who do not see it.
 * @property {string} unit Of the upright axis.
 * @property {readonly number[]} x
 * @property {readonly Line[]} lines
 * @property {boolean} [stacked] The first line lies at the bottom.
 * @property {boolean} [stepped] A value holds until the next x.
 * @property {number} [view] Where the x axis ends at first, before its data does.
 * @property {string} [group] Charts of one group share what is pointed at and how far one has zoomed in.
 * @property {string} rest What the values of the legend are while nothing is pointed at: "mean of the run".
 * @property {(x: number) => string} xText
 * @property {(y: number) => string} yText
 * @property {Pick<uPlot.Axis, "incrs" | "splits" | "values" | "space">} xAxis
 * @property {(shown: readonly boolean[]) => void} [onShown]
 */

export function heightOf() {
  return innerWidth < 600 ? 220 : 300;
}

/**
 * What is drawn: in a stack each line stands on those below it, and those on top are drawn first.
 *
 * @param {ChartSpec} spec
 * @param {readonly boolean[]} shown
 * @returns {uPlot.AlignedData}
 */
export function heightsOf({ x, lines, stacked }, shown) {
  const heights = lines.map(({ values }) => [...values]);
  if (!stacked) return [[...x], ...heights];
  const sums = x.map(() => 0);
  const piled = lines.map(({ values }, line) =>
    x.map((_, at) => {
      if (shown[line]) sums[at] = (sums[at] ?? 0) + (values[at] ?? 0);
      return values[at] === null ? null : (sums[at] ?? 0);
    }),
  );
  return [[...x], ...piled.reverse()];
}

/**
 * @param {ChartSpec} spec
 * @param {readonly boolean[]} shown
 * @param {number} width
 * @param {(at: number | null | undefined) => void} onPoint
 * @param {(plot: uPlot) => void} onZoom
 * @returns {uPlot.Options}
 */
export function optionsOf(spec, shown, width, onPoint, onZoom) {
  const paths = spec.stepped ? uPlot.paths.stepped?.({ align: 1 }) : uPlot.paths.linear?.();
  const series = spec.lines.map((line, at) =>
    seriesOf(line, shown[at] ?? true, spec.stacked ?? false, paths),
  );
  if (spec.stacked) series.reverse();
  return {
    width,
    height: heightOf(),
    padding: [10, 20, 0, 0],
    legend: { show: false },
    scales: { x: { time: false }, y: { range: fromZero } },
    axes: [
      axis({ size: 30, ...spec.xAxis }),
      axis({ size: roomFor, values: (_, splits) => splits.map(spec.yText), space: 42 }),
    ],
    series: [{}, ...series],
    cursor: {
      y: false,
      points: { show: !spec.stacked, size: 7 },
      drag: { x: true, y: false, dist: 8 },
      dataIdx: (plot, _, closest, at) =>
        spec.stepped && (plot.data[0][closest] ?? 0) > at ? closest - 1 : closest,
      ...(spec.group ? { sync: { key: spec.group } } : {}),
    },
    hooks: { setCursor: [(plot) => onPoint(plot.cursor.idx)], setScale: [onZoom] },
  };
}

/**
 * @param {Line} line
 * @param {boolean} show
 * @param {boolean} stacked
 * @param {uPlot.Series.PathBuilder | undefined} paths
 * @returns {uPlot.Series}
 */
function seriesOf(line, show, stacked, paths) {
  return {
    label: line.name,
    show,
    stroke: colour(line.colour),
    width: line.width ?? (stacked ? 1 : 2),
    points: { show: false },
    ...(line.mark === "dash" ? { dash: [7, 4] } : {}),
    ...(line.fill ? { fill: tint(line.colour, line.fill) } : {}),
    ...(paths ? { paths } : {}),
  };
}

/** @param {uPlot.Axis} own @returns {uPlot.Axis} */
export function axis(own) {
  return {
    stroke: colour("quiet"),
    font: "12px system-ui, sans-serif",
    grid: { stroke: colour("hair"), width: 1 },
    ticks: { stroke: colour("hair"), width: 1, size: 5 },
    gap: 6,
    ...own,
  };
}

/** @param {uPlot} _ @param {number} __ @param {number} most @returns {uPlot.Range.MinMax} */
function fromZero(_, __, most) {
  return [0, most > 0 ? most * 1.06 : 1];
}

/** Width of the upright axis by its longest text. @param {uPlot} _ @param {string[] | null} texts */
export function roomFor(_, texts) {
  return 16 + 7.2 * Math.max(2, ...(texts ?? []).map((text) => text.length));
}
