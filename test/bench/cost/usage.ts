import { INTERRUPTION_METRICS, TICK_METRICS } from "../../../functions/src/metric-table.ts";
import type { Written } from "./measured.ts";

/** A cluster to be billed for. */
export interface Size {
  readonly nodes: number;
  readonly pods: number;
  readonly gpus: number;
  /** What a deciding tick writes, rounded up from what `writtenBy` measures; a test holds the two together. */
  readonly written: Written;
  /** Of the scheduled ticks, those that decide something new, and so write it down. */
  readonly decidingShare: number;
  /** Ticks that demand and interruptions ask for between the scheduled ones. */
  readonly wakeUps: number;
  /** Processor time of a warm tick, by `node test/bench/tick.ts` with so many nodes: the bundle's, the median. */
  readonly tickCpuSeconds: number;
  /** Of the tick's function: infra/tick.ts gives larger clusters more. */
  readonly tickMemoryGb: number;
  readonly spotWarnings: number;
  /** What the API server answers to a warm tick, by the same bench. */
  readonly apiServerBytes: number;
}

export const SIZES: readonly Size[] = [
  {
    nodes: 100,
    pods: 1_000,
    gpus: 400,
    written: { record: 8_000, state: 2_000, logLines: 16_000 },
    decidingShare: 0.25,
    wakeUps: 1_000,
    tickCpuSeconds: 0.35,
    tickMemoryGb: 0.5,
    spotWarnings: 50,
    apiServerBytes: 160_000,
  },
  {
    nodes: 1_000,
    pods: 10_000,
    gpus: 4_000,
    written: { record: 48_000, state: 12_000, logLines: 36_000 },
    decidingShare: 1,
    wakeUps: 10_000,
    tickCpuSeconds: 2,
    tickMemoryGb: 1,
    spotWarnings: 500,
    apiServerBytes: 1_570_000,
  },
];

/**
 * The calls of a warm tick that decides nothing new, by the bundled function over the wire: the
 * end-to-end tests of the functions hold it to them. In DynamoDB: the lease taken and let go, the
 * state and the notes of interruptions read.
 */
export const QUIET_TICK_CALLS = {
  dynamodb: ["DeleteItem", "GetItem", "PutItem", "Query"],
  aws: {
    "autoscaling:DescribeAutoScalingGroups": 1,
    "ec2:DescribeInstanceStatus": 1,
    "ec2:DescribeSpotInstanceRequests": 1,
  },
  measurements: 2,
} as const;

/** As infra/ deploys them. */
export const DEPLOYED = { interruptionMemoryGb: 0.5, alarms: 7 } as const;

export const HOURS = 730;
const MINUTES = HOURS * 60;

const KILO = 1_000;
const MILLION = 1e6;
/** "At 1,769 MB, a function has the equivalent of one vCPU" (Lambda's documentation, "Configure memory"). */
const GB_OF_A_PROCESSOR = 1_769 / 1_024;
/** For AWS's services, and up to 2 s for the API server's bookmarks. */
const WAITING_SECONDS = 2;
const BILLION = 1e9;
const GIGA = 1e9;

/** What a warm tick takes in its function, which has a share of a processor by its memory. */
export function tickSeconds({ tickCpuSeconds, tickMemoryGb }: Size): number {
  return (tickCpuSeconds * GB_OF_A_PROCESSOR) / tickMemoryGb + WAITING_SECONDS;
}

/** How much of what a month uses, by the names of its lines. */
export function usageOf(size: Size) {
  const ticks = MINUTES + size.wakeUps;
  const deciding = size.decidingShare * MINUTES + size.wakeUps;
  const { record, state, logLines } = size.written;
  const warned = size.spotWarnings;
  return {
    ticks,
    deciding,
    tickGbSeconds: ticks * tickSeconds(size) * size.tickMemoryGb,
    /** A drain that a budget holds up lasts as long as the warning. */
    interruptionGbSeconds: warned * INTERRUPTION_SECONDS * DEPLOYED.interruptionMemoryGb,
    invocations: (ticks + warned) / MILLION,
    scheduled: MINUTES / MILLION,
    demandEvents: size.wakeUps / MILLION,
    queueRequests: (POLLERS * POLLS_A_MINUTE * MINUTES + warned * REQUESTS_A_MESSAGE) / MILLION,
    tableWrites:
      (ticks * LEASE_WRITES +
        deciding * (STATE_WRITES * writeUnits(state) + writeUnits(record)) +
        warned * NOTE_WRITES) /
      MILLION,
    tableReads: (ticks * (readUnits(state) + readUnits(KILO)) + warned * readUnits(state)) / MILLION,
    tableGb: (deciding * record) / GIGA,
    metricMonths:
      Object.keys(TICK_METRICS).length +
      Object.keys(INTERRUPTION_METRICS).length * Math.min(1, (warned * EVENTS_A_WARNING) / HOURS),
    logGb: (ticks * QUIET_LOG_BYTES + deciding * logLines + warned * WARNING_LOG_BYTES) / GIGA,
    querySamples: (ticks * size.gpus * SAMPLES_A_TICK) / BILLION,
    ruleSamples: (MINUTES * RULES_A_MINUTE * size.gpus * SAMPLES_A_RULE) / BILLION,
    apiCalls: (ticks * Object.keys(QUIET_TICK_CALLS.aws).length) / MILLION,
    apiServerGb: (ticks * size.apiServerBytes) / GIGA,
    metricSamples: (MINUTES * size.gpus * (SCRAPED_A_MINUTE + RULES_A_MINUTE)) / 1e7,
  };
}

/** Lambda polls a queue by five long polls of 20 s while it is empty ("Using Lambda with Amazon SQS"). */
const POLLERS = 5;
const POLLS_A_MINUTE = 3;
/** Sent, received, deleted. */
const REQUESTS_A_MESSAGE = 3;
/** Each of a batch's warnings as if it came alone, and were held up by a budget to the end. */
const INTERRUPTION_SECONDS = 120;
/** A warning follows upon a rebalance recommendation as a rule. */
const EVENTS_A_WARNING = 2;
const LEASE_WRITES = 2;
/** Before launches, after them, and at the end. */
const STATE_WRITES = 2;
const NOTE_WRITES = 2;
/** Lambda's own lines of an invocation, and the metrics in the embedded format. */
const QUIET_LOG_BYTES = 1_300;
const WARNING_LOG_BYTES = 3_000;
/** 24 of the last 6 min for the mean; 120 of half an hour and 24 again for GPUs that fell silent. */
const SAMPLES_A_TICK = 24 + 120 + 24;
/** deploy/recording-rules.yaml: each 15 s the value and its time. */
const RULES_A_MINUTE = 4;
const SAMPLES_A_RULE = 2;
/** infra/scrape-configuration.ts: three series each 30 s. */
const SCRAPED_A_MINUTE = 6;

/** DynamoDB counts writes by the KB and reads from quorum by 4 KB, each begun one whole. */
function writeUnits(bytes: number): number {
  return Math.ceil((bytes + ITEM_OVERHEAD_BYTES) / 1_024);
}

function readUnits(bytes: number): number {
  return Math.ceil((bytes + ITEM_OVERHEAD_BYTES) / 4_096);
}

/** Keys and attributes beside the body. */
const ITEM_OVERHEAD_BYTES = 200;
