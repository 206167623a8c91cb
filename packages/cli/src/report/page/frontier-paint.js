import { wait } from "./format.js";
import { colour, lineColour } from "./theme.js";

/**
 * A point of the frontier. `over` is the cost ÷ the bound, or dollars where the bound is nothing.
 * @typedef {{ name: string, seconds: number, over: number }} Point
 */

/** @typedef {{ from: number, over: number, seconds: number }} Limits Of both axes. */

/** Where a point is drawn, in canvas pixels: at the edge when it lies beyond. @param {uPlot} plot @param {Point} point @param {Limits} limits */
export function placeOf(plot, { seconds, over }, limits) {
  const isFar = seconds > limits.seconds || over > limits.over;
  return {
    isFar,
    x: plot.valToPos(Math.min(seconds, limits.seconds), "x", true),
    y: plot.valToPos(Math.min(over, limits.over), "y", true),
  };
}

/**
 * @param {uPlot} plot
 * @param {readonly Point[]} points
 * @param {Limits} limits
 * @param {number} chosen
 * @param {(over: number) => string} overText
 */
export function paint(plot, points, limits, chosen, overText) {
  const { ctx, bbox } = plot;
  const unit = devicePixelRatio;
  ctx.save();
  paintSteps(
    plot,
    points.filter((point) => point.name !== "bound" && !placeOf(plot, point, limits).isFar),
    limits,
  );
  /** @type {number[]} */
  const taken = [];
  for (const [at, point] of points.entries()) {
    const { x, y, isFar } = placeOf(plot, point, limits);
    const isBound = point.name === "bound";
    ctx.beginPath();
    if (isFar) arrow(ctx, x, y, unit);
    else if (isBound) diamond(ctx, x, y, 7 * unit);
    else ctx.arc(x, y, (at === chosen ? 8 : 6) * unit, 0, 2 * Math.PI);
    ctx.fillStyle = colour(isBound ? "ink" : lineColour(at));
    ctx.fill();
    if (at === chosen && !isFar) {
      ctx.lineWidth = 2 * unit;
      ctx.strokeStyle = colour("ink");
      ctx.stroke();
    }
    ctx.font = `${at === chosen ? "600 " : ""}${13 * unit}px system-ui, sans-serif`;
    ctx.fillStyle = colour("ink");
    ctx.textBaseline = "middle";
    const rooms = { left: x - bbox.left - 16 * unit, right: bbox.left + bbox.width - x - 16 * unit };
    const texts = [`${point.name} ${overText(point.over)} · ${wait(point.seconds)}`, point.name];
    const text =
      texts.find((each) => ctx.measureText(each).width <= Math.max(rooms.left, rooms.right)) ?? point.name;
    const isLeft = ctx.measureText(text).width > rooms.right && rooms.left > rooms.right;
    ctx.textAlign = isLeft ? "right" : "left";
    const [textX, textY] = [
      x + (isLeft ? -14 : 14) * unit,
      freeLine(taken, isFar ? y + 12 * unit : y, 17 * unit),
    ];
    // A seam of the page's ground keeps the text apart from what it crosses.
    ctx.lineWidth = 4 * unit;
    ctx.strokeStyle = colour("ground");
    ctx.strokeText(text, textX, textY);
    ctx.fillText(text, textX, textY);
  }
  ctx.restore();
}

/** The line nearest to `y` that no other text is on. @param {number[]} taken @param {number} y @param {number} height */
function freeLine(taken, y, height) {
  let at = y;
  for (let step = 1; taken.some((other) => Math.abs(other - at) < height); step++) {
    at = y + (step % 2 === 1 ? -1 : 1) * Math.ceil(step / 2) * height * 0.5;
  }
  taken.push(at);
  return at;
}

/** The steps that join the policies than which no other is both cheaper and quicker. @param {uPlot} plot @param {readonly Point[]} points @param {Limits} limits */
function paintSteps(plot, points, limits) {
  const best = points
    .filter((point) => !points.some((other) => isBetter(other, point)))
    .sort((a, b) => a.seconds - b.seconds)
    .map((point) => placeOf(plot, point, limits));
  const { ctx } = plot;
  ctx.beginPath();
  for (const [at, { x, y }] of best.entries()) {
    const before = best[at - 1];
    if (before) ctx.lineTo(x, before.y);
    if (before) ctx.lineTo(x, y);
    else ctx.moveTo(x, y);
  }
  ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.lineWidth = devicePixelRatio;
  ctx.strokeStyle = colour("quiet");
  ctx.stroke();
  ctx.setLineDash([]);
}

/** @param {Point} a @param {Point} b */
function isBetter(a, b) {
  return a !== b && a.over <= b.over && a.seconds <= b.seconds && (a.over < b.over || a.seconds < b.seconds);
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {number} size */
function diamond(ctx, x, y, size) {
  ctx.moveTo(x, y - size);
  ctx.lineTo(x + size, y);
  ctx.lineTo(x, y + size);
  ctx.lineTo(x - size, y);
  ctx.closePath();
}

/** It points out of the chart. @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {number} unit */
function arrow(ctx, x, y, unit) {
  ctx.moveTo(x, y + unit);
  ctx.lineTo(x + 7 * unit, y + 13 * unit);
  ctx.lineTo(x - 7 * unit, y + 13 * unit);
  ctx.closePath();
}
