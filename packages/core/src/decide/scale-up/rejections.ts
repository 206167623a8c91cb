import type { GroupRejection } from "../../model/plan.ts";
import { type Reason, reason } from "../../model/reason.ts";
import { NANO_DOLLARS_PER_DOLLAR, type NanoDollars } from "../../model/units.ts";
import type { DemandGroup } from "../demand.ts";
import type { FleetGroup } from "../fleet.ts";
import type { Market } from "./market.ts";
import type { OpenOffering } from "./offerings.ts";
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
  const byPool = new Map<string, { open: OpenOffering[]; closed: GroupRejection[] }>();
  for (const { pool } of fleetGroups) byPool.set(pool.name, { open: [], closed: [] });
  for (const offering of offerings.open) byPool.get(offering.of.pool.name)?.open.push(offering);
  for (const { of, zone, reason: why } of offerings.closed) {
    byPool.get(of.pool.name)?.closed.push({ pool: of.pool.name, group: of.group.name, zone, reasons: [why] });
  }
  const byPrice = new Map<NanoDollars, readonly Reason[]>();
  const misfits = (group: DemandGroup, offering: OpenOffering) =>
    offerings.emptySpace.misfits(group.compiled, offering.empty);

  return {
    of(group, isWhole, isChosen) {
      const rejections: GroupRejection[] = [];
      const fitting = suitability.fitting(group);
      for (const [pool, { open, closed }] of byPool) {
        rejections.push(...closed);
        const [first] = open;
        if (first && !open.some((offering) => fitting.has(offering))) {
          rejections.push({ pool, group: null, zone: null, reasons: misfits(group, first) });
          continue;
        }
        const unchosen = open.filter((offering) => !isChosen(offering));
        const rejected = unchosen.map((offering) => ({
          pool,
          group: offering.of.group.name,
          zone: offering.zone,
          reasons: fitting.has(offering) ? whyNotChosen(group, isWhole, offering) : misfits(group, offering),
        }));
        rejections.push(...byWholeGroups(rejected, open));
      }
      return rejections;
    },
  };

  function whyNotChosen(group: DemandGroup, isWhole: boolean, offering: OpenOffering): readonly Reason[] {
    if (!mayUse(group, offering.of.group)) return NOT_INTERRUPTIBLE;
    if (!suitability.feasible(group).has(offering)) return offering.of.pool.dryRun ? DRY_RUN : SPOT_AVOIDED;
    if (isWhole || !limits.allowsOne(offering)) {
      const wanted = isWhole ? Math.ceil(group.pods.length / podsPerNode(group, offering)) : 1;
      const { reason: limit } = limits.allow(offering, wanted);
      if (limit) return [limit];
    }
    const around = placement.remaining(group) > 0 ? misfitsAmongOthers(group, offering) : [];
    return around.length > 0 ? around : notCheapest(offering);
  }

  function notCheapest({ price }: OpenOffering): readonly Reason[] {
    const { nanoDollarsPerHour } = price;
    const known = byPrice.get(nanoDollarsPerHour);
    if (known) return known;
    const detail = `${nanoDollarsPerHour / NANO_DOLLARS_PER_DOLLAR} $ an hour a node`;
    const made = [reason("NotCheapest", detail)];
    byPrice.set(nanoDollarsPerHour, made);
    return made;
  }

  /** Why a new node, as it would stand among the others, does not take the next pod. */
  function misfitsAmongOthers(group: DemandGroup, offering: OpenOffering): readonly Reason[] {
    const node = placement.add(offering);
    const reasons = placement.space.misfits(group.compiled, node);
    placement.discard(node);
    return reasons;
  }
}

const NOT_INTERRUPTIBLE = [reason("NotInterruptible")];
const DRY_RUN = [reason("DryRun")];
const SPOT_AVOIDED = [reason("SpotAvoided")];

/** One rejection for a group whose zones are all rejected for the same. */
function byWholeGroups(
  rejected: readonly GroupRejection[],
  open: readonly OpenOffering[],
): readonly GroupRejection[] {
  const merged: GroupRejection[] = [];
  for (const rejection of rejected) {
    const ofGroup = rejected.filter(({ group }) => group === rejection.group);
    const zones = open.filter(({ of }) => of.group.name === rejection.group).length;
    const isAlike = ofGroup.every(({ reasons }) => sameReasons(reasons, rejection.reasons));
    if (zones !== ofGroup.length || !isAlike) merged.push(rejection);
    else if (ofGroup[0] === rejection) merged.push({ ...rejection, zone: null });
  }
  return merged;
}

function sameReasons(a: readonly Reason[], b: readonly Reason[]): boolean {
  if (a === b) return true;
  return (
    a.length === b.length && a.every(({ code, detail }, i) => code === b[i]?.code && detail === b[i]?.detail)
  );
}
