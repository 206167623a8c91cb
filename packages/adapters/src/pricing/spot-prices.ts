import { DescribeSpotPriceHistoryCommand } from "@aws-sdk/client-ec2";
import type { Clock, NanoDollars } from "@gpu-autoscaler/core";
import type { CallLimits } from "../aws/access.ts";
import { allPages } from "../aws/pages.ts";
import type { Ec2 } from "../ec2/ec2.ts";
import { nanoDollars } from "./product.ts";

/** By `instanceType/zone`. */
export type SpotPrices = Readonly<Record<string, NanoDollars>>;

const LIMITS: Partial<CallLimits> = { attemptMs: 4_000, budgetMs: 8_000 };

/** Reads the Spot prices that are in force: a history that starts now holds the last price of each. */
export function createSpotPrices(
  ec2: Ec2,
  clock: Clock,
): (types: readonly string[], zones: readonly string[]) => Promise<SpotPrices> {
  return async (types, zones) => {
    const now = new Date(clock.now());
    const history = await allPages(async (NextToken) => {
      const { SpotPriceHistory: items, NextToken: next } = await ec2.call(
        "DescribeSpotPriceHistory",
        (options) =>
          ec2.client.send(
            new DescribeSpotPriceHistoryCommand({
              StartTime: now,
              Filters: [
                { Name: "product-description", Values: ["Linux/UNIX", "Linux/UNIX (Amazon VPC)"] },
                { Name: "instance-type", Values: [...types] },
                { Name: "availability-zone", Values: [...zones] },
              ],
              NextToken,
            }),
            options,
          ),
        { limits: LIMITS },
      );
      return { items, next };
    });
    const newest = new Map<string, number>();
    const prices: Record<string, NanoDollars> = {};
    for (const { InstanceType, AvailabilityZone, SpotPrice = "", Timestamp } of history) {
      const price = nanoDollars(SpotPrice);
      const key = `${InstanceType}/${AvailabilityZone}`;
      const at = Timestamp?.getTime() ?? 0;
      if (price === null || at < (newest.get(key) ?? Number.NEGATIVE_INFINITY)) continue;
      newest.set(key, at);
      prices[key] = price;
    }
    return prices;
  };
}
