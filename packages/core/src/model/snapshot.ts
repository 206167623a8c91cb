import type { GpuMeasurement, Interruption } from "./measurement.ts";
import type { Node } from "./node.ts";
import type { DaemonSet, Labels, Pod, PodDisruptionBudget } from "./pod.ts";
import type { GroupStatus, Prices } from "./pool.ts";
import type { ControllerState } from "./state.ts";
import type { EpochMs } from "./units.ts";

/** The parts of a snapshot, each with a freshness of its own. */
export const PARTS = [
  "nodes",
  "pods",
  "budgets",
  "groups",
  "prices",
  "measurements",
  "interruptions",
] as const;
export type Part = (typeof PARTS)[number];

export interface Freshness {
  /** When the part was true. */
  readonly at: EpochMs;
  /** What kept it from being read anew, in words that name the mend; null when all is well. */
  readonly problem: string | null;
  /** What the part lacks though it was read, in words that name the mend; absent for nothing. */
  readonly gaps?: readonly string[];
}

/** One cluster as it was observed at the start of a tick. Immutable. */
export interface Snapshot {
  readonly cluster: string;
  readonly freshness: Readonly<Record<Part, Freshness>>;
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  /** Pods that ended, or were deleted, since the reading before: as they were then, as far as it saw them. */
  readonly gonePods?: readonly Pod[];
  readonly daemonSets: readonly DaemonSet[];
  /** Labels of the namespaces, for selectors over them. By name. */
  readonly namespaces: Readonly<Record<string, Labels>>;
  readonly budgets: readonly PodDisruptionBudget[];
  readonly groups: readonly GroupStatus[];
  readonly prices: Prices;
  readonly measurements: readonly GpuMeasurement[];
  readonly interruptions: readonly Interruption[];
  readonly state: ControllerState;
}
