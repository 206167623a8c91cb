import { describe, expect, test } from "vitest";
import { CHECK_NAMES } from "../../packages/cli/src/doctor/run-checks.ts";
import { runCommand } from "../cli/run-command.ts";
import { fileText, section, tableRows } from "./pages.ts";

const page = (name: string) => fileText(`docs/${name}.md`);

describe("a command's page has every option that --help has, with its exit statuses", () => {
  test.each([
    ["plan", "plan"],
    ["doctor", "doctor"],
    ["pause", "pause"],
    ["resume", "pause"],
  ])("%s", async (command, name) => {
    const { stdout } = await runCommand([command, "--help"]);
    const options = [...stdout.matchAll(/^ {2}(--[a-z-]+(?: <[a-z]+>)?)/gm)].map(([, option]) => option);
    const rows = tableRows(section(page(name), "Options")).map(([cell]) => cell);
    expect(new Set(rows)).toEqual(new Set([...options, "0", "1", "2"]));
  });
});

test("doctor's page has every check, in its order", () => {
  const names = tableRows(section(page("doctor"), "What is checked")).map(([cell]) => cell);
  expect(names).toEqual(CHECK_NAMES);
});
