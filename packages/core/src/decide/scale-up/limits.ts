import type { Policy } from "../../model/policy.ts";
import type { Group, Pool } from "../../model/pool.ts";
import { type Reason, type ReasonCode, reason } from "../../model/reason.ts";
import { gpuParts, gpusHeld } from "../../model/sharing.ts";
import type { NanoDollars } from "../../model/units.ts";
import type { Demand, DemandGroup } from "../demand.ts";
import type { Fleet, FleetGroup } from "../fleet.ts";
import type { ManagedInstance } from "../machines.ts";
import type { OfferingPrice } from "../pricing.ts";
import type { NodeTemplate } from "../template.ts";

/** What a launch is counted by. */
interface Countable {
  readonly of: FleetGroup;
  readonly template: NodeTemplate;
  /** null: unknown. */
  readonly price: OfferingPrice | null;
}

/** What may still be launched in this tick. */
export class Limits {
  readonly #so: Counts;

  /** `launchedBefore`: how many nodes the tick launched already. */
  constructor(policy: Policy, fleet: Fleet, demand: Demand, launchedBefore: number) {
    this.#so = countsOf(policy, fleet, demand, launchedBefore);
  }

  /** How many nodes of the offering may be launched, at most `wanted`; when fewer, why. */
  allow(
    offering: Countable,
    wanted: number,
    beyondSpotShare = false,
  ): { readonly count: number; readonly reason: Reason | null } {
    const nodes = nodesOf(this.#so, offering.of);
    let count = wanted;
    let why: Limit | null = null;
    for (const limit of LIMITS) {
      if (limit.code === "SpotShareReached" && beyondSpotShare) continue;
      const most = limit.room(this.#so, offering, nodes);
      if (most >= count) continue;
      count = Math.max(0, most);
      why = limit;
    }
    return { count, reason: why && reason(why.code, why.figure(this.#so, offering, nodes)) };
  }

  /** Whether one more may be; cheap. */
  allowsOne(offering: Countable): boolean {
    const nodes = nodesOf(this.#so, offering.of);
    for (const { room } of LIMITS) if (room(this.#so, offering, nodes) < 1) return false;
    return true;
  }

  /** Counts nodes that are launched. */
  take(offering: Countable, count: number): void {
    const nodes = nodesOf(this.#so, offering.of);
    this.#so.launches += count;
    this.#so.nodes += count;
    nodes.pool.nodes += count;
    nodes.nodes += count;
    nodes.taken += count;
    this.#so.nanoDollarsPerHour += count * costPerHour(offering.of, offering.price);
    if (offering.of.group.capacityType === "spot") this.#so.spotGpus += count * offering.template.gpus;
  }
}

/** What there is, and what the tick launches. */
interface Counts {
  readonly scaleUp: Policy["scaleUp"];
  launches: number;
  nodes: number;
  readonly byGroup: Map<Group, GroupCounts>;
  nanoDollarsPerHour: NanoDollars;
  spotGpus: number;
  /** Infinity: no limit. */
  readonly spotGpusAllowed: number;
}

interface GroupCounts {
  readonly pool: { nodes: number };
  nodes: number;
  /** Launched in this tick. */
  taken: number;
  readonly maximum: number;
  /** How many more the reservation has; Infinity where there is none. */
  readonly reserved: number;
}

function countsOf(policy: Policy, fleet: Fleet, demand: Demand, launchedBefore: number): Counts {
  const so: Counts = {
    scaleUp: policy.scaleUp,
    launches: launchedBefore,
    nodes: 0,
    byGroup: groupCounts(fleet),
    nanoDollarsPerHour: 0,
    spotGpus: 0,
    // A share of 1 is no limit: nodes are larger than pods, so Spot may hold more GPUs than pods ask for.
    spotGpusAllowed:
      policy.spot.shareMilli >= 1000
        ? Number.POSITIVE_INFINITY
        : (interruptibleGpus(policy, fleet, demand) * policy.spot.shareMilli) / 1000,
  };
  // What failed or leaves is there until it is gone.
  for (const { managed } of fleet.machines) {
    if (!managed) continue;
    countNodes(so, managed, 1);
    so.nanoDollarsPerHour += hourlyCost(fleet, managed);
    if (managed.group.capacityType === "spot") so.spotGpus += managed.template?.gpus ?? 0;
  }
  for (const of of fleet.groups) {
    const unborn = desiredWithoutInstance(of);
    if (unborn === 0) continue;
    countNodes(so, of, unborn);
    const price = fleet.pricing.ofOffering(of.group, of.group.zones[0] ?? "");
    so.nanoDollarsPerHour += unborn * costPerHour(of, price);
    if (of.group.capacityType === "spot") so.spotGpus += unborn * (of.template?.gpus ?? 0);
  }
  return so;
}

function groupCounts({ groups }: Fleet): Map<Group, GroupCounts> {
  const pools = new Map<Pool, { nodes: number }>();
  const counts = new Map<Group, GroupCounts>();
  for (const of of groups) {
    const pool = pools.get(of.pool) ?? { nodes: 0 };
    pools.set(of.pool, pool);
    const reserved = (of.status?.reservedAvailable ?? Number.POSITIVE_INFINITY) - desiredWithoutInstance(of);
    counts.set(of.group, { pool, nodes: 0, taken: 0, maximum: groupMaximum(of), reserved });
  }
  return counts;
}

function nodesOf({ byGroup }: Counts, { group }: Pick<FleetGroup, "group">): GroupCounts {
  const counts = byGroup.get(group);
  if (!counts) throw new RangeError(`${group.name} is no group of the fleet`);
  return counts;
}

function countNodes(so: Counts, of: Pick<FleetGroup, "group">, count: number): void {
  const nodes = nodesOf(so, of);
  so.nodes += count;
  nodes.pool.nodes += count;
  nodes.nodes += count;
}

interface Limit {
  readonly code: ReasonCode;
  /** How many more nodes of the offering it leaves. `nodes` of its group. */
  readonly room: (so: Counts, offering: Countable, nodes: GroupCounts) => number;
  /** What it is set to, in words. */
  readonly figure: (so: Counts, offering: Countable, nodes: GroupCounts) => string;
}

/** In the order in which they are told, the narrowest last. */
const LIMITS: readonly Limit[] = [
  {
    code: "LaunchCapReached",
    room: ({ scaleUp, launches }) => scaleUp.maxLaunchesPerTick - launches,
    figure: ({ scaleUp }) => String(scaleUp.maxLaunchesPerTick),
  },
  {
    code: "ClusterMaxSizeReached",
    room: ({ scaleUp, nodes }) => scaleUp.maxNodes - nodes,
    figure: ({ scaleUp }) => String(scaleUp.maxNodes),
  },
  {
    code: "PoolMaxSizeReached",
    room: (_, { of }, { pool }) => of.pool.maxNodes - pool.nodes,
    figure: (_, { of }) => String(of.pool.maxNodes),
  },
  {
    code: "NodeGroupMaxSizeReached",
    room: (_so, _offering, { maximum, nodes }) => maximum - nodes,
    figure: (_so, _offering, { maximum }) => String(maximum),
  },
  {
    code: "DollarCapReached",
    room({ scaleUp, nanoDollarsPerHour }, { of, price }) {
      const each = costPerHour(of, price);
      const left = scaleUp.maxNanoDollarsPerHour - nanoDollarsPerHour;
      return each === 0 ? Number.POSITIVE_INFINITY : Math.floor(left / each);
    },
    figure: () => "",
  },
  {
    code: "SpotShareReached",
    // The share rounds up to a node: one more is allowed while less than the share is held.
    room: ({ spotGpusAllowed, spotGpus }, { of: { group }, template }) =>
      group.capacityType === "spot"
        ? Math.ceil((spotGpusAllowed - spotGpus) / Math.max(1, template.gpus))
        : Number.POSITIVE_INFINITY,
    figure: () => "",
  },
  {
    code: "ReservationExhausted",
    room: (_so, _offering, { reserved, taken }) => reserved - taken,
    figure: () => "",
  },
];

/** The configuration's or the Auto Scaling group's own, whichever is less. */
function groupMaximum({ group, status }: FleetGroup): number {
  return Math.min(group.maxNodes, status?.max ?? 0);
}

/** Desired capacity of an adopted group that no instance fills yet: nodes that are on their way. */
export function desiredWithoutInstance({ group, status }: FleetGroup): number {
  if (!group.adopted || !status) return 0;
  const live = status.instances.filter((instance) => instance.lifecycle !== "terminating").length;
  return Math.max(0, status.desired - live);
}

/** What a further node of the offering adds to the bill: nothing where the capacity is reserved. */
function costPerHour({ group }: FleetGroup, price: OfferingPrice | null): number {
  return group.capacityType === "reserved" ? 0 : (price?.nanoDollarsPerHour ?? 0);
}

function hourlyCost({ pricing }: Fleet, { group, zone, instanceType }: ManagedInstance): NanoDollars {
  return group.capacityType === "reserved" ? 0 : pricing.ofInstance(group, zone, instanceType);
}

/** GPUs that interruptible pods hold or ask for. */
function interruptibleGpus(policy: Policy, fleet: Fleet, demand: Demand): number {
  if (!fleet.groups.some(({ group }) => group.capacityType === "spot")) return 0;
  let gpus = 0;
  for (const machine of fleet.machines) gpus += machine.gpusHeldInterruptibly;
  const layouts = policy.pools.map((pool) => pool.sharing);
  const asked = (group: DemandGroup) => {
    const sharing = layouts.find((each) => gpuParts(each, group.gpuResource) !== null);
    return sharing && group.spot !== "forbidden"
      ? group.pods.length * gpusHeld(sharing, { [group.gpuResource]: group.gpuAmount })
      : 0;
  };
  for (const group of demand.groups) gpus += asked(group);
  for (const gang of demand.gangs) for (const group of gang.groups) gpus += asked(group);
  return gpus;
}
