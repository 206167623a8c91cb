import type { NodeSpace } from "../../fit/index.ts";
import { ClusterSpace } from "../../fit/index.ts";
import type { Policy } from "../../model/policy.ts";
import { type Reason, reason } from "../../model/reason.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { MINUTE_MS } from "../../model/units.ts";
import { restingCapacity } from "../capacity-errors.ts";
import type { Fleet, FleetGroup } from "../fleet.ts";
import type { OfferingPrice } from "../pricing.ts";
import type { Reconsider } from "../reconsider.ts";
import { addNodeOf, type NodeTemplate } from "../template.ts";

/** A group in one of its zones, as seen in this tick. */
export interface OpenOffering {
  /** Its place among the open ones. */
  readonly index: number;
  /** `group/zone`. */
  readonly name: string;
  readonly of: FleetGroup;
  readonly zone: string;
  readonly template: NodeTemplate;
  readonly price: OfferingPrice;
  /** An empty new node, in a space of its own: what does not fit there never will. */
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

export interface Offerings {
  /** By pool, group and zone as configured. */
  readonly open: readonly OpenOffering[];
  readonly closed: readonly ClosedOffering[];
  /** Holds the empty nodes. */
  readonly emptySpace: ClusterSpace;
}

/** A Capacity Block takes no new node this long before its end: Karpenter drains it from then on. */
const CAPACITY_BLOCK_MARGIN_MS = 40 * MINUTE_MS;

export function listOfferings(
  snapshot: Snapshot,
  policy: Policy,
  fleet: Fleet,
  reconsider: Reconsider,
): Offerings {
  const open: OpenOffering[] = [];
  const closed: ClosedOffering[] = [];
  const emptySpace = new ClusterSpace(snapshot.namespaces);
  const isPaused = (pool: string) =>
    snapshot.state.paused.includes("*") || snapshot.state.paused.includes(pool);

  for (const of of fleet.groups) {
    const { group, template } = of;
    if (!template) {
      closed.push({ of, zone: null, reason: whyNoTemplate(of, policy), empty: null });
      continue;
    }
    const whole = isPaused(of.pool.name) ? reason("Paused") : whyBlockEnds(of, reconsider);
    for (const zone of zonesOf(of)) {
      const name = `${group.name}/${zone}`;
      const empty = addNodeOf(template, emptySpace, name, zone);
      const price = fleet.pricing.ofOffering(group, zone);
      const resting = restingCapacity(snapshot.state.capacityErrors, group, zone, reconsider);
      const why = whole ?? (resting ? reason("CapacityErrorBackoff", resting.code) : null);
      if (price && !why) open.push({ index: open.length, name, of, zone, template, price, empty });
      else closed.push({ of, zone, reason: why ?? reason("PriceUnknown"), empty });
    }
  }
  return { open, closed, emptySpace };
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
