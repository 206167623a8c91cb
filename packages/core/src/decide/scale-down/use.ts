import { FULL_COVERAGE_MILLI, type GpuMeasurement, isMoving } from "../../model/measurement.ts";
import type { Policy } from "../../model/policy.ts";
import { asksForGpu } from "../../model/resources.ts";
import type { Machine, ManagedInstance } from "../machines.ts";

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
 * How little the node's GPUs were used, in words: each of them, since one that works is work enough,
 * whoever has it. null for enough, and where a GPU or a sample is missing or no one says which GPU a
 * pod holds: unknown is not idle.
 */
export function littleUsed(
  { pods, gpusHeld }: Machine,
  { template }: ManagedInstance,
  measurements: readonly GpuMeasurement[],
  { underusedUtilizationMilli }: Policy["scaleDown"],
): string | null {
  const gpuPods = pods.filter(({ requests }) => asksForGpu(requests));
  const here = new Set(gpuPods.map(({ namespace, name }) => `${namespace}/${name}`));
  const named = new Set<string>();
  const gpus = new Set<string>();
  let most = 0;
  let held = 0;
  for (const { gpu, pods: holders, coverageMilli, meanUtilizationMilli } of measurements) {
    if (coverageMilli < FULL_COVERAGE_MILLI || meanUtilizationMilli >= underusedUtilizationMilli) return null;
    const [uuid = gpu] = gpu.split("/");
    gpus.add(uuid);
    most = Math.max(most, meanUtilizationMilli);
    // The exporter may still name pods that have gone.
    const holdersHere = holders.filter((holder) => here.has(holder));
    if (holdersHere.length > 0) held++;
    for (const holder of holdersHere) named.add(holder);
  }
  const areAllMeasured = template !== null && gpus.size >= template.gpus;
  const areAllNamed = named.size === here.size && held >= Math.ceil(gpusHeld);
  return areAllMeasured && areAllNamed ? `no GPU measured above ${most / 10} %` : null;
}

/** Whether what was measured says the same of the node as long as nothing else changes. */
export function isSettled(
  { pods }: Machine,
  { template }: ManagedInstance,
  measurements: readonly GpuMeasurement[],
  { underusedUtilizationMilli }: Policy["scaleDown"],
): boolean {
  const staysBusy = (each: GpuMeasurement) =>
    !isMoving(each) && each.meanUtilizationMilli >= underusedUtilizationMilli;
  if (measurements.some(staysBusy)) return true;
  if (measurements.length < (template?.gpus ?? 0) || measurements.some(isMoving)) return false;
  const named = new Set(measurements.flatMap((measurement) => measurement.pods));
  return pods.every(
    ({ namespace, name, requests }) => !asksForGpu(requests) || named.has(`${namespace}/${name}`),
  );
}
