import {
  type CapacityType,
  type EpochMs,
  gpuParts,
  HOUR_MS,
  type NanoDollars,
  type Sharing,
} from "@gpu-autoscaler/core";
import type { InstanceState, WorldState } from "./state.ts";
import type { PodStay } from "./stays.ts";

/** What is counted while the world runs. */
export interface Account {
  launches: number;
  interruptions: number;
  /** Pods evicted through the API. */
  evictions: number;
  /** Pods that went before their end and were replaced, for whatever cause. */
  replacements: number;
  /** Parts of a GPU × milliseconds held by pods that ran, by how many parts the GPU has. */
  readonly heldPartMs: Map<number, number>;
  /** Of GPU pods that are gone. */
  readonly stays: PodStay[];
}

/** One instance, from launch to termination or to the end of the run. */
export interface Bill {
  readonly instanceId: string;
  readonly pool: string;
  readonly group: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly capacityType: CapacityType;
  /** Physical GPUs. */
  readonly gpus: number;
  readonly launchedAt: EpochMs;
  /** When its GPUs were allocatable and its image pulled; null where it did not come to that. */
  readonly servingFrom: EpochMs | null;
  readonly endedAt: EpochMs;
  readonly nanoDollarsPerHour: NanoDollars;
  readonly nanoDollars: NanoDollars;
}

/** Spot beyond its share in one instance type, billed at the On-Demand price after all. */
export interface SpotExcess {
  readonly instanceType: string;
  readonly gpuMs: number;
  /** On top of the bills. */
  readonly nanoDollars: NanoDollars;
}

export interface Settlement {
  readonly bills: readonly Bill[];
  readonly spotExcess: readonly SpotExcess[];
  /** Bills and excess, exact while below 2^53 (nine million dollars). */
  readonly nanoDollars: NanoDollars;
  /** Physical GPUs × time. */
  readonly gpuMsPaid: number;
  /** Of these what Spot held, less the excess. */
  readonly spotGpuMs: number;
}

export function createAccount(): Account {
  return { launches: 0, interruptions: 0, evictions: 0, replacements: 0, heldPartMs: new Map(), stays: [] };
}

/** Books that a pod held these resources of a node for so long. */
export function bookHeld(
  heldPartMs: Map<number, number>,
  sharing: Sharing,
  extended: Readonly<Record<string, number>>,
  ms: number,
): void {
  for (const resource in extended) {
    const part = gpuParts(sharing, resource);
    if (!part) continue;
    const partMs = (extended[resource] ?? 0) * part.parts * ms;
    heldPartMs.set(part.perGpu, (heldPartMs.get(part.perGpu) ?? 0) + partMs);
  }
}

/** GPUs × milliseconds held by pods while they ran, until now. */
export function gpuMsHeld(world: WorldState): number {
  const held = new Map(world.account.heldPartMs);
  for (const { node, pod, startedAt } of world.pods.values()) {
    if (!node || startedAt === null) continue;
    bookHeld(held, node.sharing, pod.requests.extended, world.events.now - startedAt);
  }
  let gpuMs = 0;
  for (const [perGpu, partMs] of held) gpuMs += partMs / perGpu;
  return Math.round(gpuMs);
}

/** What so much time costs. Rounded up to the nano-dollar, so that no sum falls below its exact worth. */
function costOf(nanoDollarsPerHour: NanoDollars, ms: number): NanoDollars {
  const hour = BigInt(HOUR_MS);
  return Number((BigInt(nanoDollarsPerHour) * BigInt(ms) + hour - 1n) / hour);
}

/** The bills of everything launched so far, as if the run ended now. */
export function settle(world: WorldState): Settlement {
  const instances = [...world.instances.values()];
  const bills = instances.map((instance) => billOf(instance, world.events.now));
  const spotExcess = excessOfSpot(world, instances);
  let total = 0n;
  for (const each of [...bills, ...spotExcess]) total += BigInt(each.nanoDollars);

  let gpuMsPaid = 0;
  let spotGpuMs = 0 - spotExcess.reduce((sum, each) => sum + each.gpuMs, 0);
  for (const instance of instances) {
    const gpuMs = instance.shape.gpus * lifetime(instance, world.events.now);
    gpuMsPaid += gpuMs;
    if (instance.capacityType === "spot") spotGpuMs += gpuMs;
  }
  return { bills, spotExcess, nanoDollars: Number(total), gpuMsPaid, spotGpuMs };
}

function billOf(instance: InstanceState, now: EpochMs): Bill {
  const { view, group, shape, capacityType, servingFrom, nanoDollarsPerHour } = instance;
  const endedAt = instance.endedAt ?? now;
  return {
    instanceId: view.id,
    pool: group.pool.name,
    group: group.group.name,
    instanceType: view.instanceType,
    zone: view.zone,
    capacityType,
    gpus: shape.gpus,
    launchedAt: view.launchedAt,
    servingFrom: servingFrom !== null && servingFrom <= endedAt ? servingFrom : null,
    endedAt,
    nanoDollarsPerHour,
    nanoDollars: costOf(nanoDollarsPerHour, lifetime(instance, now)),
  };
}

function lifetime(instance: InstanceState, now: EpochMs): number {
  return (instance.endedAt ?? now) - instance.view.launchedAt;
}

/**
 * In each instance type, the Spot time beyond the share of all of the type's time. It is billed the
 * difference to On-Demand at the type's lowest Spot price, so that a run never costs less than its
 * GPU time at `share` Spot and the rest On-Demand.
 */
function excessOfSpot(world: WorldState, instances: readonly InstanceState[]): SpotExcess[] {
  const shareMilli = world.options.spotShareMilli ?? null;
  if (shareMilli === null) return [];
  const excess: SpotExcess[] = [];
  for (const [instanceType, fleet] of Map.groupBy(instances, (each) => each.shape.instanceType)) {
    const spot = fleet.filter((each) => each.capacityType === "spot");
    const allMs = sumOf(fleet, world.events.now);
    const allowedMs = Math.floor((allMs * shareMilli) / 1_000);
    const excessMs = sumOf(spot, world.events.now) - allowedMs;
    if (excessMs <= 0) continue;
    const cheapest = Math.min(...spot.map((each) => each.nanoDollarsPerHour));
    const onDemand = world.options.prices.onDemand[instanceType] ?? cheapest;
    const gpus = spot[0]?.shape.gpus ?? 0;
    excess.push({
      instanceType,
      gpuMs: excessMs * gpus,
      nanoDollars: costOf(Math.max(0, onDemand - cheapest), excessMs),
    });
  }
  return excess;
}

function sumOf(instances: readonly InstanceState[], now: EpochMs): number {
  return instances.reduce((sum, each) => sum + lifetime(each, now), 0);
}
