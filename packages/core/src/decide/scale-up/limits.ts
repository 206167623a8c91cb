import type { Policy } from "../../model/policy.ts";
import { type Reason, type ReasonCode, reason } from "../../model/reason.ts";
import { gpuParts, gpusHeld } from "../../model/sharing.ts";
import type { Demand, DemandGroup } from "../demand.ts";
import type { Fleet, FleetGroup, Machine } from "../fleet.ts";
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
export interface Limits {
  /** How many nodes of the offering may be launched, at most `wanted`; when fewer, why. */
  allow(
    offering: Countable,
    wanted: number,
    beyondSpotShare?: boolean,
  ): { readonly count: number; readonly reason: Reason | null };
  /** Whether one more may be; cheap. */
  allowsOne(offering: Countable): boolean;
  /** Counts nodes that are launched. */
  take(offering: Countable, count: number): void;
}

export function createLimits(policy: Policy, fleet: Fleet, demand: Demand, launchedBefore: number): Limits {
  // What failed or leaves is there until it is gone.
  const live = fleet.machines.filter((machine) => machine.managed !== null);
  const nodes = {
    cluster: live.length,
    byPool: new Map<string, number>(),
    byGroup: new Map<string, number>(),
  };
  for (const { managed } of live) {
    if (!managed) continue;
    add(nodes.byPool, managed.pool.name, 1);
    add(nodes.byGroup, managed.group.name, 1);
  }
  let nanoDollarsPerHour = live.reduce((sum, machine) => sum + hourlyCost(fleet, machine), 0);
  let spotGpus = live.reduce((sum, machine) => sum + gpusOnSpot(machine), 0);
  for (const of of fleet.groups) {
    const unborn = desiredWithoutInstance(of);
    nodes.cluster += unborn;
    add(nodes.byPool, of.pool.name, unborn);
    add(nodes.byGroup, of.group.name, unborn);
    nanoDollarsPerHour +=
      unborn * costPerHour(of, fleet.pricing.ofOffering(of.group, of.group.zones[0] ?? ""));
    if (of.group.capacityType === "spot") spotGpus += unborn * (of.template?.gpus ?? 0);
  }
  const takenByGroup = new Map<string, number>();
  let launches = launchedBefore;
  // A share of 1 is no limit: nodes are larger than pods, so Spot may hold more GPUs than pods ask for.
  const spotGpusAllowed =
    policy.spot.shareMilli >= 1000
      ? Number.POSITIVE_INFINITY
      : (interruptibleGpus(policy, fleet, demand) * policy.spot.shareMilli) / 1000;

  /** In the order in which they are told, the narrowest last. */
  const limits: readonly Limit[] = [
    {
      code: "LaunchCapReached",
      room: () => policy.scaleUp.maxLaunchesPerTick - launches,
      figure: () => String(policy.scaleUp.maxLaunchesPerTick),
    },
    {
      code: "ClusterMaxSizeReached",
      room: () => policy.scaleUp.maxNodes - nodes.cluster,
      figure: () => String(policy.scaleUp.maxNodes),
    },
    {
      code: "PoolMaxSizeReached",
      room: ({ of: { pool } }) => pool.maxNodes - (nodes.byPool.get(pool.name) ?? 0),
      figure: ({ of: { pool } }) => String(pool.maxNodes),
    },
    {
      code: "NodeGroupMaxSizeReached",
      room: ({ of }) => groupMaximum(of) - (nodes.byGroup.get(of.group.name) ?? 0),
      figure: ({ of }) => String(groupMaximum(of)),
    },
    {
      code: "DollarCapReached",
      room({ of, price }) {
        const each = costPerHour(of, price);
        const left = policy.scaleUp.maxNanoDollarsPerHour - nanoDollarsPerHour;
        return each === 0 ? Number.POSITIVE_INFINITY : Math.floor(left / each);
      },
      figure: () => "",
    },
    {
      code: "SpotShareReached",
      // The share rounds up to a node: one more is allowed while less than the share is held.
      room: ({ of: { group }, template }) =>
        group.capacityType === "spot"
          ? Math.ceil((spotGpusAllowed - spotGpus) / Math.max(1, template.gpus))
          : Number.POSITIVE_INFINITY,
      figure: () => "",
    },
    {
      code: "ReservationExhausted",
      room: ({ of }) =>
        (of.status?.reservedAvailable ?? Number.POSITIVE_INFINITY) -
        desiredWithoutInstance(of) -
        (takenByGroup.get(of.group.name) ?? 0),
      figure: () => "",
    },
  ];

  return {
    allow(offering, wanted, beyondSpotShare = false) {
      let count = wanted;
      let why: Limit | null = null;
      for (const limit of limits) {
        if (limit.code === "SpotShareReached" && beyondSpotShare) continue;
        const most = limit.room(offering);
        if (most >= count) continue;
        count = Math.max(0, most);
        why = limit;
      }
      return { count, reason: why && reason(why.code, why.figure(offering)) };
    },
    allowsOne(offering) {
      for (const { room } of limits) if (room(offering) < 1) return false;
      return true;
    },
    take(offering, count) {
      launches += count;
      nodes.cluster += count;
      add(nodes.byPool, offering.of.pool.name, count);
      add(nodes.byGroup, offering.of.group.name, count);
      add(takenByGroup, offering.of.group.name, count);
      nanoDollarsPerHour += count * costPerHour(offering.of, offering.price);
      if (offering.of.group.capacityType === "spot") spotGpus += count * offering.template.gpus;
    },
  };
}

interface Limit {
  readonly code: ReasonCode;
  /** How many more nodes of the offering it leaves. */
  room(offering: Countable): number;
  /** What it is set to, in words. */
  figure(offering: Countable): string;
}

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

function hourlyCost(fleet: Fleet, { managed }: Machine): number {
  if (!managed || managed.group.capacityType === "reserved") return 0;
  return fleet.pricing.ofInstance(managed.group, managed.zone, managed.instanceType);
}

function gpusOnSpot({ managed }: Machine): number {
  return managed?.group.capacityType === "spot" ? (managed.template?.gpus ?? 0) : 0;
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
