import type { DemandDecision, Offer } from "../model/plan.ts";
import type { Decision } from "./decision.ts";
import type { Launch, Price } from "./explanation.ts";

/** A group of a pool, or all of them; in a zone, or in all. */
export interface Place {
  readonly pool: string;
  readonly group: string | null;
  readonly zone: string | null;
}

/** For pods of one kind; null where they are for none. */
type For = Pick<DemandDecision, "podsPerNode" | "outcomes"> | null;

/** What the cheapest node of a place costs; null where nothing says. */
export function priceOf({ offers = [] }: Pick<Decision, "offers">, place: Place, pods: For): Price | null {
  const [cheapest] = offersAt(offers, place);
  if (!cheapest) return null;
  const { capacityType, gpus, nanoDollarsPerHour, effectiveNanoDollarsPerHour } = cheapest;
  return {
    capacityType,
    gpus,
    nanoDollarsPerHour,
    effectiveNanoDollarsPerHour,
    podsPerNode: podsPerNode(place, pods),
  };
}

/** Of a node of the launch: as the offers say, else as its effect does. */
export function priceOfLaunch(decision: Pick<Decision, "offers">, launch: Launch, pods: For): Price | null {
  const { kind, pool, group } = launch;
  const zone = kind === "LaunchInstances" ? launch.zone : null;
  const offered = priceOf(decision, { pool, group, zone }, pods);
  if (offered || kind !== "LaunchInstances") return offered;
  const { capacityType, gpus, nanoDollarsPerHour } = launch;
  return {
    capacityType,
    gpus,
    nanoDollarsPerHour,
    effectiveNanoDollarsPerHour: capacityType === "reserved" ? 0 : nanoDollarsPerHour,
    podsPerNode: null,
  };
}

/** What the pool offers besides, the cheapest first. */
export function otherOffers({ offers = [] }: Pick<Decision, "offers">, launch: Launch): readonly Offer[] {
  const { kind, pool, group } = launch;
  const others = offersAt(offers, { pool, group: null, zone: null }).map((offer) => {
    const isTaken = (zone: string) =>
      offer.group === group && (kind !== "LaunchInstances" || zone === launch.zone);
    return { ...offer, zones: offer.zones.filter((zone) => !isTaken(zone)) };
  });
  return others.filter(({ zones }) => zones.length > 0);
}

function offersAt(offers: readonly Offer[], { pool, group, zone }: Place): readonly Offer[] {
  return offers
    .filter((offer) => offer.pool === pool && (group === null || offer.group === group))
    .filter((offer) => zone === null || offer.zones.includes(zone))
    .sort((a, b) => a.effectiveNanoDollarsPerHour - b.effectiveNanoDollarsPerHour);
}

/** As many as fit; at most as many as want a node: those launched for, and those that go on waiting. */
function podsPerNode({ pool }: Place, pods: For): number | null {
  const fitting = pods?.podsPerNode?.[pool];
  if (!pods || fitting === undefined) return null;
  const wanting = pods.outcomes.reduce(
    (sum, { effect, count, reason }) => sum + (effect !== null || WITHOUT_NODE.has(reason.code) ? count : 0),
    0,
  );
  return wanting === 0 ? fitting : Math.min(fitting, wanting);
}

const WITHOUT_NODE: ReadonlySet<string> = new Set(["NoCapacityLeft", "GangDoesNotFit", "NoFeasibleGroup"]);

/** What a pod costs an hour there, as it was decided by: to compare; null where nothing says. */
export function costPerPod({ effectiveNanoDollarsPerHour, podsPerNode: pods }: Price): number | null {
  return pods === null ? null : effectiveNanoDollarsPerHour / pods;
}
