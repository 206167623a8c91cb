import { FilterType, GetProductsCommand, PricingClient } from "@aws-sdk/client-pricing";
import type { NanoDollars } from "@gpu-autoscaler/core";
import { type AwsAccess, type CallLimits, clientConfig } from "../aws/access.ts";
import { createCaller } from "../aws/caller.ts";
import { allPages, chunksOf } from "../aws/pages.ts";
import { readOnDemandPrice } from "./product.ts";

export interface OnDemandPrices {
  /** By instance type. */
  readonly prices: Readonly<Record<string, NanoDollars>>;
  /** Products that could not be read, each with what is wrong. */
  readonly unreadable: readonly string[];
}

/** A tick does not wait for prices, of which the shipped table has most. */
const LIMITS: Partial<CallLimits> = { attemptMs: 3_000, budgetMs: 6_000 };
/** Side by side: the price list allows few calls a second. */
const MOST_AT_ONCE = 4;

/** What makes one product of an instance type: Linux, shared tenancy, without extra software, sold On-Demand. */
const LINUX_ON_DEMAND = {
  capacitystatus: "Used",
  marketoption: "OnDemand",
  operatingSystem: "Linux",
  preInstalledSw: "NA",
  tenancy: "Shared",
};

/** Reads On-Demand prices from the Pricing API, a call for each instance type. Those it does not tell are left out. */
export function createOnDemandPrices(
  access: AwsAccess,
): (types: readonly string[]) => Promise<OnDemandPrices> {
  const region = pricingRegion(access.region);
  const client = new PricingClient(clientConfig(access, region));
  const call = createCaller(access, "pricing", region);

  return async (types) => {
    const prices: Record<string, NanoDollars> = {};
    const unreadable = new Set<string>();
    for (const some of chunksOf(types, MOST_AT_ONCE)) {
      const products = (await Promise.all(some.map(readProducts))).flat();
      for (const product of products) {
        const price = readOnDemandPrice(product);
        if (typeof price === "string") unreadable.add(price);
        else if (price) prices[price.instanceType] = price.nanoDollarsPerHour;
      }
    }
    return { prices, unreadable: [...unreadable] };
  };

  function readProducts(instanceType: string): Promise<string[]> {
    const attributes = { ...LINUX_ON_DEMAND, instanceType, regionCode: access.region };
    return allPages(async (NextToken) => {
      const { PriceList, NextToken: next } = await call(
        "GetProducts",
        (options) =>
          client.send(
            new GetProductsCommand({
              ServiceCode: "AmazonEC2",
              Filters: Object.entries(attributes).map(([Field, Value]) => ({
                Type: FilterType.TERM_MATCH,
                Field,
                Value,
              })),
              NextToken,
            }),
            options,
          ),
        { limits: LIMITS },
      );
      return { items: PriceList?.map(String), next };
    });
  }
}

/** The Pricing API has endpoints in few regions, each of which tells of all: the nearest. */
function pricingRegion(region: string): string {
  if (region.startsWith("eu-") || region.startsWith("af-") || region.startsWith("il-")) return "eu-central-1";
  return region.startsWith("ap-") || region.startsWith("me-") ? "ap-south-1" : "us-east-1";
}
