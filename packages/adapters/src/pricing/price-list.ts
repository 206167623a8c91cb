import {
  type AutoscalerError,
  catalogDate,
  type Group,
  HOUR_MS,
  MINUTE_MS,
  type NanoDollars,
  onDemandNanoDollarsPerHour,
  type Policy,
  type PriceList,
} from "@gpu-autoscaler/core";
import type { AwsAccess } from "../aws/access.ts";
import { createKept } from "../aws/kept.ts";
import type { Ec2 } from "../ec2/ec2.ts";
import { createOnDemandPrices, type OnDemandPrices } from "./on-demand-prices.ts";
import { createSpotPrices, type SpotPrices } from "./spot-prices.ts";

/** On-Demand prices change a few times a year, Spot prices over hours. */
const ON_DEMAND_AGE_MS = 12 * HOUR_MS;
const SPOT_AGE_MS = 5 * MINUTE_MS;
const RETRY_MS = 5 * MINUTE_MS;

/**
 * Prices of the policy's instance types. A failed read closes nothing: for On-Demand the shipped,
 * dated table stands in, for Spot the last prices, and where there are none the On-Demand price,
 * above which Spot does not go. What stands in is told as a gap. Reserved groups are priced by
 * On-Demand too, since core asks for it.
 */
export function createPriceList(ec2: Ec2, access: AwsAccess, policy: Policy): PriceList {
  const groups = policy.pools.flatMap((pool) => pool.groups);
  const types = distinct(groups.flatMap((group) => group.instanceTypes));
  const spotGroups = groups.filter((group) => group.capacityType === "spot");
  const spotTypes = distinct(spotGroups.flatMap((group) => group.instanceTypes));
  const spotZones = distinct(spotGroups.flatMap((group) => group.zones));
  const fetchOnDemand = createOnDemandPrices(access);
  const fetchSpot = createSpotPrices(ec2, access.clock);
  const onDemand = createKept<OnDemandPrices>(
    access.clock,
    { ageMs: ON_DEMAND_AGE_MS, retryMs: RETRY_MS, otherwise: { prices: {}, unreadable: [] } },
    () => fetchOnDemand(types),
  );
  const spot = createKept<SpotPrices>(
    access.clock,
    { ageMs: SPOT_AGE_MS, retryMs: RETRY_MS, otherwise: {} },
    async () => (spotTypes.length > 0 ? fetchSpot(spotTypes, spotZones) : {}),
  );

  return {
    async readPrices() {
      const [listed, history] = await Promise.all([onDemand(), spot()]);
      const missing = types.filter((type) => !(type in listed.value.prices));
      const shipped = fromTable(missing, access.region);
      const onDemandPrices = { ...shipped, ...listed.value.prices };
      // Where the history was read, a type that it does not have is not sold there.
      const isUntold = history.problem !== null && Object.keys(history.value).length === 0;
      const spotPrices = isUntold ? ceilings(spotGroups, onDemandPrices) : history.value;
      const gaps = [
        ...listed.value.unreadable,
        ...onDemandGaps(listed.problem, missing, shipped, access.region),
        ...spotGaps(history.problem, isUntold),
      ];
      // Prices of their age hold now: they are read anew when they are older.
      return { at: access.clock.now(), prices: { onDemand: onDemandPrices, spot: spotPrices }, gaps };
    },
  };
}

function onDemandGaps(
  problem: AutoscalerError | null,
  missing: readonly string[],
  shipped: Readonly<Record<string, NanoDollars>>,
  region: string,
): string[] {
  if (missing.length === 0) {
    return problem ? [`On-Demand prices are the last that were read: ${problem.message}`] : [];
  }
  const why = problem?.message ?? "the Pricing API does not tell them";
  const table = `the shipped table of ${catalogDate(region)}`;
  const tabled = missing.filter((type) => type in shipped);
  const unknown = missing.filter((type) => !(type in shipped));
  return [
    ...(tabled.length > 0 ? [`On-Demand prices of ${tabled.join(", ")} are those of ${table}: ${why}`] : []),
    ...(unknown.length > 0
      ? [`On-Demand prices of ${unknown.join(", ")} are unknown, ${table} not having them: ${why}`]
      : []),
  ];
}

function spotGaps(problem: AutoscalerError | null, isUntold: boolean): string[] {
  if (!problem) return [];
  const what = isUntold ? "the On-Demand prices, above which they do not go" : "the last that were read";
  return [`Spot prices are ${what}: ${problem.message}`];
}

function fromTable(types: readonly string[], region: string): Record<string, NanoDollars> {
  const prices: Record<string, NanoDollars> = {};
  for (const type of types) {
    const price = onDemandNanoDollarsPerHour(type, region);
    if (price !== null) prices[type] = price;
  }
  return prices;
}

/** The On-Demand price is what a Spot instance costs at most, unless its request allows more. */
function ceilings(
  groups: readonly Group[],
  onDemand: Readonly<Record<string, NanoDollars>>,
): Record<string, NanoDollars> {
  const prices: Record<string, NanoDollars> = {};
  for (const { instanceTypes, zones } of groups) {
    for (const type of instanceTypes) {
      const ceiling = onDemand[type];
      if (ceiling === undefined) continue;
      for (const zone of zones) prices[`${type}/${zone}`] = ceiling;
    }
  }
  return prices;
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}
