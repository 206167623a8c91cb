import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { comparisonPolicy, comparisonPrices, generateDay, simulate } from "@gpu-autoscaler/sandbox";
import Table from "cli-table3";
import type { DecideFigures } from "./decide.ts";

/** What `npm run --silent bench -- --json` prints. */
interface BenchReport {
  readonly decide: readonly DecideFigures[];
  readonly simulatedDay: { readonly seconds: number };
}

const SIZES = [
  { nodes: 100, runs: 200 },
  { nodes: 1_000, runs: 60 },
  { nodes: 10_000, runs: 12 },
];

const { values } = parseArgs({ options: { json: { type: "boolean" } } });
const report: BenchReport = { decide: await decideFigures(), simulatedDay: await simulatedDay() };
if (values.json) console.log(JSON.stringify(report));
else printTable(report);

/** A process for each size, one after the other, so that none warms or fills another's memory. */
async function decideFigures(): Promise<DecideFigures[]> {
  const figures: DecideFigures[] = [];
  const folder = mkdtempSync(join(tmpdir(), "gpu-autoscaler-bench-"));
  for (const { nodes, runs } of SIZES) {
    process.stderr.write(`decide at ${nodes} nodes…\n`);
    const file = join(folder, `${nodes}.json`);
    await run(["--nodes", String(nodes), "--write", file]);
    const times = JSON.parse(await run(["--nodes", String(nodes), "--runs", String(runs)]));
    const memory = JSON.parse(await run(["--once", file]));
    figures.push({ ...times, ...memory });
  }
  rmSync(folder, { recursive: true });
  return figures;
}

async function run(args: readonly string[]): Promise<string> {
  const program = fileURLToPath(new URL("decide.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], {
    maxBuffer: 1 << 20,
  });
  return stdout;
}

/** The built-in day under our policy alone, as `npm start` plays it. */
async function simulatedDay(): Promise<BenchReport["simulatedDay"]> {
  process.stderr.write("the built-in day…\n");
  const startedAt = performance.now();
  await simulate({
    rows: generateDay({ seed: 1, days: 1 }),
    policy: comparisonPolicy("none"),
    prices: comparisonPrices(),
    strategies: ["gpu-autoscaler"],
    spot: "none",
    weather: "usual",
    seed: 1,
  });
  return { seconds: Math.round(performance.now() - startedAt) / 1000 };
}

function printTable({ decide, simulatedDay: day }: BenchReport): void {
  const columns = [
    "nodes",
    "pods",
    "pending",
    "medianMs",
    "p99Ms",
    "podsPerSecond",
    "rssMiB",
    "snapshotMs",
  ] as const;
  const table = new Table({
    head: [...columns],
    style: { head: [], border: [] },
    colAligns: columns.map(() => "right"),
  });
  for (const figures of decide) table.push(columns.map((column) => figures[column].toLocaleString("en-US")));
  console.log(`decide\n${table.toString()}\nthe built-in day simulated: ${day.seconds} s`);
}
