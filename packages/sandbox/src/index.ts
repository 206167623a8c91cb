export * from "./comparison/index.ts";
export * from "./history/index.ts";
export * from "./load/index.ts";
export { type PolicyRun, type PolicyRunResult, runPolicy } from "./run-policy.ts";
export * from "./simulate.ts";
export * from "./world/index.ts";
