import { type ChildProcess, execFile, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { comparisonPolicy, comparisonPrices, generateDay, simulate } from "@gpu-autoscaler/sandbox";
import Table from "cli-table3";
import type { DecideFigures, Times } from "./decide.ts";

/** What `npm run --silent bench -- --json` prints. */
interface BenchReport {
  readonly decide: readonly DecideFigures[];
  readonly simulatedDay: { readonly seconds: number };
}

/** `runs` in each turn. */
const SIZES = [
  { nodes: 100, runs: 40 },
  { nodes: 1_000, runs: 16 },
  { nodes: 10_000, runs: 4 },
];
const TURNS = 5;

const DECIDE = fileURLToPath(new URL("decide.ts", import.meta.url));

const { values } = parseArgs({ options: { json: { type: "boolean" } } });
const report: BenchReport = { decide: await decideFigures(), simulatedDay: await simulatedDay() };
if (values.json) console.log(JSON.stringify(report));
else printTable(report);

async function decideFigures(): Promise<DecideFigures[]> {
  const times = await timesInTurns();
  const memory = await memoryOfOne();
  return times.map((each, i) => ({ ...each, rssMiB: memory[i] ?? Number.NaN }));
}

/**
 * A process for each size, so that none warms or fills another's memory. They take turns: what the
 * machine's host does meanwhile then falls upon all sizes, and their ratio says something.
 */
async function timesInTurns(): Promise<Times[]> {
  const children: { readonly nodes: number; readonly runs: number; readonly child: ChildProcess }[] = [];
  for (const { nodes, runs } of SIZES) {
    process.stderr.write(`warming up for ${nodes} nodes…\n`);
    const child = fork(DECIDE, ["--nodes", String(nodes)]);
    await answerOf(child);
    children.push({ nodes, runs, child });
  }
  let figures: Times[] = [];
  for (let turn = 1; turn <= TURNS; turn++) {
    figures = [];
    for (const { nodes, runs, child } of children) {
      process.stderr.write(`decide at ${nodes} nodes, turn ${turn} of ${TURNS}…\n`);
      child.send(runs);
      figures.push(await answerOf(child));
    }
  }
  for (const { child } of children) child.disconnect();
  return figures;
}

/** What the process sends next: what it measured so far. */
async function answerOf(child: ChildProcess): Promise<Times> {
  const exited = once(child, "exit").then(([code]) => {
    throw new Error(`a size's process ended with status ${code}`);
  });
  const [times] = await Promise.race([once(child, "message"), exited]);
  return times;
}

async function memoryOfOne(): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), "gpu-autoscaler-bench-"));
  const all: number[] = [];
  for (const { nodes } of SIZES) {
    process.stderr.write(`memory of one decision at ${nodes} nodes…\n`);
    const file = join(folder, `${nodes}.json`);
    await run(["--nodes", String(nodes), "--write", file]);
    all.push(JSON.parse(await run(["--once", file])).rssMiB);
  }
  rmSync(folder, { recursive: true });
  return all;
}

async function run(args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [DECIDE, ...args], {
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
