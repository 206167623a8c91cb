import type { TickRecord } from "@gpu-autoscaler/core";
import {
  comparisonPolicy,
  comparisonPrices,
  generateDay,
  type PolicyRunResult,
  type Simulate,
  type SimulationRequest,
  STRATEGIES,
  simulate,
  simulateOnThreads,
} from "@gpu-autoscaler/sandbox";
import { describe, expect, test } from "vitest";

const HOUR_MS = 3_600_000;

const request: SimulationRequest = {
  rows: generateDay({ seed: 1, days: 1 }).filter(({ submitMs }) => submitMs < 2 * HOUR_MS),
  policy: comparisonPolicy("mix"),
  prices: comparisonPrices(),
  strategies: STRATEGIES,
  spot: "mix",
  weather: "bad",
  seed: 7,
};

/** All that a listener was told, in order. */
async function heard(play: Simulate) {
  const told: [string, TickRecord | PolicyRunResult][] = [];
  const result = await play({
    ...request,
    onDecision: (strategy, record) => told.push([strategy, record]),
    onRun: (strategy, run) => told.push([strategy, run]),
  });
  return { result, told };
}

describe("strategies on threads", () => {
  test("come to the same as one after another, and are told of in the same order", async () => {
    const [here, there] = [await heard(simulate), await heard(simulateOnThreads)];
    expect(there.result).toEqual(here.result);
    expect(there.told.length).toBeGreaterThan(100);
    expect(there.told).toEqual(here.told);
  });

  test("tell how far they are, up to the end", async () => {
    const far: number[] = [];
    await simulateOnThreads({ ...request, onProgress: (done) => far.push(done) });
    expect(far).toEqual([...far].sort((a, b) => a - b));
    expect(far[0]).toBeLessThan(0.3);
    expect(far.at(-1)).toBeGreaterThan(0.7);
    expect(far.at(-1)).toBeLessThanOrEqual(1);
  });

  test("end with what was thrown in one of them, or by who listens", async () => {
    const broken = { ...request, prices: null as never };
    await expect(simulateOnThreads(broken)).rejects.toThrow(/null/);
    const onDecision = () => {
      throw new Error("the disk is full");
    };
    await expect(simulateOnThreads({ ...request, onDecision })).rejects.toThrow("the disk is full");
  });
});
