export { type DayOptions, generateDay } from "./generate-day.ts";
export { gpuRequest, layoutFor } from "./gpu-request.ts";
export { parseTrace } from "./parse-trace.ts";
export type { PodRow } from "./pod-row.ts";
export { readTrace } from "./read-trace.ts";
export type { TraceProblem } from "./trace-problem.ts";
export { TRACE_DEFAULTS } from "./trace-row.ts";
