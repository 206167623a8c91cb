import type { GroupRejection } from "../../model/plan.ts";
import { type Reason, reason } from "../../model/reason.ts";
import { NANO_DOLLARS_PER_DOLLAR } from "../../model/units.ts";
import { append } from "../append.ts";
import type { DemandGroup } from "../demand.ts";
import type { FleetGroup } from "../fleet.ts";
import type { Market } from "./market.ts";
import type { Offerings, OpenOffering } from "./offerings.ts";
import type { Placement } from "./placement.ts";
import { mayUse, podsPerNode } from "./suitability.ts";

/** Tells, group by group, why nodes for equivalent pods were not launched there. */
export interface Rejections {
  /** `isWhole`: its pods can only be placed all together. */
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
  // Told when all is placed: how much the limits leave is the same for all pods.
  const notTaken: (readonly Reason[])[] = [];
  const misfits = (group: DemandGroup, offering: OpenOffering) =>
    offerings.emptySpace.misfits(group.compiled, offering.empty);

  return {
    of(group, isWhole, isChosen) {
      const rejections: GroupRejection[] = [];
      const suitable = suitability.of(group);
      const isFitting = (offering: OpenOffering) => suitable.isFitting(offering);
      const whyNot = (offering: OpenOffering): readonly Reason[] | null => {
        if (isChosen(offering)) return null;
        return isFitting(offering) ? whyNotChosen(group, isWhole, offering) : misfits(group, offering);
      };
      for (const { pool, closed, byGroup } of pools) {
        rejections.push(...closed);
        const [first] = byGroup[0] ?? [];
        if (first && !byGroup.some((zones) => zones.some(isFitting))) {
          rejections.push({ pool, group: null, zone: null, reasons: misfits(group, first) });
          continue;
        }
        for (const zones of byGroup) rejections.push(...rejectionsOf(pool, zones, whyNot));
      }
      return rejections;
    },
  };

  function whyNotChosen(group: DemandGroup, isWhole: boolean, offering: OpenOffering): readonly Reason[] {
    if (!mayUse(group, offering.of.group)) return NOT_INTERRUPTIBLE;
    if (!suitability.of(group).isFeasible(offering)) return offering.of.pool.dryRun ? DRY_RUN : SPOT_AVOIDED;
    if (isWhole) {
      const { reason: limit } = limits.allow(
        offering,
        Math.ceil(group.pods.length / podsPerNode(group, offering)),
      );
      if (limit) return [limit];
    }
    if (placement.remaining(group) > 0 && limits.allowsOne(offering)) {
      const around = misfitsAmongOthers(group, offering);
      if (around.length > 0) return around;
    }
    notTaken[offering.index] ??= [limits.allow(offering, 1).reason ?? notCheapest(offering)];
    return notTaken[offering.index] ?? [];
  }

  /** Why a new node, as it would stand among the others, does not take the next pod. */
  function misfitsAmongOthers(group: DemandGroup, offering: OpenOffering): readonly Reason[] {
    const node = placement.add(offering);
    const reasons = placement.space.misfits(group.compiled, node);
    placement.discard(node);
    return reasons;
  }
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
  /** The open zones of each group. */
  readonly byGroup: readonly (readonly OpenOffering[])[];
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
  return [...byPool].map(([pool, ofPool]) => ({
    pool,
    closed: rejected.get(pool) ?? [],
    byGroup: ofPool.flatMap(({ group }) => {
      const open = zones.get(group.name);
      return open ? [open] : [];
    }),
  }));
}

/** One rejection of a group whose zones are all rejected for the same; else one a zone. */
function rejectionsOf(
  pool: string,
  zones: readonly OpenOffering[],
  whyNot: (offering: OpenOffering) => readonly Reason[] | null,
): GroupRejection[] {
  const group = zones[0]?.of.group.name ?? null;
  const why = zones.map(whyNot);
  const [first] = why;
  if (first && why.every((reasons) => reasons !== null && sameReasons(reasons, first))) {
    return [{ pool, group, zone: null, reasons: first }];
  }
  return zones.flatMap(({ zone }, i) => {
    const reasons = why[i];
    return reasons ? [{ pool, group, zone, reasons }] : [];
  });
}

function sameReasons(a: readonly Reason[], b: readonly Reason[]): boolean {
  if (a === b) return true;
  return (
    a.length === b.length && a.every(({ code, detail }, i) => code === b[i]?.code && detail === b[i]?.detail)
  );
}
