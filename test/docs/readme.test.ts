import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { REASONS } from "@gpu-autoscaler/core";
import { parseTrace, simulate } from "@gpu-autoscaler/sandbox";
import { expect, test } from "vitest";
import { runCommand } from "../cli/run-command.ts";
import { blockOf, fileText, ROOT } from "./pages.ts";

const readme = fileText("README.md");
const words = (line = "") => line.trim().split(/\s+/);

/** Header and first column of the table, and what the line above it tells: all but the figures. */
function shapeOf(report: string) {
  const [headline = "", , ...table] = report.trimEnd().split("\n");
  const rows = table.slice(2);
  return {
    headline: headline.replace(/^[\d,]+/, "N"),
    header: table.slice(0, 2).map(words),
    policies: rows.map((row) => words(row)[0]),
    columns: rows.map((row) => words(row.replaceAll(/ (s|min|h|%)(?= |$)/g, "$1")).length),
  };
}

test("README.md shows what `npm start` prints, figures apart", async () => {
  const { stdout } = await runCommand(["simulate"], { simulate });
  expect(shapeOf(blockOf(readme, "npm start"))).toEqual(shapeOf(stdout));
});

test("its trace can be read", () => {
  const [, trace = ""] = /```\n(name,[\s\S]*?)```/.exec(readme) ?? [];
  expect(parseTrace(new TextEncoder().encode(trace), "README.md")).toHaveLength(3);
});

test("its configuration can be read", async () => {
  const [, config = ""] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  const file = join(await mkdtemp(join(tmpdir(), "readme-")), "autoscaler.config.mjs");
  await writeFile(file, config.replace("@gpu-autoscaler/core", `${ROOT}packages/core/src/index.ts`));
  const { stderr, request } = await runCommand(["simulate", "--config", file]);
  expect(stderr).toBe("");
  expect(request?.policy.pools.map(({ name }) => name)).toEqual(["l4", "l4-four"]);
});

test("the fields that it shows of the JSON are those that are printed", async () => {
  const [, json = ""] = /```\n(\{ "name": [\s\S]*?)```/.exec(readme) ?? [];
  const { stdout } = await runCommand(["simulate", "--policy", "gpu-autoscaler", "--json"], { simulate });
  const [policy] = JSON.parse(stdout).policies;
  expect(Object.keys(JSON.parse(json))).toEqual(Object.keys(policy));
});

test("the reasons in the explanation that it shows are reasons", () => {
  const codes = [...readme.matchAll(/^ *(?:2026-\S+ \S+ +)?(\w+): [A-Z]/gm)].map(([, code]) => code);
  expect(codes).not.toEqual([]);
  expect(Object.keys(REASONS)).toEqual(expect.arrayContaining(codes));
});
