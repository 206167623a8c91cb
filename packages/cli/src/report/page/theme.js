/** Colours of the charts, which are painted and know no style sheet: taken from it. */

const dark = matchMedia("(prefers-color-scheme: dark)");

/** So many pools and lines have a colour of their own. */
export const COLOURS = 8;

/** @param {string} name Of a custom property: "ink", "line-1". */
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** @param {number} at @returns {string} The name of a line's colour; beyond the eighth the last. */
export function lineColour(at) {
  return `line-${Math.min(at, COLOURS - 1) + 1}`;
}

/** A colour mixed into the page's ground. @param {string} name @param {number} share Of the colour, 0 to 1. */
export function tint(name, share) {
  const [over, under] = [channels(colour(name)), channels(colour("ground"))];
  const mixed = over.map((value, at) => Math.round(value * share + (under[at] ?? 0) * (1 - share)));
  return `rgb(${mixed.join(" ")})`;
}

/** @param {() => void} listener */
export function onThemeChange(listener) {
  dark.addEventListener("change", listener);
}

/** @param {string} hex "#rrggbb" */
function channels(hex) {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}
