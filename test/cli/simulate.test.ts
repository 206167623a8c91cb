import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emptyState, type TickRecord } from "@gpu-autoscaler/core";
import {
  comparisonPolicy,
  comparisonPrices,
  generateDay,
  type RunResult,
  type SimulationResult,
} from "@gpu-autoscaler/sandbox";
import { describe, expect, test } from "vitest";
import { aCluster, aConfig, aConfigOfPools, aPool } from "../config/a-config.ts";
import { aRow } from "../load/a-row.ts";
import { traceOf } from "../load/trace-of.ts";
import { runCommand } from "./run-command.ts";

const HOUR_MS = 3_600_000;
const folder = mkdtempSync(join(tmpdir(), "simulate-"));

function aRun(changes: Partial<RunResult> = {}): RunResult {
  return {
    name: "gpu-autoscaler",
    costNanoDollars: 123_456_789_000,
    spotGpuMs: 50 * HOUR_MS,
    gpuMsPaid: 200 * HOUR_MS,
    gpuMsUsed: 150 * HOUR_MS,
    waitMs: { mean: 61_500, p50: 45_000, p95: 300_000, max: 9_000_000 },
    launches: 1_234,
    interruptions: 2,
    evictions: 3,
    unfinished: [],
    infeasible: [],
    ...changes,
  };
}

const RESULT: SimulationResult = {
  lowerBoundNanoDollars: 100_000_000_000,
  runs: [
    aRun({ unfinished: [{ name: "slow", reasons: [] }] }),
    aRun({
      name: "static",
      costNanoDollars: 2_000_000_000_000,
      launches: 20,
      infeasible: ["a", "b", "c", "d"].map((name) => ({
        name,
        reasons: ["g6-xlarge", "g6-48xlarge"].map((pool) => ({
          code: "InsufficientMemory",
          detail: `${pool}: asks for 900 Gi`,
        })),
      })),
    }),
  ],
};

const simulate = () => Promise.resolve(RESULT);

function configFile(input: unknown): string {
  const file = join(mkdtempSync(join(folder, "config-")), "autoscaler.config.mjs");
  writeFileSync(file, `export default ${JSON.stringify(input)};\n`);
  return file;
}

describe("what is simulated", () => {
  test("is by default the built-in day in the comparison world, On-Demand alone", async () => {
    const { status, request } = await runCommand(["simulate"]);
    expect(status).toBe(0);
    expect(request).toMatchObject({
      rows: generateDay({ seed: 1 }),
      policy: comparisonPolicy("none"),
      prices: comparisonPrices(),
      strategies: ["gpu-autoscaler", "static", "cluster-autoscaler", "karpenter"],
      spot: "none",
      weather: "usual",
      seed: 1,
    });
  });

  test("follows seed, days, Spot, weather and policies", async () => {
    const argv = "simulate --seed 9 --days 2 --spot mix --weather bad --policy static gpu-autoscaler".split(
      " ",
    );
    const { request } = await runCommand(argv);
    expect(request).toMatchObject({
      rows: generateDay({ seed: 9, days: 2 }),
      policy: comparisonPolicy("mix"),
      strategies: ["gpu-autoscaler", "static"],
      spot: "mix",
      weather: "bad",
      seed: 9,
    });
  });

  test("is one policy alone, if so wished", async () => {
    const { request } = await runCommand(["simulate", "--policy", "static"]);
    expect(request?.strategies).toEqual(["static"]);
  });

  test("is a trace, or its first days", async () => {
    const trace = join(folder, "pods.csv");
    const rows = [aRow(), aRow({ name: "next-day", submitMs: 24 * HOUR_MS })];
    writeFileSync(trace, traceOf(rows));
    expect((await runCommand(["simulate", "--trace", trace])).request?.rows).toEqual(rows);
    expect((await runCommand(["simulate", "--trace", trace, "--days", "1"])).request?.rows).toEqual(
      rows.slice(0, 1),
    );
  });

  test("is the configured cluster, with Spot as it is configured", async () => {
    const file = configFile(aConfig(aCluster({ spot: { share: 0.3 } })));
    const { request } = await runCommand(["simulate", "--config", file]);
    expect(request).toMatchObject({
      spot: "mix",
      policy: { cluster: "production", spot: { shareMilli: 300 } },
    });
    expect(request?.prices.spot["g6.xlarge/us-east-1b"]).toBe(281_680_000);
  });

  test("is the named one of several clusters, without the groups that Spot none leaves out", async () => {
    const file = configFile(aConfig(aCluster(), aCluster({ name: "staging" })));
    const { request } = await runCommand([
      "simulate",
      "--config",
      file,
      "--cluster",
      "staging",
      "--spot",
      "none",
    ]);
    expect(request?.policy.cluster).toBe("staging");
    const groups = request?.policy.pools.flatMap((pool) => pool.groups) ?? [];
    expect(groups.map(({ capacityType }) => capacityType)).toEqual(["on-demand"]);
  });
});

describe("what is refused", () => {
  const several = configFile(aConfig(aCluster(), aCluster({ name: "staging" })));
  const spotAlone = configFile(aConfigOfPools(aPool({ capacityTypes: ["spot"] })));

  test.each([
    ["several clusters and none named", ["--config", several], "name one by --cluster (production, staging)"],
    ["a cluster that there is not", ["--config", several, "--cluster", "stagin"], 'did you mean "staging"?'],
    ["a cluster without a configuration", ["--cluster", "production"], "give --config FILE too"],
    [
      "no Spot where there is nothing else",
      ["--config", spotAlone, "--spot", "none"],
      "--spot none leaves nothing",
    ],
    ["a policy that there is not", ["--policy", "magic"], "Allowed choices are gpu-autoscaler, static"],
    ["weather that there is not", ["--weather", "sunny"], "Allowed choices are quiet, usual, bad"],
    ["a use of Spot that there is not", ["--spot", "some"], "Allowed choices are none, mix, all"],
    ["a seed that is no number", ["--seed", "x"], "Give a whole number from 0 to 4294967295"],
    ["no days", ["--days", "0"], "Give a whole number from 1 to 366"],
    ["an option without its value", ["--trace"], "argument missing"],
    ["a mistyped option", ["--tarce", "x"], "Did you mean --trace?"],
    ["an argument that belongs nowhere", ["pods.csv"], "too many arguments"],
    ["an events file in no folder", ["--events", join(folder, "none", "events.jsonl")], "cannot be written"],
  ])("%s", async (_, argv, words) => {
    const { status, stdout, stderr, request } = await runCommand(["simulate", ...argv]);
    expect({ status, stdout, request }).toEqual({ status: 2, stdout: "", request: null });
    expect(stderr).toMatch(/^error: /);
    expect(stderr).toContain(words);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test("an error of the program is no refusal: it shows its stack", async () => {
    const { status, stderr } = await runCommand(["simulate"], {
      simulate: () => Promise.reject(new Error("a bug")),
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^Error: a bug\n\s+at /);
  });
});

test("--help tells every option, with examples", async () => {
  const { status, stdout } = await runCommand(["simulate", "--help"]);
  expect(status).toBe(0);
  for (const option of "trace config cluster policy spot weather seed days json events".split(" ")) {
    expect(stdout).toContain(`--${option}`);
  }
  expect(stdout).toContain("$ gpu-autoscaler simulate --trace pods.csv.gz --spot mix --weather bad");
});

test("--json prints one object, as documented", async () => {
  const { status, stdout, stderr } = await runCommand(["simulate", "--json"], { simulate });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(JSON.parse(stdout)).toEqual({
    lowerBoundUsd: 100,
    policies: [
      {
        name: "gpu-autoscaler",
        costUsd: 123.456789,
        costOverBound: 1.235,
        spotShare: 0.25,
        gpuHoursPaid: 200,
        gpuHoursUsed: 150,
        waitSeconds: { mean: 61.5, p50: 45, p95: 300, max: 9000 },
        launches: 1234,
        interruptions: 2,
        evictions: 3,
        unfinished: [{ name: "slow", reasons: [] }],
        infeasible: [],
      },
      expect.objectContaining({
        name: "static",
        costUsd: 2000,
        costOverBound: 20,
        unfinished: [],
        infeasible: ["a", "b", "c", "d"].map((name) => ({
          name,
          reasons: ["g6-xlarge", "g6-48xlarge"].map((pool) => `InsufficientMemory: ${pool}: asks for 900 Gi`),
        })),
      }),
    ],
  });
});

test("without --json it ends with a table, and below it the pods that were not served", async () => {
  const { stdout, stderr } = await runCommand(["simulate"], { simulate });
  expect(stderr).toBe("");
  expect(`\n${stdout}`).toMatchInlineSnapshot(`
    "
    1,501 pods of the built-in load of 1 d; Spot none, weather usual, seed 1

    policy               cost   over   Spot  GPU-h  GPU-h  wait  wait     wait   wait  launches    inter-  evictions       un-       in-
                               bound  share   paid   used  mean   p50      p95    max            ruptions             finished  feasible
    gpu-autoscaler    $123.46   1.24   25 %  200.0  150.0  62 s  45 s  5.0 min  2.5 h     1,234         2          3         1         0
    static          $2,000.00  20.00   25 %  200.0  150.0  62 s  45 s  5.0 min  2.5 h        20         2          3         0         4
    bound             $100.00   1.00      –      –      –     –     –        –      –         –         –          –         –         –

    gpu-autoscaler: 1 pod unfinished when the run ended
      slow:
        no reason was given

    static: 4 pods infeasible: no node could ever take them
      a, b, c and 1 more:
        InsufficientMemory: Not enough memory. (g6-xlarge: asks for 900 Gi; 1 more like it)
    "
  `);
});

test("no pod at all is reported without dividing by nothing", async () => {
  const nothing = aRun({ costNanoDollars: 0, spotGpuMs: 0, gpuMsPaid: 0, gpuMsUsed: 0 });
  const empty = () => Promise.resolve({ lowerBoundNanoDollars: 0, runs: [nothing] });
  const { stdout } = await runCommand(["simulate", "--json"], { simulate: empty });
  expect(JSON.parse(stdout).policies[0]).toMatchObject({ costOverBound: null, spotShare: 0 });
});

test("--events writes each decision as a line of JSON", async () => {
  const file = join(folder, "events.jsonl");
  const record = (decidedAt: number): TickRecord => ({
    cluster: emptyState("comparison").cluster,
    decidedAt,
    effects: [],
    demand: [],
    nodes: [],
    problems: [],
    outcomes: [],
  });
  await runCommand(["simulate", "--events", file], {
    simulate: ({ onDecision }) => {
      onDecision?.("gpu-autoscaler", record(60_000));
      onDecision?.("gpu-autoscaler", record(120_000));
      return simulate();
    },
  });
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { policy: "gpu-autoscaler", ...record(60_000) },
    { policy: "gpu-autoscaler", ...record(120_000) },
  ]);
});

describe("the progress bar", () => {
  const working = (terminal: boolean) =>
    runCommand(["simulate", "--json"], {
      terminal,
      simulate: ({ onProgress }) => {
        onProgress?.(0.5, "static");
        return simulate();
      },
    });

  test("is shown on a terminal, apart from the result", async () => {
    const { stdout, stderr } = await working(true);
    expect(stderr).toContain("%");
    expect(JSON.parse(stdout).lowerBoundUsd).toBe(100);
  });

  test("is not shown elsewhere", async () => {
    expect((await working(false)).stderr).toBe("");
  });
});
