import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { generateDay, STRATEGIES, simulate } from "@gpu-autoscaler/sandbox";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createReport } from "../../packages/cli/src/report/report.ts";
import { runCommand } from "../cli/run-command.ts";
import { aRow } from "../load/a-row.ts";
import { traceOf } from "../load/trace-of.ts";
import { aRequest } from "../report/a-run.ts";
import { type Found, startChromium } from "./chromium.ts";
import { faintTexts, type OpenedPage, openPage, overflow, pictures } from "./opened-page.ts";

const folder = mkdtempSync(join(tmpdir(), "report-"));
const FIGURES = ["frontier", "gpus", "nodes", "waits"];

let found: Found = { missing: "it was not looked for" };
let url = "";

async function report(name: string, ...argv: string[]): Promise<string> {
  const file = join(folder, `${name}.html`);
  const { stderr, status } = await runCommand(["simulate", ...argv, "--report", file], { simulate });
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  return pathToFileURL(file).href;
}

beforeAll(async () => {
  found = await startChromium();
  url = await report("day", "--spot", "mix", "--weather", "bad");
});

afterAll(async () => {
  if ("browser" in found) await found.browser.close();
});

beforeEach(({ skip }) => {
  if ("missing" in found) skip(found.missing);
});

function open(...[address = url, options]: [address?: string, options?: Parameters<typeof openPage>[2]]) {
  if ("missing" in found) throw new Error(found.missing);
  return openPage(found.browser, address, options);
}

/** Nothing was asked of a network, nothing complained. */
function expectQuiet({ complaints, requests }: OpenedPage): void {
  expect({ complaints, requests }).toEqual({ complaints: [], requests: [] });
}

const WINDOWS = [
  ["a desktop, light", { colorScheme: "light", viewport: { width: 1280, height: 900 } }],
  ["a desktop, dark", { colorScheme: "dark", viewport: { width: 1280, height: 900 } }],
  ["a phone, light", { colorScheme: "light", viewport: { width: 360, height: 740 }, hasTouch: true }],
  ["a phone, dark", { colorScheme: "dark", viewport: { width: 360, height: 740 }, hasTouch: true }],
] as const;

describe.each(WINDOWS)("on %s", (_, options) => {
  test("every policy is shown by its title, its figures and charts that are drawn", async () => {
    const opened = await open(url, options);
    const { page } = opened;
    const titles = new Set<string>();
    for (const name of STRATEGIES) {
      await page.getByRole("radio", { name, exact: true }).check();
      const title = (await page.getByRole("heading", { level: 1 }).textContent()) ?? "";
      expect(title).toMatch(
        new RegExp(`^${name} ran [\\d,]+ pods for \\$[\\d,.]+, [\\d.]+\\s× the bound, with a mean wait`),
      );
      titles.add(title);
      expect(await page.locator("#comparisons li").count()).toBe(STRATEGIES.length - 1);
      expect(await page.locator("#comparison tr.chosen th").textContent()).toBe(name);
      const drawn = await pictures(page);
      expect(Object.keys(drawn).sort()).toEqual([...FIGURES].sort());
      for (const { colours } of Object.values(drawn)) expect(colours).toBeGreaterThan(5);
    }
    expect(titles.size).toBe(STRATEGIES.length);
    expectQuiet(opened);
    await page.context().close();
  });

  test("nothing is wider than the window, with every table and a decision open, and no text is faint", async () => {
    const opened = await open(url, options);
    const { page } = opened;
    expect(await overflow(page)).toBe(0);
    for (const summary of await page.locator("details.behind summary").all()) await summary.click();
    await page.getByRole("combobox", { name: "Kind" }).selectOption("LaunchInstances");
    for (const at of [0, 1, 2]) await page.locator("#list summary").nth(at).click();
    expect(await page.locator("details[open]").count()).toBe(6);
    expect(await overflow(page)).toBe(0);
    expect(await faintTexts(page)).toEqual([]);
    expectQuiet(opened);
    await page.context().close();
  });
});

describe("the charts", () => {
  test("hide a pool and show it again", async () => {
    const opened = await open();
    const { page } = opened;
    const [pool] = await page.locator("#nodes .chip").all();
    const before = (await pictures(page)).nodes;
    await pool?.click();
    expect(await pool?.getAttribute("aria-pressed")).toBe("false");
    const without = (await pictures(page)).nodes;
    expect(without?.digest).not.toBe(before?.digest);
    await pool?.click();
    expect((await pictures(page)).nodes).toEqual(before);
    expectQuiet(opened);
  });

  test("tell what lies under the pointer, in all charts over time at once", async () => {
    const { page } = await open();
    const pointed = (figure: string) => page.locator(`#${figure} .pointed`).textContent();
    expect(await pointed("gpus")).toBe("means of the run");
    await page.locator("#gpus .u-over").hover();
    expect(await pointed("gpus")).toMatch(/^day 1, \d\d:\d\d$/);
    expect(await pointed("nodes")).toBe(await pointed("gpus"));
    await page.locator("#waits .u-over").hover();
    expect(await pointed("waits")).toMatch(/^longer than \d+(\.\d)? (s|min)$/);
  });

  test("are read and zoomed by keyboard", async () => {
    const { page } = await open();
    const plot = page.getByRole("group", { name: /^GPUs paid/ });
    const pointed = page.locator("#gpus .pointed");
    await plot.focus();
    await page.keyboard.press("Home");
    expect(await pointed.textContent()).toBe("day 1, 00:00");
    const first = await page.locator("#gpus .chip .value").allTextContents();
    for (let step = 0; step < 3; step++) await page.keyboard.press("Shift+ArrowRight");
    expect(await pointed.textContent()).not.toBe("day 1, 00:00");
    expect(await page.locator("#gpus .chip .value").allTextContents()).not.toEqual(first);
    await page.keyboard.press("+");
    const back = page.locator("#nodes").getByRole("button", { name: "Show all" });
    await back.waitFor();
    const zoomed = (await pictures(page)).nodes?.digest;
    await back.click();
    await back.waitFor({ state: "hidden" });
    expect((await pictures(page)).nodes?.digest).not.toBe(zoomed);
  });

  test("are zoomed by dragging, together", async () => {
    const { page } = await open();
    await page.locator("#gpus .u-over").scrollIntoViewIfNeeded();
    const box = await page.locator("#gpus .u-over").boundingBox();
    if (!box) throw new Error("the chart has no place");
    const middle = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width * 0.3, middle);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, middle, { steps: 5 });
    await page.mouse.up();
    const shown = await page
      .locator("#gpus")
      .getByText(/^day 1, .* to day 1, /)
      .textContent();
    expect(
      await page
        .locator("#nodes")
        .getByText(/^day 1, .* to day 1, /)
        .textContent(),
    ).toBe(shown);
  });

  test("are painted anew when the system turns dark", async () => {
    const { page } = await open(url, { colorScheme: "light" });
    const light = await pictures(page);
    await page.emulateMedia({ colorScheme: "dark" });
    for (const figure of FIGURES) {
      await expect.poll(async () => (await pictures(page))[figure]?.digest).not.toBe(light[figure]?.digest);
    }
  });

  test("show waits by class, priority and policy", async () => {
    const { page } = await open();
    const names = () => page.locator("#waits .chip .name").allTextContents();
    expect(await names()).toEqual(["training", "batch", "serving"]);
    await page.getByRole("radio", { name: "priority" }).check();
    expect(await names()).toEqual(["high", "normal", "low"]);
    await page.getByRole("radio", { name: "policy" }).check();
    expect(await names()).toEqual([...STRATEGIES]);
  });
});

describe("the decisions", () => {
  test("are found by text, kind and pool, a page at a time", async () => {
    const opened = await open();
    const { page } = opened;
    const items = page.locator("#list > li");
    const status = page.locator("#found");
    expect(await items.count()).toBe(50);
    const all = await status.textContent();
    await page.getByRole("button", { name: "Next page" }).click();
    expect(await status.textContent()).toMatch(/^51–100 of /);
    await page.getByRole("button", { name: "First page" }).click();
    expect(await status.textContent()).toBe(all);

    const pools = page.getByRole("combobox", { name: "Pool" });
    await page.getByRole("combobox", { name: "Kind" }).selectOption("LaunchInstances");
    const launches = await status.textContent();
    expect(launches).toMatch(/^1–\d+ of [\d,]+, out of [\d,]+ decisions$/);
    const [, pool = ""] = await pools
      .locator("option")
      .evaluateAll((options) => options.map((option) => option.getAttribute("value") ?? ""));
    await pools.selectOption(pool);
    expect(await status.textContent()).not.toBe(launches);
    for (const text of await items.allTextContents())
      expect(text).toMatch(new RegExp(`launch.*${pool}`, "s"));

    const [instance = ""] = /i-[0-9a-f]{17}/.exec((await items.first().textContent()) ?? "") ?? [];
    await page.getByRole("searchbox").fill(`PODSunschedulable ${instance}`);
    expect(await items.count()).toBe(1);
    const entry = items.first();
    await entry.locator("summary").click();
    expect(await entry.getByText("Pods that no node can take have waited long enough").isVisible()).toBe(
      true,
    );
    expect(await entry.getByText(`done: ${instance}`).isVisible()).toBe(true);
    expect(await entry.getByText("NotCheapest").first().isVisible()).toBe(true);

    await page.getByRole("searchbox").fill("no such thing");
    expect(await status.textContent()).toMatch(/^None of [\d,]+ decisions$/);
    expect(await items.count()).toBe(0);
    expectQuiet(opened);
  });

  test("stay searched for from policy to policy", async () => {
    const { page } = await open();
    await page.getByRole("searchbox").fill("PodsUnschedulable");
    await page.getByRole("radio", { name: "static", exact: true }).check();
    await page.locator("#decisions-lead").filter({ hasText: "What static did" }).waitFor();
    expect(await page.getByRole("searchbox").inputValue()).toBe("PodsUnschedulable");
    expect(await page.locator("#found").textContent()).toMatch(/out of|None of/);
  });
});

test("names that try to break out are shown as what they are", async () => {
  // A trace's names have no slash, so they cannot end a script; but they can begin what swallows its end.
  const names = ["<!--<script>", "<b>bold", "&lt;u>"];
  const trace = join(folder, "hostile.csv");
  const rows = names.map((name) => aRow({ name, namespace: name }));
  writeFileSync(trace, traceOf([...rows, aRow({ name: "<b>too-big", gpus: 9 })]));
  const opened = await open(await report("hostile", "--trace", trace));
  const { page } = opened;
  for (const name of names) {
    expect(await page.locator("#list").textContent()).toContain(`${name}/${name}`);
    expect(await page.locator("#namespace-costs").textContent()).toContain(name);
  }
  expect(await page.locator("#unserved-pods").textContent()).toContain("<b>too-big");
  expect(await page.locator("b, u").count()).toBe(0);
  expectQuiet(opened);
});

test("decisions that a page has no room for are told to be missing", async () => {
  const roomy = createReport();
  const request = aRequest(generateDay({ seed: 1 }), "none");
  const result = await simulate({ ...request, onDecision: roomy.onDecision, onRun: roomy.onRun });
  const whole = roomy.page(result, "a day");
  const packed = /id="decisions-0">([^<]*)/.exec(whole)?.[1] ?? "";
  const tight = createReport(Buffer.byteLength(whole) - packed.length / 2);
  await simulate({ ...request, onDecision: tight.onDecision, onRun: tight.onRun });
  const file = join(folder, "tight.html");
  writeFileSync(file, tight.page(result, "a day"));
  const { page } = await open(pathToFileURL(file).href);
  expect(await page.locator("#decisions-lead").textContent()).toMatch(
    /Left out, to keep the page small: .*[\d,]+ of “node stays”/,
  );
  expect(await page.locator("#list > li").count()).toBe(50);
});

test("a load of nothing still makes a page", async () => {
  const trace = join(folder, "infeasible.csv");
  writeFileSync(trace, traceOf([aRow({ name: "too-big", gpus: 9 })]));
  const opened = await open(await report("nothing", "--trace", trace));
  expect(await opened.page.getByRole("heading", { level: 1 }).textContent()).toContain(
    "ran 0 pods for $0.00",
  );
  expect(readFileSync(trace, "utf8")).toContain("too-big");
  expectQuiet(opened);
});
