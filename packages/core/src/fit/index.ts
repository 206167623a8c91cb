export { isAlone } from "./alone.ts";
export { equivalenceKey } from "./canonical-key.ts";
export { ClusterSpace } from "./cluster-space.ts";
export { type CompiledPod, compilePod } from "./compiled-pod.ts";
export { Eligible } from "./eligible.ts";
export { labelKeysLookedAt, selectorMatches } from "./label-selector.ts";
export { hasGpusLeft, type NodeSpace, type NodeSpec, type PlacedPod } from "./node-space.ts";
export { hasSameSpec } from "./same-spec.ts";
export { tolerates } from "./taints.ts";
