import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import Table from "cli-table3";
import { FUNCTIONS } from "../../functions/bundle.ts";
import { type Bundle, bundled, bundledNaively } from "../functions/bundle.ts";

/** What `node test/bench/bundle.ts --json` prints. */
interface BundleReport {
  readonly functions: readonly BundleFigures[];
  /** The same clients, imported whole and not minified. */
  readonly naive: BundleFigures;
}

interface BundleFigures {
  readonly name: string;
  readonly bytes: number;
  /** Of runs in processes of their own, all bundles in turn: wall-clock time from `import` to its end. */
  readonly importMs: { readonly least: number; readonly median: number };
  /** Processor time of all threads in the run that took least. */
  readonly leastCpuMs: number;
  readonly weights: Bundle["weights"];
}

const RUNS = 15;
const MOST_WEIGHTS = 10;

/** What the functions use, as one would import it without looking. */
const NAIVE = `
  import { AutoScaling } from "@aws-sdk/client-auto-scaling";
  import { DynamoDB } from "@aws-sdk/client-dynamodb";
  import { EC2 } from "@aws-sdk/client-ec2";
  import { EKS } from "@aws-sdk/client-eks";
  import { Lambda } from "@aws-sdk/client-lambda";
  import { Pricing } from "@aws-sdk/client-pricing";
  import { SignatureV4 } from "@smithy/signature-v4";
  import { Logger } from "@aws-lambda-powertools/logger";
  import { Metrics } from "@aws-lambda-powertools/metrics";
  import { BatchProcessor } from "@aws-lambda-powertools/batch";
  import { z } from "zod";
  export const handler = () => [
    AutoScaling, DynamoDB, EC2, EKS, Lambda, Pricing, SignatureV4, Logger, Metrics, BatchProcessor, z.string(),
  ];
`;

/** Enough for the functions to begin; nothing is sent before they are called. */
const ENVIRONMENT = {
  CLUSTER: "production",
  TABLE_NAME: "table",
  METRICS_URL: "https://aps-workspaces.us-east-1.amazonaws.com/workspaces/ws-1",
  TICK_FUNCTION: "tick",
  POWERTOOLS_SERVICE_NAME: "gpu-autoscaler",
  POWERTOOLS_METRICS_NAMESPACE: "GpuAutoscaler",
};

const IMPORT = `
  const before = process.cpuUsage();
  const startedAt = performance.now();
  await import(process.argv[1]);
  const wallMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify({ wallMs, cpuMs: (user + system) / 1_000 }));
`;

const { values } = parseArgs({ options: { json: { type: "boolean" } } });
const folder = await mkdtemp(join(tmpdir(), "gpu-autoscaler-bundle-"));
try {
  const report = await measure();
  if (values.json) console.log(JSON.stringify(report));
  else print(report);
} finally {
  await rm(folder, { recursive: true });
}

async function measure(): Promise<BundleReport> {
  const bundles = await Promise.all([
    ...FUNCTIONS.map((name) => bundled(name, join(folder, `${name}.cjs`))),
    bundledNaively(NAIVE, join(folder, "naive.cjs")),
  ]);
  const times = bundles.map((): ImportTimes[] => []);
  for (let run = 0; run < RUNS; run++) {
    for (const [at, { file }] of bundles.entries()) times[at]?.push(await timeImport(file));
  }
  const figures = [...FUNCTIONS, "naive"].map((name, at) => figuresOf(name, bundles[at], times[at]));
  const naive = figures.pop();
  if (!naive) throw new Error("nothing was measured");
  return { functions: figures, naive };
}

interface ImportTimes {
  readonly wallMs: number;
  readonly cpuMs: number;
}

async function timeImport(file: string): Promise<ImportTimes> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "--eval", IMPORT, file],
    { env: ENVIRONMENT },
  );
  return JSON.parse(stdout);
}

function figuresOf(name: string, bundle?: Bundle, times: readonly ImportTimes[] = []): BundleFigures {
  const sorted = [...times].sort((a, b) => a.wallMs - b.wallMs);
  const [least] = sorted;
  const median = sorted[Math.floor(sorted.length / 2)];
  if (!bundle || !least || !median) throw new Error(`${name} was not measured`);
  return {
    name,
    bytes: bundle.bytes,
    importMs: { least: Math.round(least.wallMs), median: Math.round(median.wallMs) },
    leastCpuMs: Math.round(least.cpuMs),
    weights: bundle.weights.slice(0, MOST_WEIGHTS),
  };
}

function print({ functions, naive }: BundleReport): void {
  const all = [...functions, naive];
  const table = new Table({ head: ["bundle", "KB", "import ms, least", "median", "cpu ms", "of the naive"] });
  for (const { name, bytes, importMs, leastCpuMs } of all) {
    const ofBytes = Math.round((100 * bytes) / naive.bytes);
    const ofMs = Math.round((100 * importMs.least) / naive.importMs.least);
    const share = `${ofBytes} % of KB, ${ofMs} % of ms`;
    table.push([name, kilobytes(bytes), importMs.least, importMs.median, leastCpuMs, share]);
  }
  console.log(table.toString());
  for (const { name, weights } of all) {
    const list = weights.map((each) => `${each.name} ${kilobytes(each.bytes)}`).join(", ");
    console.log(`\n${name}, KB: ${list}`);
  }
}

function kilobytes(bytes: number): string {
  return (bytes / 1_000).toFixed(0);
}
