import type { NodeSpace, Resources } from "@gpu-autoscaler/core";

const MAX_NODE_SCORE = 100;

/**
 * kube-scheduler's default preference among nodes that fit, as EKS runs it, of which the world
 * models NodeResourcesFit with LeastAllocated over cpu and memory, and
 * NodeResourcesBalancedAllocation, both of weight 1 (kubernetes/kubernetes,
 * pkg/scheduler/framework/plugins/noderesources). Preferred affinities, PreferNoSchedule taints,
 * image locality and the soft default spread are not modelled: the pods of the world have none.
 */
export function score(requests: Resources, { free, spec }: NodeSpace): number {
  const { allocatable } = spec;
  const cpuLeft = free.cpuMilli - requests.cpuMilli;
  const memoryLeft = free.memoryBytes - requests.memoryBytes;
  const least = (shareOf(cpuLeft, allocatable.cpuMilli) + shareOf(memoryLeft, allocatable.memoryBytes)) / 2;
  const cpuUsed = usedFraction(cpuLeft, allocatable.cpuMilli);
  const memoryUsed = usedFraction(memoryLeft, allocatable.memoryBytes);
  // The standard deviation of two values is half their distance.
  const deviation = Math.abs(cpuUsed - memoryUsed) / 2;
  return Math.trunc(least) + Math.trunc((1 - deviation) * MAX_NODE_SCORE);
}

function shareOf(left: number, capacity: number): number {
  return capacity <= 0 || left < 0 ? 0 : Math.trunc((left * MAX_NODE_SCORE) / capacity);
}

function usedFraction(left: number, capacity: number): number {
  return capacity <= 0 ? 1 : Math.min(1, 1 - left / capacity);
}
