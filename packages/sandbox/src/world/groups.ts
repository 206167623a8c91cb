import {
  AutoscalerError,
  type GroupStatus,
  type InstanceShape,
  instanceShape,
  type NanoDollars,
  type Pool,
} from "@gpu-autoscaler/core";
import { groupsChanged } from "./changes.ts";
import { ASYNCHRONOUS_LAUNCH, FILL_RETRY_MS } from "./constants.ts";
import { terminate } from "./instances.ts";
import { chooseAndStart } from "./launch.ts";
import type { GroupOptions, WorldOptions } from "./options.ts";
import { randomFor } from "./random.ts";
import type { GroupState, WorldState } from "./state.ts";

/** The Auto Scaling groups behind the pools, empty. Throws when a type has no shape or no price. */
export function createGroups(options: WorldOptions): Map<string, GroupState> {
  const groups = new Map<string, GroupState>();
  for (const pool of options.pools) {
    for (const group of pool.groups) {
      groups.set(group.name, createGroup(options, pool, group, options.groups?.[group.name] ?? {}));
    }
  }
  return groups;
}

function createGroup(
  options: WorldOptions,
  pool: Pool,
  group: Pool["groups"][number],
  { tags = {}, minSize = 0, desired = 0, reservedInstances = group.maxNodes }: GroupOptions,
): GroupState {
  const shapes = group.instanceTypes.map((type) => shapeOf(options, group.name, type));
  for (const zone of group.zones) {
    for (const type of group.instanceTypes) priceOf(options, group.capacityType, type, zone);
  }
  return {
    group,
    pool,
    shapes,
    tags,
    min: minSize,
    max: group.maxNodes,
    reserved: group.capacityType === "reserved" ? reservedInstances : null,
    desired: Math.max(desired, minSize),
    instances: new Map(),
    filling: null,
    status: null,
  };
}

function shapeOf(options: WorldOptions, group: string, instanceType: string): InstanceShape {
  const shape = options.shapes?.[instanceType] ?? instanceShape(instanceType);
  if (shape) return shape;
  throw new AutoscalerError(
    "sandbox-shape-unknown",
    `group ${group}: nothing says what a ${instanceType} offers; give its shape`,
  );
}

/** For an hour; a reservation is paid for whether it is used or not, so its instances add nothing. */
export function priceOf(
  { prices }: WorldOptions,
  capacityType: GroupState["group"]["capacityType"],
  instanceType: string,
  zone: string,
): NanoDollars {
  if (capacityType === "reserved") return 0;
  const price =
    capacityType === "spot" ? prices.spot[`${instanceType}/${zone}`] : prices.onDemand[instanceType];
  if (price !== undefined) return price;
  throw new AutoscalerError(
    "sandbox-price-unknown",
    `no ${capacityType} price for a ${instanceType} in ${zone}; give one`,
  );
}

/** As DescribeAutoScalingGroups tells it, made anew only for groups that changed. */
export function statusesOf(world: WorldState): readonly GroupStatus[] {
  return [...world.groups.values()].map((group) => {
    group.status ??= statusOf(group, world.options.groups?.[group.group.name]?.shapesUnknown ?? false);
    return group.status;
  });
}

function statusOf(group: GroupState, shapesUnknown: boolean): GroupStatus {
  const instances = [...group.instances.values()];
  const running = instances.filter((each) => each.endedAt === null).length;
  return {
    name: group.group.name,
    desired: group.desired,
    min: group.min,
    max: group.max,
    instances: instances.map((each) => each.view),
    shapes: shapesUnknown ? [] : group.shapes,
    tags: group.tags,
    reservedAvailable: group.reserved === null ? null : Math.max(0, group.reserved - running),
  };
}

/**
 * SetDesiredCapacity: upwards, Auto Scaling launches some seconds later; downwards nothing happens,
 * since instances are protected from scale-in. Throws ValidationError outside of MinSize and MaxSize.
 */
export function setDesiredCapacity(world: WorldState, name: string, desired: number): void {
  const group = groupNamed(world, name);
  if (!Number.isInteger(desired) || desired < group.min || desired > group.max) {
    throw new AutoscalerError(
      "ValidationError",
      `desired capacity ${desired} of ${name} must be an integer from ${group.min} to ${group.max}`,
    );
  }
  group.desired = desired;
  groupsChanged(world, group);
  fillLater(world, group);
}

/** TerminateInstanceInAutoScalingGroup with decrement. Ids that are gone are no error. */
export function terminateInstances(world: WorldState, name: string, ids: readonly string[]): void {
  const group = groupNamed(world, name);
  const instances = ids.flatMap((id) => world.instances.get(id) ?? []);
  const stranger = instances.find((each) => each.group !== group);
  if (stranger) {
    throw new AutoscalerError("ValidationError", `instance ${stranger.view.id} is not part of group ${name}`);
  }
  const going = instances.filter(
    (each) => group.instances.has(each.view.id) && each.view.lifecycle !== "terminating",
  );
  if (group.desired - going.length < group.min) {
    throw new AutoscalerError("ValidationError", `${name} would fall below its MinSize of ${group.min}`);
  }
  for (const instance of going) {
    group.desired -= 1;
    terminate(world, instance);
  }
}

/** Lets Auto Scaling launch what the desired capacity asks for, after a while and again until it is there. */
export function fillLater(world: WorldState, group: GroupState): void {
  if (group.filling !== null || missing(group) <= 0) return;
  const delay = randomFor(world.seed, "fill", group.group.name, world.events.now).duration(
    ASYNCHRONOUS_LAUNCH,
  );
  group.filling = world.events.schedule(world.events.now + delay, () => fill(world, group));
}

function fill(world: WorldState, group: GroupState): void {
  group.filling = null;
  while (missing(group) > 0 && fillOne(world, group)) groupsChanged(world, group);
  if (missing(group) <= 0) return;
  group.filling = world.events.schedule(world.events.now + FILL_RETRY_MS, () => fill(world, group));
}

/** One instance in the zone with the fewest, or in the next one that has capacity. */
function fillOne(world: WorldState, group: GroupState): boolean {
  const inZone = (zone: string) =>
    [...group.instances.values()].filter((each) => each.view.zone === zone).length;
  const zones = group.group.zones.map((zone) => ({ zone, count: inZone(zone) }));
  zones.sort((a, b) => a.count - b.count || (a.zone < b.zone ? -1 : 1));
  return zones.some(({ zone }) => chooseAndStart(world, group, zone, []) !== null);
}

/** Instances being shut down are out of it: the desired capacity was lowered with them. */
function missing(group: GroupState): number {
  let listed = 0;
  for (const { view } of group.instances.values()) if (view.lifecycle !== "terminating") listed += 1;
  return group.desired - listed;
}

export function groupNamed(world: WorldState, name: string): GroupState {
  const group = world.groups.get(name);
  if (group) return group;
  throw new AutoscalerError("ValidationError", `there is no Auto Scaling group ${name}`);
}
