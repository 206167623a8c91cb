export * from "./comparison/index.ts";
export * from "./history/index.ts";
export * from "./load/index.ts";
export { type PolicyRun, type PolicyRunResult, runPolicy } from "./run-policy.ts";
export {
  type RunResult,
  type Simulate,
  type SimulationRequest,
  type SimulationResult,
  STRATEGIES,
  simulate,
  type UnservedPod,
  WEATHERS,
  worldOf,
} from "./simulate.ts";
export { simulateOnThreads } from "./simulate-on-threads.ts";
export * from "./world/index.ts";
