import type { Policy } from "../model/policy.ts";
import { type Group, offeringKey, type Prices } from "../model/pool.ts";
import type { ControllerState, InterruptionMemory } from "../model/state.ts";
import type { EpochMs, NanoDollars } from "../model/units.ts";
import { interruptionRate } from "./interruption-rate.ts";

/** What one more node of an offering costs. */
export interface OfferingPrice {
  /** What AWS will bill for an hour, as far as can be known before EC2 picks the type. */
  readonly nanoDollarsPerHour: NanoDollars;
  /**
   * What it costs an hour to decide by: nothing for capacity that is paid for anyway, and for Spot
   * the price with the work that interruptions will cost.
   */
  readonly effectiveNanoDollarsPerHour: NanoDollars;
}

export interface Pricing {
  /** null when none of the group's types has a price there. */
  ofOffering(group: Group, zone: string): OfferingPrice | null;
  /** What a running instance costs an hour, the type being known; 0 when nothing says. */
  ofInstance(group: Group, zone: string, instanceType: string): NanoDollars;
}

/**
 * Effective Spot price = price × (1 + lossHours × interruptions an hour): an offering that was
 * interrupted lately ranks behind its equals.
 */
export function createPricing(
  prices: Prices,
  policy: Policy,
  state: Pick<ControllerState, "interruptions">,
  now: EpochMs,
): Pricing {
  const ofType = (group: Group, zone: string, instanceType: string): NanoDollars | undefined =>
    group.capacityType === "spot" ? prices.spot[`${instanceType}/${zone}`] : prices.onDemand[instanceType];

  const interruptions = new Map(Object.entries(state.interruptions));
  const known = new Map<Group, Map<string, OfferingPrice | null>>();

  return {
    ofOffering(group, zone) {
      let byZone = known.get(group);
      if (byZone === undefined) {
        byZone = new Map();
        known.set(group, byZone);
      }
      let price = byZone.get(zone);
      if (price === undefined) {
        price = priceOf(group, zone, interruptions.get(offeringKey({ group: group.name, zone })));
        byZone.set(zone, price);
      }
      return price;
    },
    ofInstance: (group, zone, instanceType) => ofType(group, zone, instanceType) ?? 0,
  };

  function priceOf(group: Group, zone: string, memory: InterruptionMemory | undefined): OfferingPrice | null {
    const ofTypes = group.instanceTypes
      .map((instanceType) => ofType(group, zone, instanceType))
      .filter((price) => price !== undefined);
    if (ofTypes.length === 0) return null;
    const isSpot = group.capacityType === "spot";
    // Spot is price-capacity-optimized, so any of the types may come; On-Demand takes the cheapest first.
    const price = isSpot
      ? Math.round(ofTypes.reduce((sum, each) => sum + each, 0) / ofTypes.length)
      : Math.min(...ofTypes);
    return { nanoDollarsPerHour: price, effectiveNanoDollarsPerHour: effective(group, price, memory) };
  }

  function effective(group: Group, price: NanoDollars, memory: InterruptionMemory | undefined): NanoDollars {
    if (group.capacityType === "reserved") return 0;
    if (group.capacityType === "on-demand") return price;
    const rate = interruptionRate(memory, policy.spot.priorInterruptionsMilli, now);
    return Math.round(price * (1 + policy.spot.lossHours * rate));
  }
}
