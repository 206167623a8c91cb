import { enter, leave, onKey, zoomTo } from "./chart-group.js";
import { heightOf, heightsOf, optionsOf } from "./chart-options.js";
import { createChips } from "./chips.js";
import { element } from "./dom.js";

/** @typedef {import("./chart-options.js").ChartSpec} ChartSpec */

/**
 * Draws a chart into a figure, in place of what is there.
 *
 * @param {HTMLElement} figure
 * @param {ChartSpec} spec
 * @returns {{ destroy(): void, repaint(): void }}
 */
export function drawChart(figure, spec) {
  const shown = spec.lines.map((line) => line.shown);
  const chips = createChips(spec.lines, (at, isShown) => {
    shown[at] = isShown;
    spec.onShown?.(shown);
    rebuild();
  });
  const pointedAt = element("span", { class: "pointed", role: "status" });
  const part = element("span", { class: "unit" });
  const back = element("button", { type: "button", class: "plain" }, "Show all");
  const zoomed = element("span", { hidden: true }, part, " ", back);
  const host = element("div", {
    class: "plot",
    tabindex: "0",
    role: "group",
    "aria-roledescription": "chart",
    "aria-label": `${spec.label}. Arrow keys read its values, plus and minus zoom.`,
  });
  const unit = element("span", { class: "unit" }, spec.unit);
  figure.replaceChildren(chips.root, element("div", { class: "above" }, unit, zoomed, pointedAt), host);

  /** @type {uPlot | null} */
  let plot = null;
  const told = (/** @type {number | null | undefined} */ at) => {
    const isAt = at !== null && at !== undefined && at < spec.x.length;
    pointedAt.textContent = isAt ? spec.xText(spec.x[at] ?? 0) : spec.rest;
    chips.show(spec.lines.map(({ values, overall }) => (isAt ? valueText(spec, values[at]) : overall)));
  };
  const onZoom = (/** @type {uPlot} */ drawn) => {
    const { min = 0, max = 0 } = drawn.scales.x ?? {};
    zoomed.hidden = min === spec.x[0] && max === spec.x.at(-1);
    part.textContent = `${spec.xText(min)} to ${spec.xText(max)}`;
  };
  const rebuild = () => {
    const zoom = plot?.scales.x;
    leave(spec, plot);
    plot?.destroy();
    const width = Math.max(200, host.clientWidth);
    plot = new uPlot(optionsOf(spec, shown, width, told, onZoom), heightsOf(spec, shown), host);
    enter(spec, plot);
    const [min, max] = [zoom?.min ?? spec.x[0] ?? 0, zoom?.max ?? spec.view ?? spec.x.at(-1) ?? 0];
    plot.setScale("x", { min, max });
    told(null);
  };
  rebuild();
  back.addEventListener("click", () => zoomTo(spec, plot, spec.x[0] ?? 0, spec.x.at(-1) ?? 0));
  host.addEventListener("keydown", (event) => {
    if (plot && onKey(spec, plot, event.key, event.shiftKey)) event.preventDefault();
  });
  const resized = new ResizeObserver(() =>
    plot?.setSize({ width: Math.max(200, host.clientWidth), height: heightOf() }),
  );
  resized.observe(host);
  return {
    destroy() {
      resized.disconnect();
      leave(spec, plot);
      plot?.destroy();
    },
    repaint() {
      chips.paint();
      rebuild();
    },
  };
}

/** @param {ChartSpec} spec @param {number | null | undefined} value */
function valueText(spec, value) {
  return value === null || value === undefined ? "–" : spec.yText(value);
}
