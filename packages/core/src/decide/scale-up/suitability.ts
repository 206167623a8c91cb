import { selectorMatches } from "../../fit/index.ts";
import type { Group } from "../../model/pool.ts";
import type { NanoDollars } from "../../model/units.ts";
import type { DemandGroup } from "../demand.ts";
import type { Offerings, OpenOffering } from "./offerings.ts";
import { howMany } from "./packing.ts";

/** Which offerings suit which pods, by an empty node of each. Worked out once for each group of pods. */
export interface Suitability {
  /** Offerings of which an empty node could take one of its pods. */
  fitting(group: DemandGroup): ReadonlySet<OpenOffering>;
  /** Of these, the ones that it may use. */
  feasible(group: DemandGroup): ReadonlySet<OpenOffering>;
  /** The feasible ones by the score of a node that is full of the group's pods, best first. */
  byPromise(group: DemandGroup): readonly { readonly offering: OpenOffering; readonly score: number }[];
  /** What a pod of the group costs an hour at the cheapest feasible offering for it alone. */
  standaloneCost(group: DemandGroup): NanoDollars;
}

export function createSuitability({ open, emptySpace }: Offerings): Suitability {
  const fitting = memo(
    (group: DemandGroup) => new Set(open.filter(({ empty }) => emptySpace.fits(group.compiled, empty))),
  );
  const feasible = memo((group: DemandGroup) => {
    const allowed = [...fitting(group)].filter(({ of }) => mayUse(group, of.group));
    // What a dry run decides is not done: it must not keep pods from pools that would serve them.
    const live = orElse(
      allowed.filter(({ of }) => !of.pool.dryRun),
      allowed,
    );
    const lasting = live.filter(({ of }) => of.group.capacityType !== "spot");
    return new Set(group.spot === "avoided" ? orElse(lasting, live) : live);
  });
  const standaloneCost = memo((group: DemandGroup) => {
    let least = Number.POSITIVE_INFINITY;
    for (const offering of feasible(group)) {
      const { effectiveNanoDollarsPerHour } = offering.price;
      // Capacity that is paid for anyway says nothing of what a pod is worth.
      if (effectiveNanoDollarsPerHour === 0) continue;
      least = Math.min(least, effectiveNanoDollarsPerHour / podsPerNode(group, offering));
    }
    return Number.isFinite(least) ? least : 1;
  });
  const byPromise = memo((group: DemandGroup) =>
    [...feasible(group)]
      .map((offering) => ({
        offering,
        score:
          offering.price.effectiveNanoDollarsPerHour / (podsPerNode(group, offering) * standaloneCost(group)),
      }))
      .sort((a, b) => a.score - b.score),
  );
  return { fitting, feasible, byPromise, standaloneCost };
}

/** Spot is for pods that may be interrupted. */
export function mayUse(demand: DemandGroup, group: Group): boolean {
  return demand.spot !== "forbidden" || group.capacityType !== "spot";
}

/** How many pods of the group an empty node of the offering takes at most, if it takes one. */
export function podsPerNode(group: DemandGroup, offering: OpenOffering): number {
  const [pod] = group.pods;
  if (!pod || isOneANode(group)) return 1;
  return Math.max(1, howMany(pod.requests, offering.empty.free));
}

/** Pods that keep away from their own kind, or hold a host port, never share a node. */
function isOneANode({ pods: [pod] }: DemandGroup): boolean {
  if (!pod) return false;
  const isOwn = (namespaces: readonly string[]) =>
    namespaces.length === 0 || namespaces.includes(pod.namespace);
  return (
    pod.hostPorts.length > 0 ||
    pod.podAntiAffinity.some(
      ({ selector, namespaces }) => isOwn(namespaces) && selectorMatches(selector, pod.labels),
    )
  );
}

function orElse<Item>(items: readonly Item[], others: readonly Item[]): readonly Item[] {
  return items.length > 0 ? items : others;
}

function memo<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const known = new Map<Key, Value>();
  return (key) => {
    const there = known.get(key);
    if (there !== undefined) return there;
    const made = make(key);
    known.set(key, made);
    return made;
  };
}
