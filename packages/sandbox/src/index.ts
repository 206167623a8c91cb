export * from "./comparison/index.ts";
export * from "./load/index.ts";
export * from "./simulate.ts";
export * from "./world/index.ts";
