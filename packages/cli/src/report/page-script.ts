import { readFileSync } from "node:fs";

/** The page's own modules, each after those that it imports. */
const MODULES = [
  "format",
  "dom",
  "theme",
  "time-axis",
  "chips",
  "chart-options",
  "chart-group",
  "chart",
  "data-table",
  "summary",
  "frontier-paint",
  "frontier",
  "gpus",
  "nodes",
  "waits",
  "costs",
  "unserved",
  "decision-store",
  "decisions",
  "main",
];

/**
 * The modules as one script without imports: their names are taken to be one another's, so no two
 * modules may give one name to two things.
 */
export function pageScript(): string {
  // In a block, unlike in a function, a name that is given twice is an error.
  return `"use strict";\n{\n${MODULES.map(moduleText).join("\n")}\n}`;
}

function moduleText(name: string): string {
  const text = readFileSync(new URL(`page/${name}.js`, import.meta.url), "utf8");
  return text.replaceAll(/^import [^;]*;\n/gm, "").replaceAll(/^export /gm, "");
}
