export { defineConfig, parseConfig } from "./parse-config.ts";
export { policyOf } from "./policy.ts";
export type { ConfigProblem } from "./problem.ts";
export type { Config, ConfigInput } from "./schema.ts";
