import type { Group, Pool } from "../../model/pool.ts";
import type { LaunchIntent } from "../../model/state.ts";
import type { Fleet, FleetGroup } from "../fleet.ts";
import { desiredWithoutInstance } from "./limits.ts";
import type { Market } from "./market.ts";
import type { OpenOffering } from "./offerings.ts";
import type { Placement, PlannedNode } from "./placement.ts";

/**
 * Launches what pools and groups lack to their minimum sizes, at the cheapest of their offerings.
 * A minimum is the user's word: the Spot share does not limit it.
 */
export function launchForMinimum(
  repeatable: ReadonlyMap<string, LaunchIntent>,
  fleet: Fleet,
  { offerings, limits }: Market,
  placement: Placement,
): void {
  const isBelow = belowMinimum(fleet, ({ group }) => {
    const isOurs = ({ offering }: PlannedNode) => offering.of.group === group;
    return placement.planned.filter(isOurs).length + repeatedNodes(group.name);
  });
  for (const { lacking, groups } of isBelow) {
    const left = lacking - repeatFor(lacking, groups);
    launch(left, ({ of }) => groups.includes(of.group));
  }

  function repeatedNodes(group: string): number {
    const intents = [...placement.used.repeated].map((key) => repeatable.get(key));
    return intents.reduce((sum, intent) => sum + (intent?.group === group ? intent.count : 0), 0);
  }

  /** A launch that was never answered serves before a new one. */
  function repeatFor(lacking: number, groups: readonly Group[]): number {
    let nodes = 0;
    for (const [key, intent] of repeatable) {
      const isOurs = groups.some(({ name }) => name === intent.group);
      if (nodes >= lacking || !isOurs || placement.used.repeated.has(key)) continue;
      placement.repeat(key);
      nodes += intent.count;
    }
    return nodes;
  }

  function launch(lacking: number, isOurs: (offering: Pick<OpenOffering, "of">) => boolean): void {
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
  return belowMinimum(fleet, () => 0).length > 0;
}

interface Lack {
  readonly lacking: number;
  /** Any of these may make up for it. */
  readonly groups: readonly Group[];
}

/** What groups, and then pools as a whole, lack to their minimum; `coming` are nodes that the plan adds. */
function belowMinimum(fleet: Fleet, coming: (of: FleetGroup) => number): Lack[] {
  const lacks: Lack[] = [];
  const made = new Map<Pool, number>();
  const haveOf = (of: FleetGroup) => {
    const live = fleet.machines.filter(
      ({ managed, status }) => managed?.group === of.group && status !== "failed" && status !== "leaving",
    );
    return live.length + desiredWithoutInstance(of) + coming(of);
  };
  for (const of of fleet.groups) {
    if (of.group.minNodes === 0) continue;
    const lacking = of.group.minNodes - haveOf(of);
    if (lacking <= 0) continue;
    lacks.push({ lacking, groups: [of.group] });
    made.set(of.pool, (made.get(of.pool) ?? 0) + lacking);
  }
  for (const pool of new Set(fleet.groups.map((of) => of.pool))) {
    if (pool.minNodes === 0) continue;
    const groups = fleet.groups.filter((of) => of.pool === pool);
    const have = groups.reduce((sum, of) => sum + haveOf(of), made.get(pool) ?? 0);
    if (have < pool.minNodes)
      lacks.push({ lacking: pool.minNodes - have, groups: groups.map((of) => of.group) });
  }
  return lacks;
}
