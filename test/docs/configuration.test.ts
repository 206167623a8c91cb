import { parseConfig } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { configurationTables } from "./configuration-tables.ts";
import { fileText, ROOT } from "./pages.ts";

const page = fileText("docs/configuration.md");

describe("docs/configuration.md", () => {
  test("has the tables that the schema makes; `npx vitest run test/docs -u` writes them anew", async () => {
    await expect(withTables(page)).toMatchFileSnapshot(`${ROOT}docs/configuration.md`);
  });

  test("shows the problems that such a configuration has", () => {
    const pools = [{ name: "l4", instanceTypes: ["g6.xlrge"], maxNode: 4, keepTime: "5 minutes" }];
    const input = {
      clusters: [{ name: "production", region: "us-east-1", zones: ["us-east-1a"], pools }],
    };
    let message = "";
    try {
      parseConfig(input);
    } catch (error) {
      message = String(error instanceof Error ? error.message : error);
    }
    expect(page).toContain(`error: ${message}`);
  });
});

/** The page with the first table below each heading made anew. */
function withTables(page: string): string {
  let made = page;
  for (const [heading, table] of configurationTables()) {
    const from = made.search(new RegExp(`^#+ ${heading}$`, "m"));
    if (from < 0) throw new RangeError(`the page has no heading "${heading}"`);
    made = made.slice(0, from) + made.slice(from).replace(/^\|.*\|$(\n^\|.*\|$)*/m, () => table);
  }
  return made;
}
