import type { Snapshot, Tick } from "@gpu-autoscaler/core";
import type { Figures, TICK_METRICS } from "./metric-table.ts";

/** After an hour measurements are old enough for any alarm. */
const OLDEST_SECONDS = 3_600;
const LACKED_CAPACITY: ReadonlySet<string> = new Set(["CapacityError", "GangRolledBack"]);

/**
 * What a tick came to, for its metrics. `snapshot`: the last that it decided on; `hasMetrics`: whether
 * GPUs are measured at all.
 */
export function tickFigures(
  { plan, outcomes }: Tick,
  snapshot: Snapshot,
  hasMetrics: boolean,
): Figures<typeof TICK_METRICS> {
  return {
    TickSucceeded: 1,
    PendingPods: plan.demand.reduce((sum, { pods }) => sum + pods.length, 0),
    GpuNodes: gpuNodes(snapshot),
    Launched: outcomes.reduce((sum, { launch }) => sum + (launch?.launched.length ?? 0), 0),
    CapacityErrors: outcomes.filter(({ reason }) => reason !== null && LACKED_CAPACITY.has(reason.code))
      .length,
    ...(hasMetrics && { MetricsAgeSeconds: measuredSecondsAgo(snapshot, plan.decidedAt) }),
  };
}

function gpuNodes({ groups }: Snapshot): number {
  const instances = groups.flatMap((group) => group.instances);
  return instances.filter(({ lifecycle }) => lifecycle !== "terminating").length;
}

function measuredSecondsAgo({ freshness }: Snapshot, now: number): number {
  return Math.min(OLDEST_SECONDS, Math.round((now - freshness.measurements.at) / 1_000));
}
