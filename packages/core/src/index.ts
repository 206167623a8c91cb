export * from "./model/index.ts";
export * from "./ports/ports.ts";
export type { TickRecord } from "./record/tick-record.ts";
