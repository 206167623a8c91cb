import { element } from "./dom.js";

/**
 * A table; the first cell of a row is its heading. Cells that are numbers in words stand to the right.
 *
 * @param {string} caption
 * @param {readonly string[]} head
 * @param {readonly (readonly import("./dom.js").Child[])[]} rows
 */
export function dataTable(caption, head, rows) {
  const header = element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)));
  const body = rows.map((cells) =>
    element(
      "tr",
      {},
      ...cells.map((cell, at) =>
        at === 0 ? element("th", { scope: "row" }, cell) : element("td", {}, cell),
      ),
    ),
  );
  return element(
    "table",
    {},
    element("caption", { class: "unseen" }, caption),
    element("thead", {}, header),
    element("tbody", {}, ...body),
  );
}

/** A place that scrolls sideways by itself, also by keyboard. @param {string} label @param {...import("./dom.js").Child} children */
export function scroller(label, ...children) {
  return element("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": label }, ...children);
}

/**
 * The table behind a chart, made when it is first opened.
 *
 * @param {HTMLElement} figure It is put at its end.
 * @param {string} summary
 * @param {() => HTMLElement} make
 */
export function tableBehind(figure, summary, make) {
  const place = scroller(summary);
  const details = element("details", { class: "behind" }, element("summary", {}, summary), place);
  details.addEventListener("toggle", () => {
    if (details.open && place.childElementCount === 0) place.append(make());
  });
  figure.append(details);
}

/** So many rows of a series over time are readable. */
const MOST_ROWS = 48;

/**
 * Rows for a table over time: spans of as many buckets each, the last perhaps shorter.
 *
 * @param {number} count Of buckets.
 * @returns {{ from: number, until: number }[]}
 */
export function tableSpans(count) {
  const length = Math.max(1, Math.ceil(count / MOST_ROWS));
  return Array.from({ length: Math.ceil(count / length) }, (_, at) => ({
    from: at * length,
    until: Math.min(count, (at + 1) * length),
  }));
}

/**
 * Mean over a span of buckets, exact as they are.
 *
 * @param {readonly number[]} means
 * @param {readonly number[]} edges Of the buckets, and the end of the last.
 * @param {{ from: number, until: number }} span
 */
export function meanOver(means, edges, { from, until } = { from: 0, until: means.length }) {
  let [sum, length] = [0, 0];
  for (let at = from; at < until; at++) {
    const seconds = (edges[at + 1] ?? 0) - (edges[at] ?? 0);
    sum += (means[at] ?? 0) * seconds;
    length += seconds;
  }
  return length === 0 ? 0 : sum / length;
}
