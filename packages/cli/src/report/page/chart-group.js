/** @typedef {import("./chart-options.js").ChartSpec} ChartSpec */

/** Charts that are zoomed together, by the name of their group. @type {Map<string, Set<uPlot>>} */
const groups = new Map();

/** @param {ChartSpec} spec @param {uPlot} plot @param {string} key @param {boolean} far @returns {boolean} Whether it was of use. */
export function onKey(spec, plot, key, far) {
  const last = spec.x.length - 1;
  const at = plot.cursor.idx ?? -1;
  const step = far ? 10 : 1;
  const targets = {
    ArrowLeft: Math.max(0, at - step),
    ArrowRight: Math.min(last, at + step),
    Home: 0,
    End: last,
  };
  const target = new Map(Object.entries(targets)).get(key);
  if (target !== undefined) {
    plot.setCursor({ left: plot.valToPos(spec.x[target] ?? 0, "x") + 0.01, top: 10 });
    return true;
  }
  const { min = 0, max = 0 } = plot.scales.x ?? {};
  const [middle, half] = [plot.posToVal(plot.cursor.left ?? 0, "x"), (max - min) / 2];
  const [first = 0, end = 0] = [spec.x[0], spec.x.at(-1)];
  const around = at < 0 ? (min + max) / 2 : middle;
  if (key === "+") zoomTo(spec, plot, Math.max(first, around - half / 2), Math.min(end, around + half / 2));
  else if (key === "-")
    zoomTo(spec, plot, Math.max(first, around - half * 2), Math.min(end, around + half * 2));
  else return false;
  return true;
}

/** @param {ChartSpec} spec @param {uPlot | null} plot @param {number} min @param {number} max */
export function zoomTo({ group }, plot, min, max) {
  const all = group ? groups.get(group) : undefined;
  for (const each of all ?? (plot ? [plot] : [])) each.setScale("x", { min, max });
}

/** @param {ChartSpec} spec @param {uPlot} plot */
export function enter({ group }, plot) {
  if (!group) return;
  const others = groups.get(group) ?? new Set();
  groups.set(group, others.add(plot));
}

/** @param {ChartSpec} spec @param {uPlot | null} plot */
export function leave({ group }, plot) {
  if (group && plot) groups.get(group)?.delete(plot);
}
