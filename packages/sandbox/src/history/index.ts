export {
  type CostLines,
  costLines,
  costOf,
  type NamespaceCost,
  type PoolCost,
  shareOut,
} from "./cost-lines.ts";
export { createDecisionHistory, type DecisionHistory } from "./decision-entries.ts";
export { DECISION_KINDS, type DecisionEntry } from "./decision-entry.ts";
export { type GpuLevels, gpuLevels } from "./gpu-levels.ts";
export { type Buckets, bucketsFor, type Level, levelOf, type Stretch } from "./levels.ts";
export { nodesByPool, type PoolNodes } from "./node-levels.ts";
export { type RunHistory, runHistory } from "./run-history.ts";
export { type WaitGroup, waitGroups, waitPoints } from "./wait-groups.ts";
