import type { Fleet } from "../fleet.ts";
import type { Limits } from "./limits.ts";
import type { Offerings, OpenOffering } from "./offerings.ts";
import type { Placement } from "./placement.ts";

/** Launches what pools and groups lack to their minimum sizes, at the cheapest of their offerings. */
export function launchForMinimum(
  fleet: Fleet,
  offerings: Offerings,
  limits: Limits,
  placement: Placement,
): void {
  const planned = (of: (offering: OpenOffering) => boolean) =>
    placement.planned.filter(({ offering }) => of(offering)).length;
  const living = fleet.machines.flatMap(({ managed, status }) =>
    managed && status !== "failed" && status !== "leaving" ? [managed] : [],
  );
  for (const { group } of fleet.groups) {
    const isOurs = ({ of }: OpenOffering) => of.group === group;
    const have = living.filter((each) => each.group === group).length + planned(isOurs);
    launch(group.minNodes - have, isOurs);
  }
  for (const pool of new Set(fleet.groups.map((each) => each.pool))) {
    const isOurs = ({ of }: OpenOffering) => of.pool === pool;
    const have = living.filter((each) => each.pool === pool).length + planned(isOurs);
    launch(pool.minNodes - have, isOurs);
  }

  function launch(lacking: number, isOurs: (offering: OpenOffering) => boolean): void {
    const candidates = offerings.open
      .filter(isOurs)
      .sort((a, b) => a.price.effectiveNanoDollarsPerHour - b.price.effectiveNanoDollarsPerHour);
    let left = lacking;
    for (const offering of candidates) {
      if (left <= 0) return;
      const { count } = limits.allow(offering, left);
      for (let i = 0; i < count; i++) placement.keep(placement.add(offering), offering, null, "BelowMinimum");
      limits.take(offering, count);
      left -= count;
    }
  }
}
