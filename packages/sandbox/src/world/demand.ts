import { WAKE_DELAY_MS } from "./constants.ts";
import type { WorldState } from "./state.ts";

/** A demand event: GPU pods that found no node, or an instance that goes. It wakes a tick soon. */
export function wake(world: WorldState): void {
  world.wakeAt = Math.min(world.wakeAt, world.events.now + WAKE_DELAY_MS);
}
