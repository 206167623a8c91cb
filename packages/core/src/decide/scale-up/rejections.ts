import type { GroupRejection } from "../../model/plan.ts";
import { type Reason, reason } from "../../model/reason.ts";
import { NANO_DOLLARS_PER_DOLLAR } from "../../model/units.ts";
import type { DemandGroup } from "../demand.ts";
import type { FleetGroup } from "../fleet.ts";
import type { Limits } from "./limits.ts";
import { mayUse } from "./new-nodes.ts";
import type { Offerings, OpenOffering } from "./offerings.ts";
import { isPlain } from "./packing.ts";
import type { Placement } from "./placement.ts";

/** Tells, group by group, why nodes for equivalent pods were not launched there. */
export interface Rejections {
  of(group: DemandGroup, chosen: (offering: OpenOffering) => boolean): readonly GroupRejection[];
}

export function createRejections(
  placement: Placement,
  offerings: Offerings,
  fleetGroups: readonly FleetGroup[],
  limits: Limits,
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
    of(group, chosen) {
      const rejections: GroupRejection[] = [];
      for (const [pool, { open, closed }] of byPool) {
        rejections.push(...closed);
        const fitting = open.filter((offering) => offerings.emptySpace.fits(group.compiled, offering.empty));
        const [first] = open;
        if (first && fitting.length === 0) {
          rejections.push({ pool, group: null, zone: null, reasons: misfits(group, first) });
          continue;
        }
        for (const offering of open) {
          if (chosen(offering)) continue;
          const reasons = fitting.includes(offering)
            ? whyNotChosen(group, offering)
            : misfits(group, offering);
          rejections.push({ pool, group: offering.of.group.name, zone: offering.zone, reasons });
        }
      }
      return rejections;
    },
  };

  function whyNotChosen(group: DemandGroup, offering: OpenOffering): readonly Reason[] {
    if (!mayUse(group, offering.of.group)) return [reason("NotInterruptible")];
    const { reason: limit } = limits.allow(offering, 1);
    if (limit) return [limit];
    const around = isPlain(group) ? [] : misfitsAmongOthers(group, offering);
    if (around.length > 0) return around;
    const { nanoDollarsPerHour } = offering.price;
    return [reason("CostlierThanChosen", `${nanoDollarsPerHour / NANO_DOLLARS_PER_DOLLAR} $ an hour a node`)];
  }

  /** Why a new node, as it would stand among the others, does not take the next pod. */
  function misfitsAmongOthers(group: DemandGroup, offering: OpenOffering): readonly Reason[] {
    const node = placement.add(offering);
    const reasons = placement.space.misfits(group.compiled, node);
    placement.discard(node);
    return reasons;
  }
}
