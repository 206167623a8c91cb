import { dataTable, scroller } from "./data-table.js";
import { byId, element, fill } from "./dom.js";
import { grouped, money, percent } from "./format.js";

/** @typedef {import("../page-data.ts").RunData} RunData */
/** @typedef {RunData["costs"]} Costs */
/** @typedef {"held" | "starting" | "idle" | "excess"} Use */

/** @type {Readonly<Record<Use, string>>} */
const USES = {
  held: "held by pods",
  starting: "until the node served",
  idle: "served, held by nobody",
  excess: "Spot beyond its share",
};

/** So many namespaces are shown before one asks for all. */
const FIRST = 12;

/** Cost by pool and by namespace, as tables with bars. @param {RunData} run */
export function showCosts({ costs, figures }) {
  const { costUsd } = figures;
  const { startingUsd, idleUsd, spotExcessUsd } = costs;
  const share = shareOf(costUsd);
  const held = costs.pools.reduce((sum, { heldUsd }) => sum + heldUsd, 0);
  const excess =
    spotExcessUsd > 0 ? `; ${share(spotExcessUsd)} is what Spot beyond its share costs On-Demand` : "";
  byId("costs-lead").textContent =
    `Of ${money(costUsd)}, ${share(held)} went to GPUs while pods held them, ${share(startingUsd)} to nodes ` +
    `until they served, and ${share(idleUsd)} to GPUs that served and nobody held${excess}.`;
  fill("pool-costs", element("h3", {}, "By pool"), legend(costs), poolTable(costs, costUsd));
  fill("namespace-costs", element("h3", {}, "By namespace"), ...namespaceTable(costs, costUsd));
}

/** @param {number} total @returns {(usd: number) => string} */
function shareOf(total) {
  return (usd) => percent(total === 0 ? 0 : usd / total);
}

/** @param {Costs} costs */
function legend({ spotExcessUsd }) {
  const entries = Object.entries(USES)
    .filter(([use]) => use !== "excess" || spotExcessUsd > 0)
    .map(([use, text]) => element("span", {}, element("i", { class: `swatch ${use}` }), text));
  return element("p", { class: "legend" }, ...entries);
}

/** @param {Costs} costs @param {number} total */
function poolTable({ pools, spotExcessUsd }, total) {
  const costOf = (/** @type {Costs["pools"][number]} */ pool) =>
    pool.heldUsd + pool.startingUsd + pool.idleUsd;
  const most = Math.max(spotExcessUsd, ...pools.map(costOf));
  const share = shareOf(total);
  const rows = pools.map((pool) => {
    const parts = { held: pool.heldUsd, starting: pool.startingUsd, idle: pool.idleUsd };
    return [pool.pool, money(costOf(pool)), share(costOf(pool)), bar(most, parts)];
  });
  const excess = [
    USES.excess,
    money(spotExcessUsd),
    share(spotExcessUsd),
    bar(most, { excess: spotExcessUsd }),
  ];
  return barTable(
    "Cost by pool",
    ["Pool", "Cost", "Share", "Of it"],
    spotExcessUsd > 0 ? [...rows, excess] : rows,
  );
}

/** @param {Costs} costs @param {number} total */
function namespaceTable({ namespaces, startingUsd, idleUsd, spotExcessUsd }, total) {
  const most = Math.max(startingUsd, idleUsd, spotExcessUsd, ...namespaces.map(({ heldUsd }) => heldUsd));
  const row = (/** @type {string} */ name, /** @type {Use} */ use, /** @type {number} */ usd, hours = 0) => [
    name,
    money(usd),
    shareOf(total)(usd),
    hours > 0 ? grouped(hours, 1) : "",
    bar(most, { [use]: usd }),
  ];
  const ofNobody = [
    row(USES.starting, "starting", startingUsd),
    row(USES.idle, "idle", idleUsd),
    ...(spotExcessUsd > 0 ? [row(USES.excess, "excess", spotExcessUsd)] : []),
  ];
  const table = (/** @type {number} */ count) => {
    const others = namespaces.slice(count);
    const [usd, hours] = [sum(others.map((each) => each.heldUsd)), sum(others.map((each) => each.gpuHours))];
    return barTable(
      "Cost by namespace",
      ["Namespace", "Cost", "Share", "GPU-h held", ""],
      [
        ...namespaces.slice(0, count).map((each) => row(each.namespace, "held", each.heldUsd, each.gpuHours)),
        ...(others.length > 0 ? [row(`${grouped(others.length)} others`, "held", usd, hours)] : []),
        ...ofNobody,
      ],
    );
  };
  const place = element("div", {}, table(FIRST));
  if (namespaces.length <= FIRST) return [place];
  const all = `All ${grouped(namespaces.length)} namespaces`;
  const more = element("button", { type: "button", class: "plain" }, all);
  more.addEventListener("click", () => {
    place.replaceChildren(table(namespaces.length));
    more.remove();
  });
  return [place, more];
}

/** @param {string} caption @param {string[]} head @param {readonly (readonly import("./dom.js").Child[])[]} rows */
function barTable(caption, head, rows) {
  const table = dataTable(caption, head, rows);
  table.classList.add("bars");
  return scroller(caption, table);
}

/** Uses side by side, `most` dollars being the whole width. @param {number} most @param {Readonly<Record<string, number>>} parts */
function bar(most, parts) {
  const told = Object.entries(parts).filter(([, usd]) => usd > 0);
  const text = told.map(([use, usd]) => `${use} ${money(usd)}`).join(", ");
  const pieces = told.map(([use, usd]) => {
    const piece = element("i", { class: use });
    piece.style.width = `${(100 * usd) / most}%`;
    return piece;
  });
  return element("span", { class: "bar-cell", role: "img", "aria-label": text, title: text }, ...pieces);
}

/** @param {readonly number[]} values */
function sum(values) {
  return values.reduce((all, each) => all + each, 0);
}
