import { byId, element, fill } from "./dom.js";
import { grouped } from "./format.js";

/** @typedef {import("../page-data.ts").RunData} RunData */

const HOW = { infeasible: "fits on no node", unfinished: "did not finish" };

/** Pods that did not run, with their reasons. @param {RunData} run */
export function showUnserved({ unserved, unservedLeftOut }) {
  byId("unserved").hidden = unserved.length === 0;
  const pods = unserved.map(({ name, how, reasons }) =>
    element(
      "li",
      {},
      element("p", {}, element("strong", {}, name), ` ${HOW[how]}`),
      ...reasons.map((reason) => element("p", { class: "reason" }, reason)),
    ),
  );
  const more =
    unservedLeftOut > 0 ? `${grouped(unservedLeftOut)} more are not listed; --json lists all.` : "";
  fill("unserved-pods", element("ul", { class: "pods" }, ...pods), element("p", { class: "note" }, more));
}
