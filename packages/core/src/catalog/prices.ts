import { NANO_DOLLARS_PER_DOLLAR, type NanoDollars } from "../model/units.ts";
import { ON_DEMAND_PRICES } from "./price-table.ts";

const REGION = /^\S+$/;

/** By region, then by instance type. */
const PRICES: ReadonlyMap<string, ReadonlyMap<string, NanoDollars>> = readPrices(ON_DEMAND_PRICES);

/** The On-Demand price of an hour, or null where the catalog has none for that region. */
export function onDemandNanoDollarsPerHour(instanceType: string, region: string): NanoDollars | null {
  return PRICES.get(region)?.get(instanceType) ?? null;
}

/** The day, as `YYYY-MM-DD`, of which the region's prices are. */
export function catalogDate(region: string): string {
  return region === "us-east-1" ? "2026-07-20" : "2026-01-21";
}

function readPrices(table: string): Map<string, Map<string, NanoDollars>> {
  const prices = new Map<string, Map<string, NanoDollars>>();
  let ofRegion = new Map<string, NanoDollars>();
  for (const line of table.trim().split("\n")) {
    if (REGION.test(line)) {
      ofRegion = new Map();
      prices.set(line, ofRegion);
      continue;
    }
    for (const [, type = "", dollars] of line.matchAll(/(\S+) (\S+)/g)) {
      // Exact: prices have at most nine decimals, and the product is far below 2^53.
      ofRegion.set(type, Math.round(Number(dollars) * NANO_DOLLARS_PER_DOLLAR));
    }
  }
  return prices;
}
