import { HOUR_MS, MINUTE_MS, SECOND_MS } from "@gpu-autoscaler/core";
import { expect, test } from "vitest";
import * as constants from "../../packages/sandbox/src/world/constants.ts";
import { fileText, section, tableRows } from "./pages.ts";

/** Each constant of the world with its figure, as the page writes them. */
function figures(): string[][] {
  return Object.entries(constants).flatMap(([name, value]) => figuresOf(name, value));
}

function figuresOf(name: string, value: unknown): string[][] {
  if (typeof value !== "object" || value === null) return [[name, figure(name, value)]];
  const fields = new Map(Object.entries(value));
  const from = fields.get("fromMs");
  const to = fields.get("toMs");
  if (typeof from === "number" && typeof to === "number") return [[name, `${time(from)} to ${time(to)}`]];
  return [...fields].flatMap(([field, each]) => figuresOf(`${name}.${field}`, each));
}

function figure(name: string, value: unknown): string {
  if (typeof value !== "number") return String(value ?? "none");
  if (/_AT$/.test(name)) return new Date(value).toISOString().replace(".000", "");
  return /M[sS]$/.test(name) ? time(value) : String(value);
}

/** "90 s", "30 min", "48 h". */
function time(ms: number): string {
  if (ms <= 120 * SECOND_MS) return `${ms / SECOND_MS} s`;
  return ms < 2 * HOUR_MS ? `${ms / MINUTE_MS} min` : `${ms / HOUR_MS} h`;
}

test("docs/sandbox.md has every constant of the world, with its figure and a source", () => {
  const rows = tableRows(section(fileText("docs/sandbox.md"), "Figures"));
  expect(rows.map(([name, value]) => [name, value])).toEqual(figures());
});
