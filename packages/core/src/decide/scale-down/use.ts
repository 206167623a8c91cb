import type { GpuMeasurement } from "../../model/measurement.ts";
import type { Policy } from "../../model/policy.ts";
import { asksForGpu } from "../../model/resources.ts";
import type { Machine, ManagedInstance } from "../fleet.ts";

/** Samples came as often as they were due. */
const FULL_COVERAGE_MILLI = 1000;

/** How little of the node's GPUs is requested, in words; null for enough. */
export function littleRequested(
  { gpusHeld }: Machine,
  { template }: ManagedInstance,
  { underusedShareMilli }: Policy["scaleDown"],
): string | null {
  const gpus = template?.gpus ?? 0;
  if (gpusHeld * 1000 >= gpus * underusedShareMilli) return null;
  return `${Math.round(gpusHeld * 1000) / 1000} of ${gpus} GPUs are requested`;
}

/**
 * How little the GPUs that pods hold were used, in words: each of them, since one that works is work
 * enough. null for enough, and where a sample is missing or no one says which GPU a pod holds:
 * unknown is not idle.
 */
export function littleUsed(
  { pods, gpusHeld }: Machine,
  measurements: readonly GpuMeasurement[],
  { underusedUtilizationMilli }: Policy["scaleDown"],
): string | null {
  const named = new Set<string>();
  let most = 0;
  let held = 0;
  for (const { pods: holders, coverageMilli, meanUtilizationMilli } of measurements) {
    if (holders.length === 0) continue;
    if (coverageMilli < FULL_COVERAGE_MILLI || meanUtilizationMilli >= underusedUtilizationMilli) return null;
    for (const holder of holders) named.add(holder);
    most = Math.max(most, meanUtilizationMilli);
    held++;
  }
  for (const pod of pods) {
    if (asksForGpu(pod.requests) && !named.has(`${pod.namespace}/${pod.name}`)) return null;
  }
  // Fewer GPUs than the pods hold were told of: the others are unknown.
  if (held < Math.ceil(gpusHeld)) return null;
  return `no held GPU measured above ${most / 10} %`;
}
