import type { ControllerState, Eyes } from "@gpu-autoscaler/core";
import type { ReachedTable } from "../reach/reach.ts";

/** Where a plan's state came from. */
export type StateOrigin = "table" | "memory" | "empty";

/** What is remembered from plan to plan, and never written. */
export interface PlanState {
  readonly store: Eyes["stateStore"];
  /** Of the state that was loaded last. */
  origin(): StateOrigin;
  remember(state: ControllerState): void;
}

/**
 * The deployment's state wherever the table has one, so that a plan is what the next tick will
 * decide; else what the plans before remembered, so that keep times pass while one watches.
 */
export function createPlanState(table: ReachedTable | null): PlanState {
  let memory: ControllerState | null = null;
  let origin: StateOrigin = "empty";
  return {
    store: {
      async load(cluster) {
        const stored = (await table?.stateStore.load(cluster)) ?? null;
        origin = stored ? "table" : memory ? "memory" : "empty";
        return stored ?? (memory && { state: memory, version: 0 });
      },
    },
    origin: () => origin,
    remember(state) {
      memory = state;
    },
  };
}
