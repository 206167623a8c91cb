import type { GpuMeasurement } from "../../model/measurement.ts";
import type { Policy } from "../../model/policy.ts";
import { asksForGpu } from "../../model/resources.ts";
import { gpusHeld } from "../../model/sharing.ts";
import type { Machine, ManagedInstance } from "../fleet.ts";

/** Samples came as often as they were due. */
const FULL_COVERAGE_MILLI = 1000;

/** How little of the node's GPUs is requested, in words; null for enough. */
export function littleRequested(
  { pods }: Machine,
  { pool, template }: ManagedInstance,
  { underusedShareMilli }: Policy["scaleDown"],
): string | null {
  const gpus = template?.gpus ?? 0;
  let requested = 0;
  for (const pod of pods) requested += gpusHeld(pool.sharing, pod.requests.extended);
  if (requested * 1000 >= gpus * underusedShareMilli) return null;
  return `${Math.round(requested * 1000) / 1000} of ${gpus} GPUs are requested`;
}

/**
 * How little the GPUs that pods hold were used, in words: each of them, since one that works is work
 * enough. null for enough, and where a sample is missing or no one says which GPU a pod holds:
 * unknown is not idle.
 */
export function littleUsed(
  { pods }: Machine,
  { pool }: ManagedInstance,
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
  let requested = 0;
  for (const pod of pods) {
    if (!asksForGpu(pod.requests)) continue;
    if (!named.has(`${pod.namespace}/${pod.name}`)) return null;
    requested += gpusHeld(pool.sharing, pod.requests.extended);
  }
  // Fewer GPUs than the pods hold were told of: the others are unknown.
  if (held < Math.ceil(requested)) return null;
  return `no held GPU measured above ${most / 10} %`;
}
