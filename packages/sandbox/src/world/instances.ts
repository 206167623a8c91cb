import { groupsChanged } from "./changes.ts";
import { SHUTTING_DOWN_MS } from "./constants.ts";
import { fillLater } from "./groups.ts";
import { forgetInterruptions } from "./interruptions.ts";
import { removeNode, takeDown } from "./nodes.ts";
import type { InstanceState, WorldState } from "./state.ts";

/**
 * Ends an instance by the API. It is billed no more; its pods are lost at once, its node is not
 * ready, and half a minute later both are gone.
 */
export function terminate(world: WorldState, instance: InstanceState): void {
  stop(world, instance);
  instance.view = { ...instance.view, lifecycle: "terminating" };
  groupsChanged(world, instance.group);
  if (instance.node) takeDown(world, instance.node);
  world.events.schedule(world.events.now + SHUTTING_DOWN_MS, () => {
    instance.group.instances.delete(instance.view.id);
    groupsChanged(world, instance.group);
    if (instance.node) removeNode(world, instance.node);
  });
}

/**
 * An instance ends without our doing: EC2 took it back, or it failed. Its node is gone with its
 * pods. Our groups have ReplaceUnhealthy suspended: they list it as unhealthy until somebody
 * removes it with decrement. An adopted group replaces it.
 */
export function die(world: WorldState, instance: InstanceState): void {
  stop(world, instance);
  const { group } = instance;
  if (group.group.adopted) group.instances.delete(instance.view.id);
  else instance.view = { ...instance.view, healthy: false };
  groupsChanged(world, group);
  if (instance.node) removeNode(world, instance.node);
  fillLater(world, group);
}

function stop(world: WorldState, instance: InstanceState): void {
  instance.endedAt ??= world.events.now;
  for (const event of instance.events) world.events.cancel(event);
  instance.events.length = 0;
  forgetInterruptions(world, instance);
}
