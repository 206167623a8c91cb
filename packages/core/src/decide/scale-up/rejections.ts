import type { GroupRejection } from "../../model/plan.ts";
import { type Reason, reason } from "../../model/reason.ts";
import { NANO_DOLLARS_PER_DOLLAR } from "../../model/units.ts";
import type { DemandGroup } from "../demand.ts";
import type { FleetGroup } from "../fleet.ts";
import type { Market } from "./market.ts";
import { mayUse } from "./new-nodes.ts";
import type { OpenOffering } from "./offerings.ts";
import { howMany, isPlain } from "./packing.ts";
import type { Placement } from "./placement.ts";

/** Tells, group by group, why nodes for equivalent pods were not launched there. */
export interface Rejections {
  /** `isGang`: all its pods have to be placed there, and not just one. */
  of(
    group: DemandGroup,
    isGang: boolean,
    isChosen: (offering: OpenOffering) => boolean,
  ): readonly GroupRejection[];
}

export function createRejections(
  placement: Placement,
  fleetGroups: readonly FleetGroup[],
  { offerings, limits }: Market,
): Rejections {
  const byPool = new Map<string, { open: OpenOffering[]; closed: GroupRejection[] }>();
  for (const { pool } of fleetGroups) byPool.set(pool.name, { open: [], closed: [] });
  for (const offering of offerings.open) byPool.get(offering.of.pool.name)?.open.push(offering);
  for (const { of, zone, reason: why } of offerings.closed) {
    byPool.get(of.pool.name)?.closed.push({ pool: of.pool.name, group: of.group.name, zone, reasons: [why] });
  }
  const misfits = (group: DemandGroup, offering: OpenOffering) =>
    offerings.emptySpace.misfits(group.compiled, offering.empty);

  return {
    of(group, isGang, isChosen) {
      const rejections: GroupRejection[] = [];
      for (const [pool, { open, closed }] of byPool) {
        rejections.push(...closed);
        const fitting = open.filter((offering) => offerings.emptySpace.fits(group.compiled, offering.empty));
        const [first] = open;
        if (first && fitting.length === 0) {
          rejections.push({ pool, group: null, zone: null, reasons: misfits(group, first) });
          continue;
        }
        const unchosen = open.filter((offering) => !isChosen(offering));
        const rejected = unchosen.map((offering) => ({
          pool,
          group: offering.of.group.name,
          zone: offering.zone,
          reasons: fitting.includes(offering)
            ? whyNotChosen(group, isGang, offering)
            : misfits(group, offering),
        }));
        rejections.push(...byWholeGroups(rejected, open));
      }
      return rejections;
    },
  };

  function whyNotChosen(group: DemandGroup, isGang: boolean, offering: OpenOffering): readonly Reason[] {
    const [pod] = group.pods;
    const perNode = pod ? Math.max(1, howMany(pod.requests, offering.empty.free)) : 1;
    const wanted = isGang ? Math.ceil(group.pods.length / perNode) : 1;
    if (!mayUse(group, offering.of.group)) return [reason("NotInterruptible")];
    const { reason: limit } = limits.allow(offering, wanted);
    if (limit) return [limit];
    const around = isPlain(group) ? [] : misfitsAmongOthers(group, offering);
    if (around.length > 0) return around;
    const { nanoDollarsPerHour } = offering.price;
    return [reason("NotCheapest", `${nanoDollarsPerHour / NANO_DOLLARS_PER_DOLLAR} $ an hour a node`)];
  }

  /** Why a new node, as it would stand among the others, does not take the next pod. */
  function misfitsAmongOthers(group: DemandGroup, offering: OpenOffering): readonly Reason[] {
    const node = placement.add(offering);
    const reasons = placement.space.misfits(group.compiled, node);
    placement.discard(node);
    return reasons;
  }
}

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
  return (
    a.length === b.length && a.every(({ code, detail }, i) => code === b[i]?.code && detail === b[i]?.detail)
  );
}
