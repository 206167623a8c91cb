import type { GroupRejection } from "../../model/plan.ts";
import { type Reason, reason } from "../../model/reason.ts";
import { NANO_DOLLARS_PER_DOLLAR } from "../../model/units.ts";
import { append } from "../append.ts";
import type { DemandGroup } from "../demand.ts";
import type { FleetGroup } from "../fleet.ts";
import type { Limits } from "./limits.ts";
import type { Market } from "./market.ts";
import type { Offerings, OpenOffering } from "./offerings.ts";
import type { Placement } from "./placement.ts";
import { mayUse, podsPerNode } from "./suitability.ts";

/** Tells, group by group, why nodes for equivalent pods were not launched there. */
export interface Rejections {
  /** `isWhole`: its pods can only be placed all together. `isChosen`: nodes are launched for them there. */
  of(
    group: DemandGroup,
    isWhole: boolean,
    isChosen: (offering: OpenOffering) => boolean,
  ): readonly GroupRejection[];
}

export function createRejections(
  placement: Placement,
  fleetGroups: readonly FleetGroup[],
  { offerings, limits, suitability }: Market,
): Rejections {
  const pools = offeringsByPool(fleetGroups, offerings);
  const notTaken = whyNotTaken(limits);
  const misfits = (group: DemandGroup, offering: OpenOffering) =>
    offerings.emptySpace.misfits(group.compiled, offering.empty);

  return {
    of(group, isWhole, isChosen) {
      const rejections: GroupRejection[] = [];
      const suitable = suitability.of(group);
      const isLeft = placement.remaining(group) > 0;
      const whyNot = (offering: OpenOffering): readonly Reason[] | null => {
        if (isChosen(offering)) return null;
        if (!suitable.isFitting(offering)) return misfits(group, offering);
        if (!mayUse(group, offering.of.group)) return NOT_INTERRUPTIBLE;
        if (!suitable.isFeasible(offering)) return offering.of.pool.dryRun ? DRY_RUN : SPOT_AVOIDED;
        const why = isWhole ? whyNotWhole(group, offering) : null;
        return why ?? (isLeft ? misfitsAmongOthers(group, offering) : null) ?? notTaken(offering);
      };
      for (const { pool, closed, open, byGroup } of pools) {
        for (const rejection of closed) rejections.push(rejection);
        const [first] = open;
        if (first && !open.some((offering) => suitable.isFitting(offering))) {
          rejections.push({ pool, group: null, zone: null, reasons: misfits(group, first) });
        } else {
          for (const zones of byGroup) zones.reject(rejections, whyNot);
        }
      }
      return rejections;
    },
  };

  function whyNotWhole(group: DemandGroup, offering: OpenOffering): readonly Reason[] | null {
    const nodes = Math.ceil(group.pods.length / podsPerNode(group, offering));
    const { reason: limit } = limits.allow(offering, nodes);
    return limit && [limit];
  }

  /** Why a new node, as it would stand among the others, does not take the next pod; null: it does. */
  function misfitsAmongOthers(group: DemandGroup, offering: OpenOffering): readonly Reason[] | null {
    if (!limits.allowsOne(offering)) return null;
    const node = placement.add(offering);
    const reasons = placement.space.misfits(group.compiled, node);
    placement.discard(node);
    return reasons.length > 0 ? reasons : null;
  }
}

/**
 * Why nodes that would suit were not launched: the same for all pods, once all is placed. Zones with
 * the same reasons share them, which tells that they are the same.
 */
function whyNotTaken(limits: Limits): (offering: OpenOffering) => readonly Reason[] {
  const known: (readonly Reason[])[] = [];
  let last: readonly Reason[] = [];
  return (offering) => {
    const before = known[offering.index];
    if (before !== undefined) return before;
    const reasons = [limits.allow(offering, 1).reason ?? notCheapest(offering)];
    if (!sameReasons(reasons, last)) last = reasons;
    known[offering.index] = last;
    return last;
  };
}

function notCheapest({ price }: OpenOffering): Reason {
  return reason("NotCheapest", `${price.nanoDollarsPerHour / NANO_DOLLARS_PER_DOLLAR} $ an hour a node`);
}

const NOT_INTERRUPTIBLE = [reason("NotInterruptible")];
const DRY_RUN = [reason("DryRun")];
const SPOT_AVOIDED = [reason("SpotAvoided")];

interface PoolOfferings {
  readonly pool: string;
  readonly closed: readonly GroupRejection[];
  readonly open: readonly OpenOffering[];
  readonly byGroup: readonly Zones[];
}

/** In the order of the configuration. */
function offeringsByPool(groups: readonly FleetGroup[], { open, closed }: Offerings): PoolOfferings[] {
  const zones = new Map<string, OpenOffering[]>();
  for (const offering of open) append(zones, offering.of.group.name, offering);
  const rejected = new Map<string, GroupRejection[]>();
  for (const { of, zone, reason: why } of closed) {
    const rejection = { pool: of.pool.name, group: of.group.name, zone, reasons: [why] };
    append(rejected, of.pool.name, rejection);
  }
  const byPool = new Map<string, FleetGroup[]>();
  for (const of of groups) append(byPool, of.pool.name, of);
  return [...byPool].map(([pool, ofPool]) => {
    const byGroup = ofPool.flatMap(({ group }) => {
      const there = zones.get(group.name);
      return there ? [there] : [];
    });
    return {
      pool,
      closed: rejected.get(pool) ?? [],
      open: byGroup.flat(),
      byGroup: byGroup.map((open) => new Zones(open)),
    };
  });
}

/** The open zones of a group. Most pods are rejected there for the same as those before them. */
class Zones {
  readonly #open: readonly OpenOffering[];
  /** Of the pods before, by zone. */
  readonly #reasons: (readonly Reason[] | null)[] = [];
  #rejections: readonly GroupRejection[] = [];

  constructor(open: readonly OpenOffering[]) {
    this.#open = open;
  }

  reject(rejections: GroupRejection[], whyNot: (offering: OpenOffering) => readonly Reason[] | null): void {
    let isAsBefore = true;
    for (let i = 0; i < this.#open.length; i++) {
      const offering = this.#open[i];
      const reasons = offering ? whyNot(offering) : null;
      isAsBefore &&= reasons === this.#reasons[i];
      this.#reasons[i] = reasons;
    }
    if (!isAsBefore) this.#rejections = rejectionsOf(this.#open, this.#reasons);
    for (const rejection of this.#rejections) rejections.push(rejection);
  }
}

/** One rejection of a group whose zones are all rejected for the same; else one a zone. */
function rejectionsOf(
  zones: readonly OpenOffering[],
  reasons: readonly (readonly Reason[] | null)[],
): GroupRejection[] {
  const [first] = reasons;
  if (first && reasons.every((each) => each !== null && sameReasons(each, first))) {
    return zones
      .slice(0, 1)
      .map(({ of: { pool, group } }) => ({ pool: pool.name, group: group.name, zone: null, reasons: first }));
  }
  return zones.flatMap(({ of: { pool, group }, zone }, i) => {
    const why = reasons[i] ?? null;
    return why === null ? [] : { pool: pool.name, group: group.name, zone, reasons: why };
  });
}

function sameReasons(a: readonly Reason[], b: readonly Reason[]): boolean {
  if (a === b) return true;
  return (
    a.length === b.length && a.every(({ code, detail }, i) => code === b[i]?.code && detail === b[i]?.detail)
  );
}
