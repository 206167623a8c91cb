import { HOUR_MS, MINUTE_MS, SECOND_MS } from "@gpu-autoscaler/core";
import { expect, test } from "vitest";
import * as constants from "../../packages/sandbox/src/peers/cluster-autoscaler/constants.ts";
import { fileText, section, tableRows } from "../docs/pages.ts";

/** Each constant with its figure, as the page writes them: "10 min", "500", "reserved 30, spot 20". */
function figures(): string[][] {
  return Object.entries(constants).map(([name, value]) => [name, figureOf(name, value)]);
}

function figureOf(name: string, value: number | Readonly<Record<string, number>>): string {
  if (typeof value !== "number") {
    return Object.entries(value)
      .map((entry) => entry.join(" "))
      .join(", ");
  }
  if (!name.endsWith("_MS")) return String(value);
  if (value < 2 * MINUTE_MS) return `${value / SECOND_MS} s`;
  return value < HOUR_MS ? `${value / MINUTE_MS} min` : `${value / HOUR_MS} h`;
}

test("docs/peers/cluster-autoscaler.md has every constant of the model, with its figure and its source", () => {
  const rows = tableRows(section(fileText("docs/peers/cluster-autoscaler.md"), "Figures"));
  const told = new Map(rows.map(([name = "", figure = "", source = ""]) => [name, { figure, source }]));
  expect([...told].map(([name, { figure }]) => [name, figure])).toEqual(figures());
  for (const { source } of told.values()) expect(source).not.toBe("");
});
