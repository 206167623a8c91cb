import { HOUR_MS, type InterruptionMemory } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { interruptionRate, rememberInterruption } from "../../packages/core/src/decide/interruption-rate.ts";
import { START } from "../builders/index.ts";

const PRIOR_MILLI = 10;
const DAY_MS = 24 * HOUR_MS;

/** After so many interruptions at once, of nodes that all had run for so long. */
function remembered(times: number, nodes: number, hours: number): InterruptionMemory | undefined {
  const launchedAt = Array.from({ length: nodes }, () => START - hours * HOUR_MS);
  let memory: InterruptionMemory | undefined;
  for (let i = 0; i < times; i++) memory = rememberInterruption(memory, launchedAt, START);
  return memory;
}

describe("interruptions to expect", () => {
  test("are the prior's where none was seen", () => {
    expect(interruptionRate(undefined, PRIOR_MILLI, START)).toBe(0.01);
  });

  test.each([
    { times: 1, nodes: 1, hours: 0, rate: 2 / 100 },
    { times: 1, nodes: 1, hours: 10, rate: 2 / 110 },
    { times: 10, nodes: 10, hours: 10, rate: 11 / 200 },
    // As many of a fleet ten times as large are no more than the prior.
    { times: 10, nodes: 100, hours: 10, rate: 11 / 1_100 },
    // A day at the most is known of a node that was there before anything was remembered.
    { times: 1, nodes: 1, hours: 100, rate: 2 / 124 },
  ])(
    "are $rate an hour after $times at once, of $nodes nodes that ran $hours h",
    ({ times, nodes, hours, rate }) => {
      expect(interruptionRate(remembered(times, nodes, hours), PRIOR_MILLI, START)).toBeCloseTo(rate, 10);
    },
  );

  test("are forgotten with time, and with them the hours", () => {
    const memory = remembered(10, 10, 10);
    const rate = (days: number) => interruptionRate(memory, PRIOR_MILLI, START + days * DAY_MS);
    expect(rate(1)).toBeCloseTo((1 + 10 / Math.E) / (100 + 100 / Math.E), 10);
    expect(rate(20)).toBeCloseTo(0.01, 6);
  });

  test("do not grow with each that comes within a day of the last", () => {
    let memory: InterruptionMemory | undefined;
    for (let day = 0; day < 100; day++) {
      const now = START + day * DAY_MS;
      memory = rememberInterruption(memory, [START - DAY_MS], now);
    }
    // One in 24 node-hours, and the prior's one in a hundred hours.
    const rate = interruptionRate(memory, PRIOR_MILLI, START + 99 * DAY_MS);
    expect(rate).toBeLessThan(1 / 24);
    expect(rate).toBeGreaterThan(0.01);
  });

  test("are none where the configuration expects none", () => {
    expect(interruptionRate(remembered(3, 1, 1), 0, START)).toBe(0);
  });
});
