import type { ClusterSpace, NodeSpace } from "../../fit/index.ts";
import type { Policy } from "../../model/policy.ts";
import { type Reason, reason } from "../../model/reason.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { MINUTE_MS } from "../../model/units.ts";
import { restingCapacity } from "../capacity-errors.ts";
import type { Fleet, FleetGroup } from "../fleet.ts";
import type { OfferingPrice } from "../pricing.ts";
import type { Reconsider } from "../reconsider.ts";
import { addNodeOf, type NodeTemplate } from "../template.ts";

/** A group in one of its zones, as it can be launched in this tick. */
interface PricedOffering {
  /** Its place among the open ones. */
  readonly index: number;
  /** `group/zone`. */
  readonly name: string;
  readonly of: FleetGroup;
  readonly zone: string;
  readonly template: NodeTemplate;
  readonly price: OfferingPrice;
}

export interface OpenOffering extends PricedOffering {
  /** An empty new node, in a space alongside the fleet's: what does not fit there never will. */
  readonly empty: NodeSpace;
}

/** A group, or one of its zones (null: all), that nothing can be launched in, whatever the demand. */
interface ClosedOffering {
  readonly of: FleetGroup;
  readonly zone: string | null;
  readonly reason: Reason;
  /** As of an open one; null when nothing says what the nodes offer. */
  readonly empty: NodeSpace | null;
}

/** By pool, group and zone as configured. */
export interface PricedOfferings {
  readonly open: readonly PricedOffering[];
  readonly closed: readonly Omit<ClosedOffering, "empty">[];
}

export interface Offerings extends PricedOfferings {
  readonly open: readonly OpenOffering[];
  readonly closed: readonly ClosedOffering[];
  /** Holds the empty nodes. */
  readonly emptySpace: ClusterSpace;
}

/** A Capacity Block takes no new node this long before its end: Karpenter drains it from then on. */
const CAPACITY_BLOCK_MARGIN_MS = 40 * MINUTE_MS;

/** What can be launched now and what it costs, and what cannot. */
export function priceOfferings(
  snapshot: Snapshot,
  policy: Policy,
  fleet: Fleet,
  reconsider: Reconsider,
): PricedOfferings {
  const open: PricedOffering[] = [];
  const closed: PricedOfferings["closed"][number][] = [];
  const capacityErrors = new Map(Object.entries(snapshot.state.capacityErrors));
  const isPaused = (pool: string) =>
    snapshot.state.paused.includes("*") || snapshot.state.paused.includes(pool);

  for (const of of fleet.groups) {
    const { group, template } = of;
    if (!template) {
      closed.push({ of, zone: null, reason: whyNoTemplate(of, policy) });
      continue;
    }
    const whole = isPaused(of.pool.name) ? reason("Paused") : whyBlockEnds(of, reconsider);
    for (const zone of zonesOf(of)) {
      const price = fleet.pricing.ofOffering(group, zone);
      const resting = restingCapacity(capacityErrors, group, zone, reconsider);
      const why = whole ?? (resting ? reason("CapacityErrorBackoff", resting.code) : null);
      if (price && !why) open.push({ index: open.length, name: nameOf(of, zone), of, zone, template, price });
      else closed.push({ of, zone, reason: why ?? reason("PriceUnknown") });
    }
  }
  return { open, closed };
}

/** The offerings with an empty node each, to try pods on. */
export function withEmptyNodes({ open, closed }: PricedOfferings, { space }: Fleet): Offerings {
  const emptySpace = space.alongside();
  const emptyNode = (template: NodeTemplate, name: string, zone: string) =>
    addNodeOf(template, emptySpace, name, zone);
  return {
    open: open.map((offering) => ({
      ...offering,
      empty: emptyNode(offering.template, offering.name, offering.zone),
    })),
    closed: closed.map((each) => {
      const { of, zone } = each;
      const isKnown = of.template !== null && zone !== null;
      return { ...each, empty: isKnown ? emptyNode(of.template, nameOf(of, zone), zone) : null };
    }),
    emptySpace,
  };
}

function nameOf({ group }: FleetGroup, zone: string): string {
  return `${group.name}/${zone}`;
}

/** An adopted group picks the zone itself: it is one offering. */
function zonesOf({ group }: FleetGroup): readonly string[] {
  return group.adopted ? group.zones.slice(0, 1) : group.zones;
}

function whyNoTemplate({ status, group }: FleetGroup, policy: Policy): Reason {
  return status
    ? reason("ShapeUnknown", `${group.name} has neither a known instance type nor node-template tags`)
    : reason("ShapeUnknown", `Auto Scaling in ${policy.region} lists no group ${group.name}`);
}

function whyBlockEnds({ group }: FleetGroup, reconsider: Reconsider): Reason | null {
  const endsAt = group.reservationEndsAt;
  return endsAt !== null && reconsider.reached(endsAt - CAPACITY_BLOCK_MARGIN_MS)
    ? reason("CapacityBlockEnding")
    : null;
}
