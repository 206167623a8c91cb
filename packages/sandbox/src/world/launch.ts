import {
  AutoscalerError,
  type InstanceShape,
  type LaunchError,
  type LaunchedInstance,
  type LaunchRequest,
  type LaunchResult,
} from "@gpu-autoscaler/core";
import { boot } from "./boot.ts";
import { groupsChanged } from "./changes.ts";
import { MAX_INSTANCES_PER_LAUNCH } from "./constants.ts";
import { groupNamed, priceOf } from "./groups.ts";
import { scheduleInterruption } from "./interruptions.ts";
import { hexOf } from "./random.ts";
import { takeCapacity } from "./script.ts";
import type { GroupState, InstanceState, WorldState } from "./state.ts";

/**
 * LaunchInstances with RetryStrategy `none`: what EC2 has is launched at once, in the cheapest of
 * the group's types that it has, and the rest is reported, each type that was refused with its code.
 * Desired capacity grows by what was launched. The same ClientToken gives the same answer again.
 *
 * Throws ValidationError for what the API refuses as a whole (the group's MaxSize among it; that
 * Auto Scaling refuses rather than launches up to it is modelled, not documented), and
 * IdempotentParameterMismatch for a token that stood for another request.
 */
export function launchInstances(world: WorldState, request: LaunchRequest): LaunchResult {
  const asked = `${request.group}/${request.zone}/${request.count}`;
  const before = world.launches.get(request.token);
  if (before?.asked === asked) return before.result;
  if (before) {
    throw new AutoscalerError(
      "IdempotentParameterMismatch",
      `ClientToken ${request.token} stood for ${before.asked}, not for ${asked}`,
    );
  }

  const group = groupNamed(world, request.group);
  validate(group, request);
  const launched: LaunchedInstance[] = [];
  const errors: LaunchError[] = [];
  while (launched.length < request.count) {
    const instance = chooseAndStart(world, group, request.zone, errors);
    if (!instance) break;
    group.desired += 1;
    launched.push({
      id: instance.view.id,
      zone: instance.view.zone,
      instanceType: instance.view.instanceType,
    });
  }
  if (launched.length > 0) groupsChanged(world, group);
  const result: LaunchResult = { launched, errors };
  world.launches.set(request.token, { asked, result });
  return result;
}

function validate(group: GroupState, { zone, count, token }: LaunchRequest): void {
  const problem =
    token === "" || token.length > 64
      ? "ClientToken must have 1 to 64 characters"
      : !Number.isInteger(count) || count < 1 || count > MAX_INSTANCES_PER_LAUNCH
        ? `RequestedCapacity must be 1 to ${MAX_INSTANCES_PER_LAUNCH}, not ${count}`
        : !group.group.zones.includes(zone)
          ? `group ${group.group.name} has no zone ${zone}`
          : group.desired + count > group.max
            ? `group ${group.group.name} would exceed its MaxSize of ${group.max}`
            : null;
  if (problem) throw new AutoscalerError("ValidationError", problem);
}

/** Starts the cheapest type that EC2 has in the zone; null when it has none. Adds the types it refused. */
export function chooseAndStart(
  world: WorldState,
  group: GroupState,
  zone: string,
  errors: LaunchError[],
): InstanceState | null {
  for (const shape of cheapestFirst(world, group, zone)) {
    const code = refusal(world, group, shape, zone);
    if (code === null) return start(world, group, shape, zone);
    const { instanceType } = shape;
    if (errors.some((each) => each.code === code && each.instanceType === instanceType)) continue;
    const message = `We currently do not have sufficient ${instanceType} capacity in the Availability Zone you requested (${zone}): ${code}.`;
    errors.push({ code, message, instanceType });
  }
  return null;
}

function cheapestFirst(world: WorldState, group: GroupState, zone: string): readonly InstanceShape[] {
  if (group.shapes.length === 1) return group.shapes;
  const price = ({ instanceType }: InstanceShape) =>
    priceOf(world.options, group.group.capacityType, instanceType, zone);
  return group.shapes.toSorted((a, b) => price(a) - price(b) || (a.instanceType < b.instanceType ? -1 : 1));
}

/** EC2's code for why it does not start one more of these, or null. Takes what a limit still allowed. */
function refusal(world: WorldState, group: GroupState, shape: InstanceShape, zone: string): string | null {
  const { capacityType, name } = group.group;
  const { instanceType } = shape;
  if (group.reserved !== null && runningIn(group) >= group.reserved) return "ReservationCapacityExceeded";
  if (capacityType === "spot" && wouldExceedSpotShare(world, instanceType))
    return "MaxSpotInstanceCountExceeded";
  return takeCapacity(world.script, { group: name, instanceType, zone, capacityType }, world.events.now);
}

function runningIn(group: GroupState): number {
  let running = 0;
  for (const instance of group.instances.values()) if (instance.endedAt === null) running += 1;
  return running;
}

/** Whether one more Spot node of the type takes Spot beyond its share of the type, rounded up to a node. */
function wouldExceedSpotShare(world: WorldState, instanceType: string): boolean {
  const shareMilli = world.options.spotShareMilli ?? null;
  if (shareMilli === null) return false;
  let [spot, all] = [1, 1];
  for (const group of world.groups.values()) {
    for (const instance of group.instances.values()) {
      if (instance.endedAt !== null || instance.shape.instanceType !== instanceType) continue;
      all += 1;
      if (instance.capacityType === "spot") spot += 1;
    }
  }
  return spot > Math.ceil((all * shareMilli) / 1_000);
}

function start(world: WorldState, group: GroupState, shape: InstanceShape, zone: string): InstanceState {
  const instance = createInstance(world, group, shape, zone);
  boot(world, instance);
  scheduleInterruption(world, instance);
  return instance;
}

/** An instance that is billed from now on, and not booted yet. */
export function createInstance(
  world: WorldState,
  group: GroupState,
  shape: InstanceShape,
  zone: string,
): InstanceState {
  const { instanceType } = shape;
  const offering = `${instanceType}/${zone}`;
  const ordinal = world.counters.launches.get(offering) ?? 0;
  world.counters.launches.set(offering, ordinal + 1);
  const { capacityType } = group.group;
  const instance: InstanceState = {
    group,
    shape,
    capacityType,
    ordinal,
    nanoDollarsPerHour: priceOf(world.options, capacityType, instanceType, zone),
    view: {
      id: instanceId(world),
      zone,
      instanceType,
      lifecycle: "pending",
      healthy: true,
      launchedAt: world.events.now,
    },
    servingFrom: null,
    endedAt: null,
    node: null,
    events: [],
  };
  world.instances.set(instance.view.id, instance);
  group.instances.set(instance.view.id, instance);
  world.account.launches += 1;
  groupsChanged(world, group);
  return instance;
}

/** "i-" and 17 hexadecimal digits, in the order of launch. */
function instanceId(world: WorldState): string {
  world.counters.instance += 1;
  return `i-${hexOf(`instances/${world.seed}`)}${world.counters.instance.toString(16).padStart(9, "0")}`;
}
