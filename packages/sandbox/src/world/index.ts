export type { Bill, Settlement, SpotExcess } from "./account.ts";
export type { Infeasibility } from "./feasibility.ts";
export { createMemoryDecisionLog, createMemoryLease, createMemoryStateStore } from "./memory-ports.ts";
export type {
  BootFault,
  BudgetOptions,
  CapacityLimit,
  Fault,
  FaultyCall,
  GroupOptions,
  MetricsOutage,
  Window,
  WorldOptions,
} from "./options.ts";
export type { RowOutcome } from "./rows.ts";
export type { PodStay } from "./stays.ts";
export type { Submission, WorldVerbs } from "./verbs.ts";
export { createWorld, type World, type WorldResult } from "./world.ts";
