import type { Fleet, Machine, ManagedInstance } from "../fleet.ts";
import type { Market } from "./market.ts";
import type { OpenOffering } from "./offerings.ts";
import type { Placement } from "./placement.ts";

/**
 * Launches what pools and groups lack to their minimum sizes, at the cheapest of their offerings.
 * A minimum is the user's word: the Spot share does not limit it.
 */
export function launchForMinimum(fleet: Fleet, { offerings, limits }: Market, placement: Placement): void {
  const planned = (of: (offering: OpenOffering) => boolean) =>
    placement.planned.filter(({ offering }) => of(offering)).length;
  const living = livingMachines(fleet);
  for (const { group } of fleet.groups) {
    if (group.minNodes === 0) continue;
    const isOurs = ({ of }: OpenOffering) => of.group === group;
    const have = count(living, (managed) => managed.group === group) + planned(isOurs);
    launch(group.minNodes - have, isOurs);
  }
  for (const pool of new Set(fleet.groups.map((each) => each.pool))) {
    if (pool.minNodes === 0) continue;
    const isOurs = ({ of }: OpenOffering) => of.pool === pool;
    const have = count(living, (managed) => managed.pool === pool) + planned(isOurs);
    launch(pool.minNodes - have, isOurs);
  }

  function launch(lacking: number, isOurs: (offering: OpenOffering) => boolean): void {
    const candidates = offerings.open
      .filter(isOurs)
      .sort((a, b) => a.price.effectiveNanoDollarsPerHour - b.price.effectiveNanoDollarsPerHour);
    let left = lacking;
    for (const offering of candidates) {
      if (left <= 0) return;
      const { count } = limits.allow(offering, left, true);
      for (let i = 0; i < count; i++) placement.keep(placement.add(offering), offering, null, "BelowMinimum");
      limits.take(offering, count);
      left -= count;
    }
  }
}

/** Whether some pool or group has fewer nodes than its minimum. */
export function isBelowMinimum(fleet: Fleet): boolean {
  const living = livingMachines(fleet);
  return fleet.groups.some(
    ({ group, pool }) =>
      (group.minNodes > 0 && count(living, (managed) => managed.group === group) < group.minNodes) ||
      (pool.minNodes > 0 && count(living, (managed) => managed.pool === pool) < pool.minNodes),
  );
}

function livingMachines(fleet: Fleet): readonly Machine[] {
  return fleet.machines.filter(({ status }) => status !== "failed" && status !== "leaving");
}

function count(machines: readonly Machine[], isCounted: (managed: ManagedInstance) => boolean): number {
  return machines.filter(({ managed }) => managed !== null && isCounted(managed)).length;
}
