import { MINUTE_MS, SECOND_MS } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import * as constants from "../../packages/sandbox/src/peers/karpenter/constants.ts";
import { fileText, section, tableRows } from "../docs/pages.ts";

describe("the page on Karpenter", () => {
  test("tells every constant with its figure", () => {
    const figures = tableRows(section(fileText("docs/peers/karpenter.md"), "Figures"));
    const told = Object.fromEntries(figures.map(([name = "", figure = ""]) => [name, figure]));
    const known = Object.entries(constants).filter(([, value]) => typeof value === "number");
    expect(told).toEqual(
      Object.fromEntries(known.map(([name, value]) => [name, inWords(name, Number(value))])),
    );
  });
});

function inWords(name: string, value: number): string {
  if (name.endsWith("_MS")) {
    return value >= MINUTE_MS ? `${value / MINUTE_MS} min` : `${value / SECOND_MS} s`;
  }
  return value > 2 ** 20 ? `2^${Math.log2(value)}` : String(value);
}
