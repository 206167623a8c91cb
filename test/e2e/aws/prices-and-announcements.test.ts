import { onDemandNanoDollarsPerHour } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { aGroup, launchIn, overTheWire } from "./wired.ts";

const HOUR_MS = 3_600_000;
const ON_DEMAND = aGroup({ name: "on-demand", instanceTypes: ["g6.xlarge", "g5.xlarge"] });
const SPOT = aGroup({ name: "spot", instanceTypes: ["g6.xlarge"], capacityType: "spot" });

await overTheWire(({ aws, clock, makeGroup, portsOf }) => {
  aws.setPrices({
    onDemand: { "g6.xlarge": "0.9000000000", "g5.xlarge": "1.0060000000" },
    spot: { "g6.xlarge/us-east-1a": "0.281700", "g6.xlarge/us-east-1b": "0.301200" },
  });

  describe("prices over the wire", () => {
    test("are Linux On-Demand prices, and Spot prices where the type is sold", async () => {
      const { prices, gaps } = await portsOf([ON_DEMAND, SPOT]).priceList.readPrices();
      expect(gaps).toEqual([]);
      expect(prices).toEqual({
        onDemand: { "g6.xlarge": 900_000_000, "g5.xlarge": 1_006_000_000 },
        spot: { "g6.xlarge/us-east-1a": 281_700_000, "g6.xlarge/us-east-1b": 301_200_000 },
      });
    });

    test("are read once: Spot again after 5 min, On-Demand after 12 h", async () => {
      const { priceList } = portsOf([ON_DEMAND, SPOT]);
      for (const aheadMs of [0, HOUR_MS / 15, HOUR_MS / 10, 13 * HOUR_MS]) {
        clock.aheadMs = aheadMs;
        await priceList.readPrices();
      }
      expect(Object.fromEntries(aws.calls)).toEqual({
        "pricing:GetProducts": 4,
        "ec2:DescribeSpotPriceHistory": 3,
      });
    });

    test("without permission the shipped table stands in and says so, and On-Demand bounds Spot", async () => {
      const denied = { code: "AccessDeniedException", message: "not authorized", status: 400 };
      aws.failOn("pricing:GetProducts", denied, 2);
      aws.failOn("ec2:DescribeSpotPriceHistory", { ...denied, code: "UnauthorizedOperation" });
      const { priceList } = portsOf([ON_DEMAND, SPOT]);
      const { prices, gaps } = await priceList.readPrices();
      const table = onDemandNanoDollarsPerHour("g6.xlarge", "us-east-1");
      expect(prices.onDemand["g6.xlarge"]).toBe(table);
      expect(prices.spot["g6.xlarge/us-east-1c"]).toBe(table);
      expect(gaps).toEqual([
        expect.stringMatching(/shipped table of 2026-07-20.*allow pricing:GetProducts/),
        expect.stringMatching(/^Spot prices are the On-Demand prices.*allow ec2:DescribeSpotPriceHistory/),
      ]);

      clock.aheadMs = HOUR_MS;
      const later = await priceList.readPrices();
      expect(later.gaps).toEqual([]);
      expect(later.prices.onDemand["g6.xlarge"]).toBe(900_000_000);
    });

    test("that were read stay when they cannot be read again", async () => {
      // The first rest does not fit into the budget: throttled is told at once.
      const limits = { firstRestMs: 120_000, longestRestMs: 120_000 };
      const { priceList } = portsOf([ON_DEMAND, SPOT], { limits });
      const { prices } = await priceList.readPrices();
      clock.aheadMs = 13 * HOUR_MS;
      aws.throttle(60_000);
      const later = await priceList.readPrices();
      expect(later.prices).toEqual(prices);
      expect(later.gaps).toEqual([
        expect.stringMatching(/^On-Demand prices are the last that were read: pricing:GetProducts/),
        expect.stringMatching(/^Spot prices are the last that were read: ec2:DescribeSpotPriceHistory/),
      ]);
    });

    test("of a type that the Pricing API does not tell are the table's", async () => {
      const types = ["g6.xlarge", "g6e.xlarge"];
      const group = aGroup({ name: "on-demand", instanceTypes: types });
      const { prices, gaps } = await portsOf([group]).priceList.readPrices();
      expect(prices.onDemand).toEqual({
        "g6.xlarge": 900_000_000,
        "g6e.xlarge": onDemandNanoDollarsPerHour("g6e.xlarge", "us-east-1"),
      });
      expect(gaps).toEqual([
        expect.stringMatching(/^On-Demand prices of g6e\.xlarge are those of the shipped/),
      ]);
    });
  });

  describe("announcements over the wire", () => {
    test("scheduled events count until they are over, with the earliest time", async () => {
      const group = await makeGroup({ instanceTypes: ["g6.xlarge"] });
      const ports = portsOf([group]);
      const [retiring = "", done = ""] = await launchIn(ports, group, 2);
      const at = new Date(Date.now() + HOUR_MS);
      const later = new Date(Date.now() + 2 * HOUR_MS);
      aws.scheduleEvent(retiring, { Code: "instance-retirement", Description: "degraded", NotBefore: later });
      aws.scheduleEvent(retiring, { Code: "instance-stop", Description: "degraded", NotBefore: at });
      aws.scheduleEvent(done, { Code: "system-reboot", Description: "[Completed] reboot", NotBefore: at });
      const { interruptions } = await ports.interruptionFeed.readInterruptions();
      expect(interruptions).toMatchObject([
        { instanceId: retiring, kind: "scheduled-event", deadline: at.getTime() },
      ]);
    });

    test("one of the two calls may fail, both may not", async () => {
      const { interruptionFeed } = portsOf([SPOT]);
      const denied = { code: "UnauthorizedOperation", message: "not authorized", status: 403 };
      aws.failOn("ec2:DescribeInstanceStatus", denied, 2);
      const { gaps } = await interruptionFeed.readInterruptions();
      expect(gaps).toEqual([expect.stringContaining("allow ec2:DescribeInstanceStatus for the role")]);
      aws.failOn("ec2:DescribeSpotInstanceRequests", denied);
      await expect(interruptionFeed.readInterruptions()).rejects.toMatchObject({ code: "aws-access-denied" });
    });
  });

  test("another region's credentials are told from missing permissions", async () => {
    const { interruptionFeed } = portsOf([SPOT], { region: "eu-west-9" });
    await expect(interruptionFeed.readInterruptions()).rejects.toMatchObject({
      code: "aws-credentials",
      message: expect.stringContaining("not valid for eu-west-9"),
    });
  });
});
