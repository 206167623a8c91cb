export { clusterObjectsFrom, type RawClusterObjects } from "./kubernetes/cluster-objects.ts";
export { daemonSetFrom } from "./kubernetes/daemon-set.ts";
export { nodeFrom } from "./kubernetes/node.ts";
export { podFrom } from "./kubernetes/pod.ts";
export { podDisruptionBudgetFrom } from "./kubernetes/pod-disruption-budget.ts";
export { type VolumeObjects, type Volumes, volumesFrom } from "./kubernetes/volumes.ts";
