import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig, policyOf, runTick } from "@gpu-autoscaler/core";
import { createWorld } from "@gpu-autoscaler/sandbox";
import { expect, test } from "vitest";
import { aPod, pricesOf } from "../builders/index.ts";
import { aConfigOfPools, aPool } from "../config/a-config.ts";
import { pass } from "../sandbox/a-world.ts";
import { aReach } from "./a-reach.ts";
import { runCommand } from "./run-command.ts";

const CONFIG = aConfigOfPools(aPool({ capacityTypes: ["on-demand"] }));
const file = join(mkdtempSync(join(tmpdir(), "explain-")), "autoscaler.config.mjs");
writeFileSync(file, `export default ${JSON.stringify(CONFIG)};\n`);

/** A deployment that launched for a pod, and the command beside it. */
async function deployment() {
  const policy = policyOf(parseConfig(CONFIG), "production");
  const world = createWorld({ cluster: "production", pools: policy.pools, prices: pricesOf(policy) });
  world.verbs.submit(aPod("trainer").gpu(1).classed("training").build());
  pass(world, { minutes: 1 });
  await runTick(world.ports, policy);
  const reach = aReach({ config: CONFIG, eyes: world.ports, table: "state", decisions: world.records });
  return (...argv: string[]) => runCommand(["explain", ...argv, "--config", file], { reach });
}

test("without --events the decisions of a deployment are explained", async () => {
  const explain = await deployment();
  const { status, stdout, stderr } = await explain("pod", "default/trainer");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toContain("launched: 1 × production-l4-on-demand-4x16 in us-east-1a");
  expect((await explain("launch", "--list", "--table", "other")).stdout).toContain("for default/trainer");
});

test("what it does not know is refused by the table's name", async () => {
  const explain = await deployment();
  const { status, stderr } = await explain("pod", "default/trainr");
  expect(status).toBe(2);
  expect(stderr).toBe(
    'error: The decision log of cluster production in table state has no pod "default/trainr": did you mean "default/trainer"?\n',
  );
});

test("a table without decisions, and none at all, are refused with the mend", async () => {
  const policy = policyOf(parseConfig(CONFIG), "production");
  const world = createWorld({ cluster: "production", pools: policy.pools, prices: pricesOf(policy) });
  const reach = aReach({ config: CONFIG, eyes: world.ports, table: "state" });
  const empty = await runCommand(["explain", "node", "n", "--config", file], { reach });
  expect(empty.status).toBe(2);
  expect(empty.stderr).toMatch(
    /in table state holds no decision since 2025-12-31T00:00:00.000Z: give an earlier --since/,
  );
  const none = await runCommand(["explain", "node", "n", "--config", file]);
  expect(none.status).toBe(2);
  expect(none.stderr).toContain("for the decisions of a deployment --table NAME");
});
