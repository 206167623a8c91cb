import type { DemandGroup } from "../demand.ts";
import type { OpenOffering } from "./offerings.ts";
import { isPlain } from "./packing.ts";
import type { Placement } from "./placement.ts";
import type { Suitability } from "./suitability.ts";

/** Who can share new nodes with the pods that they are opened for: plain groups that have pods left. */
export interface Riders {
  /** In the order of placement. Offerings with the same riders have the same list. */
  on(offering: OpenOffering): readonly DemandGroup[];
  /** Whether the group's pods can be placed by arithmetic. */
  isPlain(group: DemandGroup): boolean;
  /** The group's pods turned out to depend on more than the node itself. */
  exclude(group: DemandGroup): void;
}

export function createRiders(
  groups: readonly DemandGroup[],
  suitability: Suitability,
  placement: Placement,
): Riders {
  const plain = new Set(groups.filter(isPlain));
  const lists = new Map<OpenOffering, RiderList>();
  const byContent = new Map<string, RiderList>();

  const listOf = (offering: OpenOffering): RiderList => {
    const known = lists.get(offering);
    if (known) return known;
    const indices: number[] = [];
    for (const [i, group] of groups.entries()) {
      if (plain.has(group) && suitability.feasible(group).has(offering)) indices.push(i);
    }
    const content = indices.join();
    const list = byContent.get(content) ?? {
      groups: indices.flatMap((i) => groups[i] ?? []),
      asOf: placement.served(),
    };
    byContent.set(content, list);
    lists.set(offering, list);
    return list;
  };

  return {
    on(offering) {
      const list = listOf(offering);
      const asOf = placement.served();
      // Groups that are served already do no harm; a list is gone through when many of it may be.
      if (asOf - list.asOf > list.groups.length / 4) {
        list.groups = list.groups.filter((group) => plain.has(group) && placement.remaining(group) > 0);
        list.asOf = asOf;
      }
      return list.groups;
    },
    isPlain: (group) => plain.has(group),
    exclude(group) {
      plain.delete(group);
      for (const list of byContent.values()) list.groups = list.groups.filter((other) => other !== group);
    },
  };
}

interface RiderList {
  groups: readonly DemandGroup[];
  /** How many groups had been served or excluded when it was last gone through. */
  asOf: number;
}
