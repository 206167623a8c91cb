import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { decide, type Policy, type Snapshot } from "@gpu-autoscaler/core";
// Not by the package: its clients of AWS would be measured with it.
import { clusterObjectsFrom } from "../../packages/adapters/src/kubernetes/cluster-objects.ts";
import { aSnapshot, START } from "../builders/index.ts";
import { benchPolicy, rawCluster } from "./raw-cluster.ts";
import { asListed, type RawCluster } from "./raw-objects.ts";

/** What was measured at one size. */
export interface DecideFigures extends Times {
  /** The most that was resident in a process that makes one snapshot of raw objects and decides once. */
  readonly rssMiB: number;
}

/** What a process that stays warm measured. */
export interface Times {
  readonly nodes: number;
  readonly pods: number;
  readonly pending: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  /** Pods of the snapshot over the median. */
  readonly podsPerSecond: number;
  /** Median of turning the raw API objects into a snapshot. */
  readonly snapshotMs: number;
}

const { values } = parseArgs({
  options: {
    nodes: { type: "string" },
    once: { type: "string" },
    write: { type: "string" },
  },
});
const nodes = Number(values.nodes ?? 1000);
/** After so many decisions V8 has compiled what it will: a size says what a warm function takes. */
const WARM_UP = 40;
/** Larger clusters warm up no better, only longer; a few of their own size then let them settle. */
const WARM_UP_NODES = 1000;
const WARM_UP_AT_SIZE = 4;
const policy = benchPolicy();

if (values.write !== undefined) {
  writeFileSync(values.write, rawText(nodes));
} else if (values.once !== undefined) {
  // Of what the API server answered, a snapshot and a decision: what is resident is a tick's.
  decide(snapshotOf(JSON.parse(readFileSync(values.once, "utf8")), policy), policy, START);
  console.log(JSON.stringify({ rssMiB: Math.round(process.resourceUsage().maxRSS / 1024) }));
} else {
  takeTurns();
}

/** Warms up, then makes as many more runs as the parent asks for, time and again; sends the figures of all so far. */
function takeTurns(): void {
  measure(rawText(Math.min(nodes, WARM_UP_NODES)), WARM_UP, aTally());
  const text = rawText(nodes);
  measure(text, WARM_UP_AT_SIZE, aTally());
  const tally = aTally();
  process.on("message", (runs: number) => {
    measure(text, runs, tally);
    process.send?.(figuresOf(tally));
  });
  process.send?.(figuresOf(tally));
}

interface Tally {
  readonly deciding: number[];
  readonly reading: number[];
  pods: number;
  pending: number;
}

function aTally(): Tally {
  return { deciding: [], reading: [], pods: 0, pending: 0 };
}

/** `text`, so that every run has objects of its own, as an answer of the API server would be. */
function measure(text: string, runs: number, tally: Tally): void {
  // As a warm function keeps what it read the tick before.
  let before: unknown = null;
  for (let run = 0; run < runs; run++) {
    const raw: RawCluster = JSON.parse(text);
    const readAt = performance.now();
    const snapshot = snapshotOf(raw, policy);
    const readUntil = performance.now();
    const decideAt = performance.now();
    const plan = decide(snapshot, policy, START);
    const doneAt = performance.now();
    before = [snapshot, plan];
    tally.pods = snapshot.pods.length;
    tally.pending = plan.demand.reduce((sum, each) => sum + each.pods.length, 0);
    tally.reading.push(readUntil - readAt);
    tally.deciding.push(doneAt - decideAt);
  }
  if (before === null) throw new RangeError("nothing was measured");
}

function figuresOf({ deciding, reading, pods, pending }: Tally): Times {
  const medianMs = percentile(deciding, 0.5);
  return {
    nodes,
    pods,
    pending,
    medianMs: rounded(medianMs),
    p99Ms: rounded(percentile(deciding, 0.99)),
    podsPerSecond: Math.round((pods / medianMs) * 1000),
    snapshotMs: rounded(percentile(reading, 0.5)),
  };
}

/** What the API server answers, so to say. */
function rawText(size: number): string {
  return JSON.stringify(asListed(rawCluster(policy, size)));
}

function snapshotOf(raw: RawCluster, policy: Policy): Snapshot {
  const { nodes, pods, daemonSets, namespaces, budgets } = clusterObjectsFrom({
    ...raw,
    namespaces: [],
    at: START,
  });
  return aSnapshot(policy, { nodes, pods, daemonSets, namespaces, budgets });
}

function percentile(unsorted: readonly number[], share: number): number {
  const sorted = [...unsorted].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}
