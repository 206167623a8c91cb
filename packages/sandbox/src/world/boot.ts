import type { EpochMs } from "@gpu-autoscaler/core";
import { groupsChanged } from "./changes.ts";
import { BOOT_STAGES } from "./constants.ts";
import { die } from "./instances.ts";
import { bringGpus, registerNode } from "./nodes.ts";
import { randomFor } from "./random.ts";
import { takeBootFault } from "./script.ts";
import type { InstanceState, WorldState } from "./state.ts";

/**
 * EC2's boot, the kubelet's registration and the device plugin's, one stage after the other, as
 * long as the seed says for an instance of this type, zone and number.
 */
export function boot(world: WorldState, instance: InstanceState): void {
  const { zone, launchedAt, instanceType } = instance.view;
  const random = randomFor(world.seed, "boot", instanceType, zone, instance.ordinal);
  const inServiceAt = launchedAt + random.duration(BOOT_STAGES.inService);
  const registeredAt = inServiceAt + random.duration(BOOT_STAGES.registered);
  const gpusAt = registeredAt + random.duration(BOOT_STAGES.gpus);
  const imageAt = gpusAt + random.duration(BOOT_STAGES.image);

  const fault = takeBootFault(world.script, instance.group.group.name, launchedAt);
  if (fault === "dies-pending") {
    later(world, instance, inServiceAt, () => die(world, instance));
    return;
  }
  later(world, instance, inServiceAt, () => enterService(world, instance));
  if (fault === "never-registers") return;
  later(world, instance, registeredAt, () => registerNode(world, instance, imageAt));
  if (fault === "gpus-never") return;
  const gpus = instance.shape.gpus - (fault === "one-gpu-missing" ? 1 : 0);
  later(world, instance, gpusAt, () => {
    if (instance.node) bringGpus(world, instance.node, gpus);
  });
}

/** All of the boot at once: a node that serves. */
export function bootAtOnce(world: WorldState, instance: InstanceState): void {
  enterService(world, instance);
  const node = registerNode(world, instance, world.events.now);
  bringGpus(world, node, instance.shape.gpus);
}

function enterService(world: WorldState, instance: InstanceState): void {
  instance.view = { ...instance.view, lifecycle: "in-service" };
  groupsChanged(world, instance.group);
}

/** Something in the instance's life, void when it ends before. */
export function later(world: WorldState, instance: InstanceState, at: EpochMs, run: () => void): void {
  instance.events.push(world.events.schedule(at, run));
}
