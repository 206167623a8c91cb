import { GPU_UTILIZATION_THRESHOLD_MILLI, UTILIZATION_THRESHOLD_MILLI } from "./constants.ts";
import type { Machine } from "./machines.ts";

/**
 * On a node with GPUs, of these alone: at most half of them requested (simulator/utilization/info.go).
 * One whose GPUs have not come counts as empty. Other nodes go by the larger of CPU and memory.
 */
export function isUnderutilized({ space }: Machine, gpuResources: readonly string[]): boolean {
  const { allocatable } = space.spec;
  const share = (asked: number, all: number) => (all > 0 ? (asked * 1_000) / all : 0);
  if (gpuResources.length === 0) {
    const cpu = share(allocatable.cpuMilli - space.free.cpuMilli, allocatable.cpuMilli);
    const memory = share(allocatable.memoryBytes - space.free.memoryBytes, allocatable.memoryBytes);
    return Math.max(cpu, memory) <= UTILIZATION_THRESHOLD_MILLI;
  }
  return gpuResources.every((name) => {
    const all = allocatable.extended[name] ?? 0;
    return share(all - (space.free.extended[name] ?? 0), all) <= GPU_UTILIZATION_THRESHOLD_MILLI;
  });
}
