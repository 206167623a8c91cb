export { createClusterAutoscaler } from "./cluster-autoscaler.ts";
