import type { NanoDollars, Resources } from "@gpu-autoscaler/core";
import type { InstanceType, NodePool, Offering } from "./catalog.ts";
import type { PodKind, PodRecord } from "./pod-records.ts";

/** A node that a simulation would launch: pods, and the offerings that could still hold all of them. */
export interface SimulatedClaim {
  readonly nodePool: NodePool;
  options: readonly Offering[];
  requests: Resources;
  readonly pods: PodRecord[];
  /** Kinds that found no room: they will find none later, as room only shrinks. */
  readonly refused: Set<PodKind>;
}

export function emptyClaim(nodePool: NodePool, options: readonly Offering[]): SimulatedClaim {
  return {
    nodePool,
    options,
    requests: { cpuMilli: 0, memoryBytes: 0, ephemeralStorageBytes: 0, pods: 0, extended: {} },
    pods: [],
    refused: new Set(),
  };
}

/**
 * The offerings that remain when the pod joins the claim: those that take its kind, in the zone that
 * it is bound to, of types that hold all requests together. Empty: it cannot join (core,
 * provisioning/scheduling/nodeclaim.go, CanAdd).
 */
export function optionsWith(
  claim: SimulatedClaim,
  pod: PodRecord,
  fitting: readonly boolean[],
  zone: string | null,
): readonly Offering[] {
  const { requests } = pod.pod;
  const options: Offering[] = [];
  let type: InstanceType | null = null;
  let holds = false;
  for (const option of claim.options) {
    if (!fitting[option.index] || (zone !== null && option.zone !== zone)) continue;
    if (option.type !== type) {
      type = option.type;
      holds = holdsBoth(type.allocatable, claim.requests, requests);
    }
    if (holds) options.push(option);
  }
  return options;
}

export function join(claim: SimulatedClaim, record: PodRecord, options: readonly Offering[]): void {
  const { requests } = record.pod;
  const extended = { ...claim.requests.extended };
  for (const name in requests.extended)
    extended[name] = (extended[name] ?? 0) + (requests.extended[name] ?? 0);
  claim.options = options;
  claim.requests = {
    cpuMilli: claim.requests.cpuMilli + requests.cpuMilli,
    memoryBytes: claim.requests.memoryBytes + requests.memoryBytes,
    ephemeralStorageBytes: claim.requests.ephemeralStorageBytes + requests.ephemeralStorageBytes,
    pods: claim.requests.pods + requests.pods,
    extended,
  };
  claim.pods.push(record);
}

function holdsBoth(allocatable: Resources, a: Resources, b: Resources): boolean {
  if (
    a.cpuMilli + b.cpuMilli > allocatable.cpuMilli ||
    a.memoryBytes + b.memoryBytes > allocatable.memoryBytes ||
    a.ephemeralStorageBytes + b.ephemeralStorageBytes > allocatable.ephemeralStorageBytes ||
    a.pods + b.pods > allocatable.pods
  ) {
    return false;
  }
  for (const name in b.extended) {
    if ((a.extended[name] ?? 0) + (b.extended[name] ?? 0) > (allocatable.extended[name] ?? 0)) return false;
  }
  return true;
}

/**
 * The offerings that CreateFleet is asked to choose from, in the order in which it tries them.
 * Reserved before Spot before On-Demand; where both of the last are possible, Spot that is dearer
 * than the cheapest On-Demand is left out (provider, instance.go, getCapacityType; filter.go,
 * SpotOfferingFilter). Lowest price for On-Demand; price-capacity-optimized for Spot, of which the
 * sandbox has the price alone. Ties by the policy's order.
 */
export function launchOrder(options: readonly Offering[]): readonly Offering[] {
  const reserved = options.filter(({ capacityType }) => capacityType === "reserved");
  if (reserved.length > 0) return reserved;
  const onDemand = options.filter(({ capacityType }) => capacityType === "on-demand");
  const ceiling = Math.min(Number.POSITIVE_INFINITY, ...onDemand.map(({ price }) => price));
  const spot = options.filter(({ capacityType, price }) => capacityType === "spot" && price <= ceiling);
  return (spot.length > 0 ? spot : onDemand).toSorted((a, b) => a.price - b.price || a.index - b.index);
}

/** WorstLaunchPrice: the most that one of these offerings, all of a type, could cost when launched now. */
function worstLaunchPrice(options: readonly Offering[]): NanoDollars {
  for (const capacityType of ["reserved", "spot", "on-demand"]) {
    const prices = options.filter((each) => each.capacityType === capacityType).map(({ price }) => price);
    if (prices.length > 0) return Math.max(...prices);
  }
  return Number.POSITIVE_INFINITY;
}

/** The options of types that cost less than that even at worst (core, nodeclaim.go, RemoveInstanceTypeOptionsByPriceAndMinValues). */
export function cheaperThan(options: readonly Offering[], most: NanoDollars): readonly Offering[] {
  const byType = Map.groupBy(options, ({ type }) => type);
  return options.filter(({ type }) => worstLaunchPrice(byType.get(type) ?? []) < most);
}
