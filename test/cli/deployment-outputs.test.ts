import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openReach } from "../../packages/cli/src/reach/open-reach.ts";

/** A folder with a configuration, and with what `sst deploy` left in it. */
function deployedIn(outputs: string | null): string {
  const folder = mkdtempSync(join(tmpdir(), "deployed-"));
  mkdirSync(join(folder, ".sst"));
  if (outputs !== null) writeFileSync(join(folder, ".sst", "outputs.json"), outputs);
  return join(folder, "autoscaler.config.ts");
}

const OUTPUTS = JSON.stringify({
  clusters: { production: { tick: "x", metrics: "https://aps/ws-1" } },
  table: "of-sst",
});

test.each([
  ["the option", { table: "given" }, { TABLE_NAME: "of-environment" }, OUTPUTS, "given"],
  ["else TABLE_NAME", {}, { TABLE_NAME: "of-environment" }, OUTPUTS, "of-environment"],
  ["else the last deploy from the configuration's folder", {}, { TABLE_NAME: "" }, OUTPUTS, "of-sst"],
  ["else nothing: there was no deploy", {}, {}, null, null],
  ["else nothing: the deploy left no table", {}, {}, JSON.stringify({ clusters: [] }), null],
])("the table is named by %s", (_, options, environment, outputs, want) => {
  const reach = openReach({ environment, home: "/nowhere" });
  expect(reach.tableName({ config: deployedIn(outputs), ...options })).toBe(want);
});

test("outputs that are broken are refused, with the file and the mend", () => {
  const reach = openReach({ environment: {}, home: "/nowhere" });
  const config = deployedIn("{");
  expect(() => reach.tableName({ config })).toThrow(
    /\.sst\/outputs\.json, which sst deploy writes, cannot be read .*: deploy again, or remove it/,
  );
});
