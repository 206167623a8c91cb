import type { GpuMetrics, InterruptionFeed, PriceList } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";

/** Measurements of a node "node" with four GPUs, of which the first has been 95 % busy for five minutes and the others idle. */
export interface GpuMetricsSubject {
  readonly metrics: GpuMetrics;
  readonly node: string;
}

/** Every source of GPU measurements keeps to this. */
export function gpuMetricsContract(
  name: string,
  makeSubject: () => GpuMetricsSubject | Promise<GpuMetricsSubject>,
): void {
  describe(`GPU metrics: ${name}`, () => {
    test("tells each GPU of the node once, in thousandths", async () => {
      const { metrics, node } = await makeSubject();
      const { at, measurements } = await metrics.readMeasurements();
      expect(measurements).toHaveLength(4);
      expect(new Set(measurements.map((each) => each.gpu)).size).toBe(4);
      for (const each of measurements) {
        expect(each).toMatchObject({ node, gpu: expect.stringMatching(/./), coverageMilli: 1_000 });
        expect(each.lastSampleAt).toBeLessThanOrEqual(at);
        expect(each.lastSampleAt).toBeGreaterThan(at - 60_000);
      }
      const means = measurements.map((each) => each.meanUtilizationMilli).sort((a, b) => b - a);
      expect(means).toEqual([950, 0, 0, 0]);
      expect(measurements.map((each) => each.lastUtilizationMilli).sort((a, b) => b - a)).toEqual([
        950, 0, 0, 0,
      ]);
    });
  });
}

/** Prices of g6.xlarge in the zones us-east-1a and us-east-1b. */
export function priceListContract(name: string, makeList: () => PriceList | Promise<PriceList>): void {
  describe(`price list: ${name}`, () => {
    test("knows On-Demand by type and Spot by type and zone, in whole nano-dollars", async () => {
      const { at, prices } = await (await makeList()).readPrices();
      expect(Number.isInteger(at)).toBe(true);
      const all = [
        prices.onDemand["g6.xlarge"],
        prices.spot["g6.xlarge/us-east-1a"],
        prices.spot["g6.xlarge/us-east-1b"],
      ];
      for (const price of all) expect(Number.isInteger(price) && (price ?? 0) > 0).toBe(true);
    });
  });
}

/** A feed over an instance that nothing is announced of yet. */
export interface InterruptionFeedSubject {
  readonly feed: InterruptionFeed;
  readonly instanceId: string;
  /** EC2 gives the two minutes' notice; it may be delivered more than once. */
  announce(): void | Promise<void>;
  /** The two minutes pass and the instance is gone. */
  take(): void | Promise<void>;
}

/** Every feed of interruptions keeps to this. */
export function interruptionFeedContract(
  name: string,
  makeSubject: () => InterruptionFeedSubject | Promise<InterruptionFeedSubject>,
): void {
  describe(`interruption feed: ${name}`, () => {
    test("is empty while nothing is announced", async () => {
      const { feed } = await makeSubject();
      expect((await feed.readInterruptions()).interruptions).toEqual([]);
    });

    test("tells once of an instance that goes, with the time that is left, until it is gone", async () => {
      const { feed, instanceId, announce, take } = await makeSubject();
      for (let i = 0; i < 2; i++) await announce();
      const { at, interruptions } = await feed.readInterruptions();
      expect(interruptions).toMatchObject([{ instanceId, kind: "spot-interruption" }]);
      const [interruption] = interruptions;
      expect(interruption?.noticedAt).toBeLessThanOrEqual(at);
      expect(interruption?.deadline).toBeGreaterThan(at);
      expect(interruption?.deadline).toBeLessThanOrEqual(at + 120_000);
      await take();
      expect((await feed.readInterruptions()).interruptions).toEqual([]);
    });
  });
}
