import type { Offer } from "../../model/plan.ts";
import type { Fleet, FleetGroup } from "../fleet.ts";

/** What nodes of each group cost, as configured; zones at one price together, those without a price left out. */
export function offersOf(fleet: Fleet): Offer[] {
  return fleet.groups.flatMap((of) => offersOfGroup(of, fleet));
}

function offersOfGroup({ group, pool, template }: FleetGroup, { pricing }: Fleet): Offer[] {
  if (!template) return [];
  const { capacityType } = group;
  const { gpus } = template;
  const offers = new Map<string, Offer & { readonly zones: string[] }>();
  for (const zone of group.zones) {
    const price = pricing.ofOffering(group, zone);
    if (!price) continue;
    const key = `${price.nanoDollarsPerHour} ${price.effectiveNanoDollarsPerHour}`;
    const alike = offers.get(key);
    if (alike) alike.zones.push(zone);
    else offers.set(key, { pool: pool.name, group: group.name, zones: [zone], capacityType, gpus, ...price });
  }
  return [...offers.values()];
}
