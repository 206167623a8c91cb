import { createStore, readDecisions } from "./decision-store.js";
import { byId, element } from "./dom.js";
import { counted, grouped, moment } from "./format.js";

/** @typedef {import("../page-data.ts").RunData} RunData */
/** @typedef {import("./decision-store.js").Decision} Decision */

const PAGE = 50;
/** So many pods and rejected groups of one decision are listed. */
const MOST = 60;

const KIND_TEXTS = new Map([
  ["LaunchInstances", "launch"],
  ["SetDesiredCapacity", "set desired capacity"],
  ["CordonNode", "cordon"],
  ["UncordonNode", "uncordon"],
  ["EvictPod", "evict"],
  ["TerminateInstances", "terminate"],
  ["PodsWait", "pods wait"],
  ["NodeStays", "node stays"],
  ["Problem", "problem"],
]);

/** @type {Map<number, Promise<ReturnType<typeof createStore>>>} */
const stores = new Map();
let shownRun = -1;

/**
 * The list of a run's decisions, and its filters. What is searched for stays from policy to policy.
 *
 * @param {RunData} run
 * @param {number} at Which of the runs.
 * @param {Readonly<Record<string, string>>} meanings Of reasons.
 */
export async function showDecisions(run, at, meanings) {
  shownRun = at;
  byId("decisions-lead").textContent = leadOfDecisions(run);
  const known = stores.get(at) ?? readDecisions(at).then(createStore);
  stores.set(at, known);
  const store = await known;
  // Another policy may have been chosen meanwhile.
  if (shownRun !== at) return;
  const search = input("search");
  const kind = select("kind", store.tally("kind"), (name) => KIND_TEXTS.get(name) ?? name);
  const pool = select("pool", store.tally("pool"), (name) => name || "of no pool");
  let page = 0;
  const draw = () => {
    const found = store.find(search.value, kind.value, pool.value);
    const pages = Math.max(1, Math.ceil(found.length / PAGE));
    page = Math.min(page, pages - 1);
    const first = page * PAGE;
    const shown = found.slice(first, first + PAGE);
    byId("found").textContent =
      found.length === 0
        ? `None of ${counted(store.count, "decision")}`
        : `${grouped(first + 1)}–${grouped(first + shown.length)} of ${grouped(found.length)}` +
          (found.length === store.count ? "" : `, out of ${counted(store.count, "decision")}`);
    byId("list").replaceChildren(...shown.map((place) => item(store.decision(place), meanings)));
    byId("pager").replaceChildren(
      ...pagerButtons(page, pages, (next) => {
        page = next;
        draw();
      }),
    );
  };
  const again = () => {
    page = 0;
    draw();
  };
  search.oninput = again;
  kind.onchange = again;
  pool.onchange = again;
  byId("filters").onsubmit = (event) => event.preventDefault();
  draw();
}

/** @param {RunData} run */
function leadOfDecisions({ name, decisions: { kept, leftOut } }) {
  const missing = Object.entries(leftOut).map(
    ([kind, count]) => `${grouped(count)} of “${KIND_TEXTS.get(kind) ?? kind}”`,
  );
  const all = `What ${name} did and why, what it left and why. Open an entry for its pods and the groups that were not taken.`;
  if (missing.length === 0) return kept === 0 ? `${name} decided nothing.` : all;
  return `${all} Left out, to keep the page small: ${missing.join(", ")}, the latest of each; --events writes all.`;
}

/** @param {string} id @returns {HTMLInputElement} */
function input(id) {
  const found = byId(id);
  if (!(found instanceof HTMLInputElement)) throw new Error(`#${id} is no input`);
  return found;
}

/**
 * A select with what there is, most first; the choice stays where it can.
 *
 * @param {string} id
 * @param {readonly [string, number][]} tally
 * @param {(name: string) => string} textOf
 */
function select(id, tally, textOf) {
  const found = byId(id);
  if (!(found instanceof HTMLSelectElement)) throw new Error(`#${id} is no select`);
  const before = found.value;
  const options = tally
    .filter(([name]) => name !== "")
    .map(([name, count]) => element("option", { value: name }, `${textOf(name)} (${grouped(count)})`));
  found.replaceChildren(element("option", { value: "" }, "all"), ...options);
  found.value = before;
  if (found.selectedIndex < 0) found.value = "";
  return found;
}

/** @param {number} page @param {number} pages @param {(page: number) => void} go */
function pagerButtons(page, pages, go) {
  if (pages === 1) return [];
  const to = (/** @type {string} */ text, /** @type {string} */ label, /** @type {number} */ target) =>
    element(
      "button",
      {
        type: "button",
        "aria-label": label,
        disabled: target === page || target < 0 || target >= pages,
        onclick: () => go(target),
      },
      text,
    );
  return [
    to("«", "First page", 0),
    to("‹", "Page before", page - 1),
    element("span", {}, `page ${grouped(page + 1)} of ${grouped(pages)}`),
    to("›", "Next page", page + 1),
    to("»", "Last page", pages - 1),
  ];
}

/** @param {Decision} decision @param {Readonly<Record<string, string>>} meanings */
function item(decision, meanings) {
  const { at, until, kind, pool, what, reasons, outcome, pods, asksFor } = decision;
  const codes = [...new Set(reasons.map(({ code }) => code))].join(", ");
  const who =
    pods.length > 0 ? ` · ${pods[0]}${pods.length > 1 ? ` and ${grouped(pods.length - 1)} more` : ""}` : "";
  const summary = element(
    "summary",
    {},
    element("time", {}, moment(at)),
    element("span", { class: `kind ${kind}` }, KIND_TEXTS.get(kind) ?? kind),
    element(
      "span",
      { class: "what" },
      `${pool && !what.includes(pool) ? `${pool}: ` : ""}${what || (reasons[0]?.detail ?? "")}${who}`,
    ),
    element("span", { class: "code" }, codes),
  );
  const isLasting = until === null || until > at;
  const facts = [
    ...reasons.map(({ code, detail }) =>
      fact(code, `${meanings[code] ?? ""}${detail ? ` (${detail})` : ""}`),
    ),
    isLasting ? fact("Held", until === null ? "to the last decision" : `until ${moment(until)}`) : null,
    pool ? fact("Pool", pool) : null,
    outcome ? fact("Outcome", outcome) : null,
    asksFor ? fact("Each asks for", asksFor) : null,
    pods.length > 0 ? fact(counted(pods.length, "pod"), listed(pods)) : null,
    ...notTaken(decision),
  ];
  const body = element("dl", {}, ...facts);
  return element("li", {}, element("details", {}, summary, body));
}

/** @param {Decision} decision */
function notTaken({ rejected }) {
  const byGroup = [...Map.groupBy(rejected, ({ where }) => where)];
  const shown = byGroup.slice(0, MOST).map(([where, reasons]) => {
    const texts = reasons.map(({ code, detail }) => (detail ? `${code}: ${detail}` : code));
    return fact(`Not ${where}`, texts.join("; "));
  });
  const more = byGroup.length - shown.length;
  return more > 0 ? [...shown, fact("Not taken", `${grouped(more)} more`)] : shown;
}

/** @param {readonly string[]} names */
function listed(names) {
  const shown = names.slice(0, MOST).join(", ");
  return names.length > MOST ? `${shown} and ${grouped(names.length - MOST)} more` : shown;
}

/** @param {string} name @param {string} text */
function fact(name, text) {
  return element("div", {}, element("dt", {}, name), element("dd", {}, text));
}
