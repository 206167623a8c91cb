import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWorld } from "@gpu-autoscaler/sandbox";
import { expect, test } from "vitest";
import { aPolicy, aPool as aPolicyPool, pricesOf } from "../builders/index.ts";
import { aConfigOfPools, aPool } from "../config/a-config.ts";
import { aReach } from "./a-reach.ts";
import { runCommand } from "./run-command.ts";

const CONFIG = aConfigOfPools(aPool(), aPool({ name: "h100", instanceTypes: ["p5.48xlarge"] }));
const file = join(mkdtempSync(join(tmpdir(), "pause-")), "autoscaler.config.mjs");
writeFileSync(file, `export default ${JSON.stringify(CONFIG)};\n`);

/** The command line on a table of its own. */
function commands() {
  const pools = [aPolicyPool("l4", ["g6.xlarge"])];
  const world = createWorld({ cluster: "production", pools, prices: pricesOf(aPolicy(pools)) });
  const reach = aReach({ config: CONFIG, eyes: world.ports, table: "autoscaler-state" });
  const run = (verb: "pause" | "resume", ...argv: string[]) =>
    runCommand([verb, "--config", file, ...argv], { reach });
  const stored = async () =>
    (await reach.table("autoscaler-state", "us-east-1").stateStore.load("production"))?.state.paused;
  return { run, stored };
}

test("a pool is paused and resumed, and what is paused then is shown", async () => {
  const { run, stored } = commands();
  expect(await run("pause", "--pool", "l4")).toMatchObject({
    status: 0,
    stdout: "cluster production, paused from the next decision on (table autoscaler-state):\n  pool l4\n",
    stderr: "",
  });
  expect(await stored()).toEqual(["l4"]);
  expect((await run("resume", "--pool", "l4")).stdout).toBe(
    "cluster production: nothing is paused (table autoscaler-state)\n",
  );
  expect(await stored()).toEqual([]);
});

test("the cluster is paused as a whole, beside its pools", async () => {
  const { run, stored } = commands();
  await run("pause", "--pool", "h100");
  expect((await run("pause")).stdout).toContain("  the whole cluster\n  pool h100\n");
  expect((await run("resume")).stdout).toContain("state):\n  pool h100\n");
  expect(await stored()).toEqual(["h100"]);
});

test("doing it again changes nothing", async () => {
  const { run, stored } = commands();
  const first = await run("pause", "--pool", "l4");
  expect(await run("pause", "--pool", "l4")).toEqual(first);
  expect(await stored()).toEqual(["l4"]);
  expect((await run("resume", "--pool", "h100")).stdout).toContain("  pool l4\n");
});

test("--json prints one object", async () => {
  const { run } = commands();
  await run("pause");
  expect(JSON.parse((await run("pause", "--pool", "l4", "--json")).stdout)).toEqual({
    cluster: "production",
    region: "us-east-1",
    table: "autoscaler-state",
    wholeCluster: true,
    pools: ["l4"],
  });
});

test.each([
  [
    "a mistyped pool",
    ["--config", file, "--pool", "l5"],
    'cluster production has no pool "l5": did you mean "l4"?',
  ],
  ["a pool that there is not", ["--config", file, "--pool", "inference"], "it has l4, h100"],
  ["no table", ["--config", file], "no table is named: give --table NAME or set TABLE_NAME"],
  ["no configuration", ["--config", "/nowhere.ts"], "there is no such file"],
  ["an empty name", ["--config", file, "--pool", ""], 'has no pool ""'],
])("%s is refused, without a stack trace", async (_, argv, words) => {
  for (const verb of ["pause", "resume"]) {
    const { status, stdout, stderr } = await runCommand([verb, ...argv]);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(words);
    expect(stderr).not.toMatch(/\n\s+at /);
  }
});

test.each(["pause", "resume"])("%s --help tells every option, with examples", async (verb) => {
  const { status, stdout } = await runCommand([verb, "--help"]);
  expect(status).toBe(0);
  for (const option of "config cluster pool table json".split(" ")) expect(stdout).toContain(`--${option}`);
  expect(stdout).toContain(`$ gpu-autoscaler ${verb} --pool h100-training`);
});
