import type { Changes, GroupState, WorldState } from "./state.ts";

/** Every change that a port would show goes through one of these. */

export function createChanges(startAt: number): Changes {
  return { nodes: 0, pods: 0, groups: 0, interruptions: 0, load: 0, lastAt: startAt };
}

export function nodesChanged(world: WorldState): void {
  world.changes.nodes += 1;
  world.changes.lastAt = world.events.now;
}

export function podsChanged(world: WorldState): void {
  world.changes.pods += 1;
  world.changes.lastAt = world.events.now;
}

export function groupsChanged(world: WorldState, group: GroupState): void {
  group.status = null;
  world.changes.groups += 1;
  world.changes.lastAt = world.events.now;
}

export function interruptionsChanged(world: WorldState): void {
  world.changes.interruptions += 1;
  world.changes.lastAt = world.events.now;
}

export function loadChanged(world: WorldState): void {
  world.changes.load += 1;
  world.changes.lastAt = world.events.now;
}

/** How often anything has changed. */
export function countOf(changes: Changes): number {
  return changes.nodes + changes.pods + changes.groups + changes.interruptions + changes.load;
}
