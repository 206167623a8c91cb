import type { Policy } from "../../model/policy.ts";
import { type Reason, type ReasonCode, reason } from "../../model/reason.ts";
import { gpuParts, gpusHeld } from "../../model/sharing.ts";
import type { NanoDollars } from "../../model/units.ts";
import type { Demand, DemandGroup } from "../demand.ts";
import type { Fleet, FleetGroup, ManagedInstance } from "../fleet.ts";
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
    let count = wanted;
    let why: Limit | null = null;
    for (const limit of LIMITS) {
      if (limit.code === "SpotShareReached" && beyondSpotShare) continue;
      const most = limit.room(this.#so, offering);
      if (most >= count) continue;
      count = Math.max(0, most);
      why = limit;
    }
    return { count, reason: why && reason(why.code, why.figure(this.#so, offering)) };
  }

  /** Whether one more may be; cheap. */
  allowsOne(offering: Countable): boolean {
    for (const { room } of LIMITS) if (room(this.#so, offering) < 1) return false;
    return true;
  }

  /** Counts nodes that are launched. */
  take(offering: Countable, count: number): void {
    const { group } = offering.of;
    this.#so.launches += count;
    countNodes(this.#so, offering.of, count);
    add(this.#so.takenByGroup, group.name, count);
    this.#so.nanoDollarsPerHour += count * costPerHour(offering.of, offering.price);
    if (group.capacityType === "spot") this.#so.spotGpus += count * offering.template.gpus;
  }
}

/** What there is, and what the tick launches. */
interface Counts {
  readonly scaleUp: Policy["scaleUp"];
  launches: number;
  nodes: number;
  readonly nodesByPool: Map<string, number>;
  readonly nodesByGroup: Map<string, number>;
  /** Launched in this tick. */
  readonly takenByGroup: Map<string, number>;
  nanoDollarsPerHour: NanoDollars;
  spotGpus: number;
  /** Infinity: no limit. */
  readonly spotGpusAllowed: number;
}

function countsOf(policy: Policy, fleet: Fleet, demand: Demand, launchedBefore: number): Counts {
  const so: Counts = {
    scaleUp: policy.scaleUp,
    launches: launchedBefore,
    nodes: 0,
    nodesByPool: new Map(),
    nodesByGroup: new Map(),
    takenByGroup: new Map(),
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

function countNodes(so: Counts, { pool, group }: Pick<FleetGroup, "pool" | "group">, count: number): void {
  so.nodes += count;
  add(so.nodesByPool, pool.name, count);
  add(so.nodesByGroup, group.name, count);
}

interface Limit {
  readonly code: ReasonCode;
  /** How many more nodes of the offering it leaves. */
  readonly room: (so: Counts, offering: Countable) => number;
  /** What it is set to, in words. */
  readonly figure: (so: Counts, offering: Countable) => string;
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
    room: ({ nodesByPool }, { of: { pool } }) => pool.maxNodes - (nodesByPool.get(pool.name) ?? 0),
    figure: (_, { of: { pool } }) => String(pool.maxNodes),
  },
  {
    code: "NodeGroupMaxSizeReached",
    room: ({ nodesByGroup }, { of }) => groupMaximum(of) - (nodesByGroup.get(of.group.name) ?? 0),
    figure: (_, { of }) => String(groupMaximum(of)),
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
    room: ({ takenByGroup }, { of }) =>
      (of.status?.reservedAvailable ?? Number.POSITIVE_INFINITY) -
      desiredWithoutInstance(of) -
      (takenByGroup.get(of.group.name) ?? 0),
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

function add(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}
