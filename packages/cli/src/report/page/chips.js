import { element } from "./dom.js";
import { colour } from "./theme.js";

/**
 * A chart's legend: a button for each line, which shows or hides it, with the line's value.
 *
 * @typedef {object} Chip
 * @property {string} name
 * @property {string} colour Of the style sheet.
 * @property {"line" | "dash" | "area" | "dot"} mark
 * @property {boolean} shown
 */

/**
 * @param {readonly Chip[]} chips
 * @param {(at: number, shown: boolean) => void} onToggle
 */
export function createChips(chips, onToggle) {
  const values = chips.map(() => element("span", { class: "value" }));
  const marks = chips.map(({ mark }) => element("span", { class: `mark ${mark}`, "aria-hidden": "true" }));
  const buttons = chips.map(({ name, shown }, at) => {
    const button = element(
      "button",
      { type: "button", class: "chip", "aria-pressed": String(shown), "data-name": name },
      marks[at] ?? null,
      element("span", { class: "name" }, name),
      values[at] ?? null,
    );
    button.addEventListener("click", () => {
      const next = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(next));
      onToggle(at, next);
    });
    return button;
  });
  const paint = () => {
    for (const [at, mark] of marks.entries())
      mark.style.setProperty("--mark", colour(chips[at]?.colour ?? "ink"));
  };
  paint();
  return {
    root: element("div", { class: "chips", role: "group", "aria-label": "Lines" }, ...buttons),
    paint,
    /** @param {readonly string[]} texts One for each chip. */
    show(texts) {
      for (const [at, value] of values.entries()) value.textContent = texts[at] ?? "";
    },
  };
}
