import type { EpochMs, Interruption } from "@gpu-autoscaler/core";
import { later } from "./boot.ts";
import { interruptionsChanged } from "./changes.ts";
import { SPOT_NOTICE_MS } from "./constants.ts";
import { wake } from "./demand.ts";
import { die } from "./instances.ts";
import type { InstanceState, WorldState } from "./state.ts";

/** Lets the weather take a Spot instance back in its time. */
export function scheduleInterruption(world: WorldState, instance: InstanceState): void {
  if (instance.capacityType !== "spot") return;
  const { instanceType, zone, launchedAt } = instance.view;
  const noticeAt = world.weather.interruptionAt(instanceType, zone, instance.ordinal, launchedAt);
  if (Number.isFinite(noticeAt)) later(world, instance, noticeAt, () => interrupt(world, instance));
}

/** EC2 announces that it takes the instance, and two minutes later does. */
export function interrupt(world: WorldState, instance: InstanceState): void {
  const deadline = world.events.now + SPOT_NOTICE_MS;
  if (!announce(world, instance, "spot-interruption", deadline)) return;
  world.account.interruptions += 1;
  later(world, instance, deadline, () => die(world, instance));
}

/** Puts an announcement into the feed. false where the same one is in it already. */
export function announce(
  world: WorldState,
  instance: InstanceState,
  kind: Interruption["kind"],
  deadline: EpochMs | null,
): boolean {
  const key = keyOf(instance, kind);
  if (world.interruptions.has(key)) return false;
  const { now } = world.events;
  world.interruptions.set(key, { instanceId: instance.view.id, kind, noticedAt: now, deadline });
  interruptionsChanged(world);
  wake(world);
  return true;
}

export function forgetInterruptions(world: WorldState, instance: InstanceState): void {
  let changed = false;
  for (const kind of KINDS) changed = world.interruptions.delete(keyOf(instance, kind)) || changed;
  if (changed) interruptionsChanged(world);
}

const KINDS = ["spot-interruption", "rebalance-recommendation", "scheduled-event"] as const;

function keyOf(instance: InstanceState, kind: Interruption["kind"]): string {
  return `${instance.view.id}/${kind}`;
}
