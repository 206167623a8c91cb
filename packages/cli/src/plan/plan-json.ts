import type { PlanView } from "./plan-view.ts";

/** A plan for a program: its record in the terms of the decision log, and how it was come by. */
export function planJson({ region, way, table, state, preview, pools }: PlanView) {
  const { outcomes: _, ...record } = preview.record;
  return {
    region,
    context: way.context,
    endpoint: way.endpoint,
    table,
    state,
    paused: pools.filter(({ isPaused }) => isPaused).map(({ name }) => name),
    dryRun: pools.filter(({ isDryRun }) => isDryRun).map(({ name }) => name),
    ...record,
  };
}
