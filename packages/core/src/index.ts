export * from "./catalog/index.ts";
export * from "./config/index.ts";
export * from "./decide/decide.ts";
export * from "./fit/index.ts";
export * from "./model/index.ts";
export * from "./ports/ports.ts";
export * from "./quantity.ts";
export type { TickRecord } from "./record/tick-record.ts";
export * from "./tick.ts";
