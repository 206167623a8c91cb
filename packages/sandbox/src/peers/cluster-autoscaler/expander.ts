import type { Option } from "./estimator.ts";

/**
 * The default expander since 1.33: of options of one priority, the one that wastes the least. What ties
 * goes to the first in the order of the configuration and, of its zones, the first by name; the original
 * draws lots. Zones always tie, and a gang whose pods were drawn into two zones would never start.
 */
export function leastWaste(options: readonly Option[]): Option | null {
  let best: Option | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const option of options) {
    const waste = wasteOf(option);
    if (waste >= least) continue;
    best = option;
    least = waste;
  }
  return best;
}

/**
 * The share of CPU that stays idle, and of memory, of all nodes that are to come: GPUs do not count
 * (expander/waste/waste.go).
 */
function wasteOf({ nodeGroup, nodeCount, pods }: Option): number {
  const cpuMilli = nodeGroup.capacity.cpuMilli * nodeCount;
  const memoryBytes = nodeGroup.capacity.memoryBytes * nodeCount;
  let [askedCpuMilli, askedMemoryBytes] = [0, 0];
  for (const { requests } of pods) {
    askedCpuMilli += requests.cpuMilli;
    askedMemoryBytes += requests.memoryBytes;
  }
  return (cpuMilli - askedCpuMilli) / cpuMilli + (memoryBytes - askedMemoryBytes) / memoryBytes;
}
