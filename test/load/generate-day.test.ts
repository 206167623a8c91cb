import {
  comparisonPolicy,
  comparisonPrices,
  generateDay,
  lowerBoundNanoDollars,
  type PodRow,
  parseTrace,
} from "@gpu-autoscaler/sandbox";
import { describe, expect, test } from "vitest";
import { traceOf } from "./trace-of.ts";

const DAY_MS = 86_400_000;
const SEEDS = [1, 2, 3, 42, 2_026];

function peakGpus(rows: readonly PodRow[]): number {
  const changes = rows.flatMap(({ submitMs, durationMs, gpus }) => [
    { at: submitMs, gpus },
    { at: submitMs + durationMs, gpus: -gpus },
  ]);
  let held = 0;
  let peak = 0;
  for (const change of changes.sort((a, b) => a.at - b.at || a.gpus - b.gpus)) {
    held += change.gpus;
    peak = Math.max(peak, held);
  }
  return peak;
}

test("the same seed gives the same bytes, another seed others", () => {
  const bytes = (seed: number) => traceOf(generateDay({ seed }));
  expect(bytes(7)).toBe(bytes(7));
  expect(bytes(7)).not.toBe(bytes(8));
});

const policy = comparisonPolicy("none");
const prices = comparisonPrices();

/** 0 for a pod that fits nowhere. */
function boundOf(row: PodRow): number {
  return lowerBoundNanoDollars([row], policy, prices, "none");
}

describe.each(SEEDS)("a day of seed %i", (seed) => {
  const rows = generateDay({ seed });

  test("has about 1,500 pods, and holds 60 to 120 GPUs at its peak", () => {
    expect(rows.length).toBeGreaterThan(1_350);
    expect(rows.length).toBeLessThan(1_650);
    expect(peakGpus(rows)).toBeGreaterThanOrEqual(60);
    expect(peakGpus(rows)).toBeLessThanOrEqual(120);
  });

  test("has every class, priority and size, gangs, shares and several namespaces", () => {
    const all = <T>(of: (row: PodRow) => T) => [...new Set(rows.map(of))].sort();
    expect(all((row) => row.class)).toEqual(["batch", "serving", "training"]);
    expect(all((row) => row.priority)).toEqual(["high", "low", "normal"]);
    expect(all((row) => row.gpus)).toEqual([1, 2, 4, 8]);
    expect(all((row) => row.gpuMilli)).toEqual(expect.arrayContaining([1_000, 500]));
    expect(all((row) => row.namespace).length).toBeGreaterThan(3);
    expect(rows.some(({ gang, gpus }) => gang !== null && gpus === 8)).toBe(true);
  });

  test("has a short median and a heavy tail", () => {
    const durations = rows.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
    const median = durations[Math.floor(durations.length / 2)] ?? 0;
    const mean = durations.reduce((sum, ms) => sum + ms, 0) / durations.length;
    expect(median).toBeGreaterThan(5 * 60_000);
    expect(median).toBeLessThan(15 * 60_000);
    expect(mean).toBeGreaterThan(2.5 * median);
  });

  test("is a good trace, in order, of that day", () => {
    expect(parseTrace(Buffer.from(traceOf(rows)), "day.csv")).toEqual(rows);
    expect(Math.max(...rows.map(({ submitMs }) => submitMs))).toBeLessThanOrEqual(DAY_MS);
  });

  test("has pods that all fit in the comparison world", () => {
    for (const row of rows) expect([row.name, boundOf(row) > 0]).toEqual([row.name, true]);
  });
});

test("more days have as many pods each", () => {
  const rows = generateDay({ seed: 5, days: 3 });
  for (const day of [0, 1, 2]) {
    const ofDay = rows.filter(({ submitMs }) => Math.floor(submitMs / DAY_MS) === day);
    expect(ofDay.length).toBeGreaterThan(1_350);
  }
});
