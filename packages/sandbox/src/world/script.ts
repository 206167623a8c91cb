import { AutoscalerError, type CapacityType, type EpochMs } from "@gpu-autoscaler/core";
import type {
  BootFault,
  CapacityLimit,
  Fault,
  FaultyCall,
  MetricsOutage,
  Window,
  WorldOptions,
} from "./options.ts";

/** What is to go wrong, with what is left of each. Entries may be added while the world runs. */
export interface Script {
  readonly startAt: EpochMs;
  readonly capacity: Left<CapacityLimit>[];
  readonly bootFaults: Left<BootFault>[];
  readonly faults: Left<Fault>[];
  readonly outages: MetricsOutage[];
}

interface Left<T> {
  readonly entry: T;
  left: number;
}

export function createScript(options: WorldOptions, startAt: EpochMs): Script {
  return {
    startAt,
    capacity: (options.capacity ?? []).map(withLeft),
    bootFaults: (options.bootFaults ?? []).map(withLeft),
    faults: (options.faults ?? []).map(withLeft),
    outages: [...(options.metricsOutages ?? [])],
  };
}

export function withLeft<T extends { readonly remaining?: number }>(entry: T): Left<T> {
  return { entry, left: entry.remaining ?? Number.POSITIVE_INFINITY };
}

/** One instance of an offering and type, as far as a capacity limit can tell it from others. */
export interface CapacityAsked {
  readonly group: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly capacityType: CapacityType;
}

/** Takes one instance out of the limits that hold for it; the code of the first that has none left, or null. */
export function takeCapacity(script: Script, asked: CapacityAsked, now: EpochMs): string | null {
  const limits = script.capacity.filter(({ entry }) => isDuring(script, entry, now) && isAbout(entry, asked));
  const exhausted = limits.find((limit) => limit.left <= 0);
  if (exhausted) return exhausted.entry.code ?? "InsufficientInstanceCapacity";
  for (const limit of limits) limit.left -= 1;
  return null;
}

/** The fault that strikes an instance of the group, or null. */
export function takeBootFault(script: Script, group: string, now: EpochMs): BootFault["fault"] | null {
  const fault = script.bootFaults.find(
    ({ entry, left }) => left > 0 && isDuring(script, entry, now) && (entry.group ?? group) === group,
  );
  if (!fault) return null;
  fault.left -= 1;
  return fault.entry.fault;
}

/** Whether the call fails now, and how; of one kind only, where it is named. */
export function takeFault(
  script: Script,
  call: FaultyCall,
  now: EpochMs,
  kind?: Fault["kind"],
): Fault["kind"] | null {
  if (script.faults.length === 0) return null;
  const fault = script.faults.find(
    ({ entry, left }) =>
      left > 0 && entry.call === call && entry.kind === (kind ?? entry.kind) && isDuring(script, entry, now),
  );
  if (!fault) return null;
  fault.left -= 1;
  return fault.entry.kind;
}

/** Carries a call out, unless the script says that it fails now: then it throws, before or after. */
export function carryOut<T>(script: Script, call: FaultyCall, now: EpochMs, run: () => T): T {
  const kind = takeFault(script, call, now);
  if (kind === null) return run();
  if (kind === "answer-lost") run();
  throw failureOf(call, kind);
}

const FAILURES: Readonly<Record<Fault["kind"], string>> = {
  throttled: "429 Too Many Requests",
  "internal-error": "500 Internal Server Error",
  "answer-lost": "the connection was lost before an answer came",
};

export function failureOf(call: FaultyCall, kind: Fault["kind"]): AutoscalerError {
  return new AutoscalerError(kind, `${call}: ${FAILURES[kind]}`, { retryable: true, data: { call } });
}

export function sampleIsMissing(script: Script, node: string, at: EpochMs): boolean {
  return script.outages.some((outage) => isDuring(script, outage, at) && (outage.node ?? node) === node);
}

function isDuring(
  script: Script,
  { fromMs = 0, untilMs = Number.POSITIVE_INFINITY }: Window,
  now: EpochMs,
): boolean {
  const ms = now - script.startAt;
  return ms >= fromMs && ms < untilMs;
}

function isAbout(limit: CapacityLimit, asked: CapacityAsked): boolean {
  return (
    (limit.group ?? asked.group) === asked.group &&
    (limit.instanceType ?? asked.instanceType) === asked.instanceType &&
    (limit.zone ?? asked.zone) === asked.zone &&
    (limit.capacityType ?? asked.capacityType) === asked.capacityType
  );
}
