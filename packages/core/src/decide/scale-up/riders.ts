import type { DemandGroup } from "../demand.ts";
import type { OpenOffering } from "./offerings.ts";
import { isPlain } from "./packing.ts";
import type { Placement } from "./placement.ts";
import type { Suitability } from "./suitability.ts";

/** Who can share new nodes with the pods that they are opened for: plain groups that have pods left. */
export class Riders {
  readonly #placement: Placement;
  /** Indexes of groups. */
  readonly #plain: Set<number>;
  readonly #lists: readonly (RiderList | undefined)[];

  constructor(groups: readonly DemandGroup[], suitability: Suitability, placement: Placement) {
    const plain = groups.filter(isPlain);
    this.#placement = placement;
    this.#plain = new Set(plain.map(({ index }) => index));
    this.#lists = riderLists(plain, suitability, placement);
  }

  /** In the order of placement. Offerings with the same riders have the same list. */
  on({ index }: OpenOffering): readonly DemandGroup[] {
    const list = this.#lists[index];
    if (!list) return NOBODY;
    const asOf = this.#placement.served;
    // Groups that are served already do no harm; a list is gone through when many of it may be.
    if (asOf - list.asOf > list.groups.length / 4) {
      list.groups = list.groups.filter(
        (group) => this.isPlain(group) && this.#placement.remaining(group) > 0,
      );
      list.asOf = asOf;
    }
    return list.groups;
  }

  /** Whether the group's pods can be placed by arithmetic. */
  isPlain(group: DemandGroup): boolean {
    return this.#plain.has(group.index);
  }

  /** The group's pods turned out to depend on more than the node itself. */
  exclude(group: DemandGroup): void {
    this.#plain.delete(group.index);
    for (const list of new Set(this.#lists))
      if (list) list.groups = list.groups.filter((other) => other !== group);
  }
}

interface RiderList {
  groups: readonly DemandGroup[];
  /** How many groups had been served or excluded when it was last gone through. */
  asOf: number;
}

const NOBODY: readonly DemandGroup[] = [];

/** By the index of an offering, the groups that it is feasible for (none: no entry): one list for all offerings with the same groups. */
function riderLists(
  groups: readonly DemandGroup[],
  suitability: Suitability,
  placement: Placement,
): RiderList[] {
  const path: Step[] = [];
  const start: Step = { last: null, before: null, next: null, list: null };
  for (const group of groups) {
    // Neighbours, which are zones of one group, mostly come from the same step.
    let from: Step | null = null;
    let to = start;
    for (const { index } of suitability.of(group).feasible) {
      const before = path[index] ?? start;
      if (before !== from) to = stepTo(group, before);
      from = before;
      path[index] = to;
    }
  }
  return path.map((step) => {
    step.list ??= { groups: groupsUpTo(step), asOf: placement.served };
    return step.list;
  });
}

/** A list of groups, told by its last one and the list before that: equal lists are one step. */
interface Step {
  readonly last: DemandGroup | null;
  readonly before: Step | null;
  /** With the group that was looked at last. */
  next: Step | null;
  list: RiderList | null;
}

function stepTo(group: DemandGroup, before: Step): Step {
  if (before.next?.last !== group) before.next = { last: group, before, next: null, list: null };
  return before.next;
}

function groupsUpTo(end: Step): DemandGroup[] {
  const groups: DemandGroup[] = [];
  for (let step: Step | null = end; step?.last; step = step.before) groups.push(step.last);
  return groups.reverse();
}
