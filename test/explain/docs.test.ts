import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { simulate } from "@gpu-autoscaler/sandbox";
import { beforeAll, expect, test } from "vitest";
import { runCommand } from "../cli/run-command.ts";
import { fileText, section, tableRows } from "../docs/pages.ts";

const page = fileText("docs/explain.md");
const folder = mkdtempSync(join(tmpdir(), "docs-"));
const events = join(folder, "decisions.jsonl");

/** Each command that the page shows, with what it shows below it. */
const SHOWN = [...page.matchAll(/```\n\$ npx gpu-autoscaler (explain .*)\n([\s\S]*?)```/g)].map(
  ([, command = "", output = ""]) => ({ command, output }),
);

/** Figures apart: they change with defaults and prices. */
function shapeOf(text: string): string {
  return text
    .replaceAll(events, "decisions.jsonl")
    .replaceAll(/[0-9a-f]{16}-\w+-\d+/g, "KEY")
    .replaceAll(/\d[\d.,:-]*Z?/g, "N")
    .replaceAll(/(N (d|h|min|s)\b ?)+/g, "TIME");
}

async function explain(command: string): Promise<string> {
  const { stdout: list } = await runCommand(["explain", "launch", "--list", "--events", events]);
  const key = list.trim().split("\n").at(-1)?.split(/ {2}/)[1] ?? "";
  const argv = command
    .replace("decisions.jsonl", events)
    .replace(/[0-9a-f]{16}-\w+-\d+/, key)
    .split(" ");
  const { stdout, stderr } = await runCommand(argv);
  return stdout || stderr;
}

beforeAll(async () => {
  const [, load = ""] = /```\n(name,[\s\S]*?)```/.exec(page) ?? [];
  const trace = join(folder, "pods.csv");
  writeFileSync(trace, load);
  const argv = ["simulate", "--trace", trace, "--policy", "gpu-autoscaler", "--events", events];
  expect((await runCommand(argv, { simulate })).status).toBe(0);
});

test("the page shows each kind of explanation", () => {
  expect(SHOWN.map(({ command }) => command.split(" ").slice(0, 2).join(" "))).toEqual([
    "explain pod",
    "explain launch",
    "explain launch",
    "explain node",
    "explain pod",
  ]);
});

test.each(SHOWN)("what it shows is what is printed, figures apart: $command", async ({ command, output }) => {
  expect(shapeOf(await explain(command))).toBe(shapeOf(output));
});

test("it has every option that --help has", async () => {
  const helps = ["pod", "node", "launch"].map(
    async (kind) => (await runCommand(["explain", kind, "--help"])).stdout,
  );
  const texts = (await Promise.all(helps)).join("");
  const options = [...texts.matchAll(/^ {2}(--[a-z]+(?: <[a-z]+>)?)/gm)].map(([, option]) => option);
  const [documented] = section(page, "Options").split("| exit status |");
  expect(new Set(tableRows(documented ?? "").map(([cell]) => cell))).toEqual(new Set(options));
});

test.each([
  ["pod", "default/train-a"],
  ["node", "ip-10-0-0-1.ec2.internal"],
  ["launch", null],
])("it has every field of the JSON of a %s, and no other", async (kind, name) => {
  const { launches } = JSON.parse(
    (await runCommand(["explain", "launch", "--list", "--json", "--events", events])).stdout,
  );
  const asked = name ?? launches[0].launch.effect.key;
  const { stdout } = await runCommand(["explain", kind, asked, "--json", "--events", events]);
  const documented = ["All kinds", `Of a ${kind}`].flatMap((heading) =>
    tableRows(section(page, heading)).map(([cell]) => cell),
  );
  expect(new Set(documented)).toEqual(new Set(Object.keys(JSON.parse(stdout))));
});
