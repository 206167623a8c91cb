export * from "./cluster.ts";
export { aNode, type NodeBuilder } from "./node.ts";
export { aPod, inZone, matching, type PodBuilder } from "./pod.ts";
