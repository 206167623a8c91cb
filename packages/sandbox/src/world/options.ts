import type {
  CapacityType,
  DaemonSet,
  EpochMs,
  InstanceShape,
  LabelSelector,
  Labels,
  Node,
  Pool,
  Prices,
} from "@gpu-autoscaler/core";
import type { PodRow } from "../load/pod-row.ts";
import type { Weather } from "./constants.ts";

/** A world: what can be launched, what will be asked of it, and what will go wrong. */
export interface WorldOptions {
  readonly cluster: string;
  readonly pools: readonly Pool[];
  /** What instance types offer, where it is not what the catalog says or the catalog knows nothing of it. */
  readonly shapes?: Readonly<Record<string, InstanceShape>>;
  /** One for each type of the pools, by zone for Spot. They hold for the whole run. */
  readonly prices: Prices;
  /** The load. None by default. */
  readonly rows?: readonly PodRow[];
  /** Any 32-bit integer; 1 by default. */
  readonly seed?: number;
  /** 2026-01-01T00:00:00Z by default. */
  readonly startAt?: EpochMs;
  /** "none" by default: no Spot instance is interrupted unless a test does it. */
  readonly weather?: Weather;
  /**
   * The most that Spot may hold of the GPUs of each instance type, in thousandths, rounded up to a
   * node; what is beyond it at the end is billed at the On-Demand price. null, the default: no limit.
   */
  readonly spotShareMilli?: number | null;
  /** Whether every GPU serves rows that name models, as in comparisons. false by default. */
  readonly anyGpuModel?: boolean;
  /** What is peculiar about a group's Auto Scaling group, by group name. */
  readonly groups?: Readonly<Record<string, GroupOptions>>;
  /** Nodes that no group holds, there from the start, not billed: a CPU node group, say. */
  readonly nodes?: readonly Node[];
  /** They start a pod on each node that fits their template, as soon as it registers. */
  readonly daemonSets?: readonly DaemonSet[];
  readonly budgets?: readonly BudgetOptions[];
  /** Labels of namespaces; each namespace has `kubernetes.io/metadata.name` anyway. */
  readonly namespaces?: Readonly<Record<string, Labels>>;
  readonly capacity?: readonly CapacityLimit[];
  readonly bootFaults?: readonly BootFault[];
  readonly faults?: readonly Fault[];
  readonly metricsOutages?: readonly MetricsOutage[];
}

export interface GroupOptions {
  /** Tags of the group, for templates of adopted groups. None by default. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Auto Scaling tells nothing of the types' shapes. false by default. */
  readonly shapesUnknown?: boolean;
  /** MinSize of the Auto Scaling group. 0 by default: the planner keeps the minimum. */
  readonly minSize?: number;
  /** Desired capacity at the start. 0 by default. */
  readonly desired?: number;
  /** For a reserved group: how many instances the reservation holds. Its maximum by default. */
  readonly reservedInstances?: number;
}

/** A PodDisruptionBudget. Exactly one of the two numbers. */
export interface BudgetOptions {
  readonly namespace: string;
  readonly name: string;
  readonly selector: LabelSelector | null;
  readonly minAvailable?: number;
  readonly maxUnavailable?: number;
}

/** A stretch of time, in milliseconds since the world's start; from the start and for ever by default. */
export interface Window {
  readonly fromMs?: number;
  readonly untilMs?: number;
}

/** EC2 has only so much. What is left out matches all. */
export interface CapacityLimit extends Window {
  readonly group?: string;
  readonly instanceType?: string;
  readonly zone?: string;
  readonly capacityType?: CapacityType;
  /** How many instances it gives within the window before it refuses. */
  readonly remaining: number;
  /** "InsufficientInstanceCapacity" by default. */
  readonly code?: string;
}

/** An instance that does not boot as it should. */
export interface BootFault extends Window {
  /** Every group by default. */
  readonly group?: string;
  /** How many instances it strikes; all by default. */
  readonly remaining?: number;
  readonly fault:
    | "dies-pending"
    | "never-registers"
    | "gpus-never"
    /** One physical GPU of the node never shows. */
    | "one-gpu-missing";
}

/** The calls that a test can make fail. */
export type FaultyCall =
  | "readCluster"
  | "podsOnNode"
  | "cordon"
  | "uncordon"
  | "evict"
  | "readGroups"
  | "launchInstances"
  | "setDesiredCapacity"
  | "terminateInstances"
  | "readMeasurements"
  | "readPrices"
  | "readInterruptions";

export interface Fault extends Window {
  readonly call: FaultyCall;
  /** How many calls fail; all within the window by default. */
  readonly remaining?: number;
  /**
   * 429 or 500, before anything is done; or the call is carried out and its answer lost on the way.
   * A write to the cluster reports the first in its result; all else throws, retryable.
   */
  readonly kind: "throttled" | "internal-error" | "answer-lost";
}

/** No sample comes from the node, or from any when none is named. */
export interface MetricsOutage extends Window {
  readonly node?: string;
}
