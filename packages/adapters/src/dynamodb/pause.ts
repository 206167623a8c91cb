import { setTimeout as sleep } from "node:timers/promises";
import { AutoscalerError, emptyState, type StateStore } from "@gpu-autoscaler/core";

/** A tick writes its state a few times; who comes between waits for the next. */
const MOST_TRIES = 20;
const LONGEST_WAIT_MS = 500;

/**
 * Pauses or resumes a pool, or with "*" the cluster, and gives what is paused now, in order. A tick
 * that is under way meets with a state that has moved on, and stops: the next one knows the brake.
 */
export async function setPaused(
  store: StateStore,
  cluster: string,
  pool: string,
  isPaused: boolean,
): Promise<readonly string[]> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const stored = await store.load(cluster);
    const state = stored?.state ?? emptyState(cluster);
    if (state.paused.includes(pool) === isPaused) return state.paused;
    const others = state.paused.filter((each) => each !== pool);
    const paused = isPaused ? [...others, pool].sort() : others;
    if ((await store.save({ ...state, paused }, stored?.version ?? 0)) !== null) return paused;
    await sleep(Math.random() * LONGEST_WAIT_MS);
  }
  throw new AutoscalerError(
    "state-conflict",
    `the state of cluster ${cluster} was written by others ${MOST_TRIES} times meanwhile: try again`,
    { retryable: true, data: { cluster } },
  );
}
