import type { GpuMeasurement, Interruption } from "../model/measurement.ts";
import type { Node } from "../model/node.ts";
import type { LaunchError } from "../model/outcome.ts";
import type { EvictPod } from "../model/plan.ts";
import type { DaemonSet, Labels, Pod, PodDisruptionBudget, Taint } from "../model/pod.ts";
import type { GroupStatus, Offering, Prices } from "../model/pool.ts";
import type { ReasonCode } from "../model/reason.ts";
import type { ControllerState, LaunchedInstance } from "../model/state.ts";
import type { EpochMs } from "../model/units.ts";
import type { TickRecord } from "../record/tick-record.ts";

/** Time. The only clock of the program. */
export interface Clock {
  now(): EpochMs;
}

/** The Kubernetes objects that the model needs, as they are at this moment. */
export interface ClusterReader {
  readCluster(): Promise<ClusterObjects>;
  /** The pods bound to a node, from quorum and not from a cache. */
  podsOnNode(node: string): Promise<readonly Pod[]>;
}

/** Gaps are objects that could not be read whole; what stands for them forbids rather than allows. */
export interface ClusterObjects extends Reading {
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  /** Pods that ended, or were deleted, since the reading before: as they were then, as far as it saw them. */
  readonly gonePods?: readonly Pod[];
  readonly daemonSets: readonly DaemonSet[];
  readonly namespaces: Readonly<Record<string, Labels>>;
  readonly budgets: readonly PodDisruptionBudget[];
  /** Why the budgets could not be read; there are none then. Absent: they could. */
  readonly budgetsProblem?: string;
}

/** Changes to nodes and pods. Each refuses with `precondition-failed` when the object has moved on. */
export interface ClusterWriter {
  /** Makes it unschedulable, taints it, and annotates it with why. */
  cordon(node: string, resourceVersion: string, taint: Taint, why: ReasonCode): Promise<WriteResult>;
  /** Takes all of that away again. */
  uncordon(node: string, resourceVersion: string): Promise<WriteResult>;
  evict(pod: Pick<EvictPod, "namespace" | "name" | "uid" | "gracePeriodSeconds">): Promise<WriteResult>;
}

export type WriteResult =
  | { readonly status: "done" }
  /** The object is gone, which is what was wanted or makes the wish void. */
  | { readonly status: "gone" }
  | { readonly status: "precondition-failed"; readonly detail: string }
  /** 429 of an eviction: a PodDisruptionBudget allows none now. */
  | { readonly status: "disruption-budget"; readonly detail: string }
  | { readonly status: "throttled"; readonly detail: string };

/** What a port read, and when it was true. */
export interface Reading {
  readonly at: EpochMs;
  /** What of it could not be read, or is older, each in words that name the mend: the rest stands. */
  readonly gaps?: readonly string[];
}

/** The Auto Scaling groups of the configuration. */
export interface CapacityReader {
  readGroups(): Promise<Reading & { readonly groups: readonly GroupStatus[] }>;
}

/** Launching and ending instances. The same token launches once, and answers the same again. */
export interface CapacityWriter {
  launchInstances(request: LaunchRequest): Promise<LaunchResult>;
  setDesiredCapacity(group: string, desired: number): Promise<void>;
  /** With decrement of the desired capacity. Ids that are gone already are no error. */
  terminateInstances(group: string, instanceIds: readonly string[]): Promise<void>;
}

export interface LaunchRequest extends Offering {
  readonly token: string;
  /** 1 to 100. */
  readonly count: number;
}

export interface LaunchResult {
  readonly launched: readonly LaunchedInstance[];
  readonly errors: readonly LaunchError[];
}

/** GPU measurements by DCGM. */
export interface GpuMetrics {
  readMeasurements(): Promise<{ readonly at: EpochMs; readonly measurements: readonly GpuMeasurement[] }>;
}

export interface PriceList {
  readPrices(): Promise<Reading & { readonly prices: Prices }>;
}

/** Instances that AWS announced it will take, and has not taken yet. */
export interface InterruptionFeed {
  readInterruptions(): Promise<Reading & { readonly interruptions: readonly Interruption[] }>;
}

/** One cluster's state, under optimistic concurrency. */
export interface StateStore {
  /** null when the cluster has none yet. */
  load(cluster: string): Promise<StoredState | null>;
  /**
   * Writes when the stored version still is `expected` (0: none stored), and gives the new one;
   * null when somebody else wrote meanwhile.
   */
  save(state: ControllerState, expected: number): Promise<number | null>;
}

export interface StoredState {
  readonly state: ControllerState;
  readonly version: number;
}

/** Keeps ticks of one cluster apart. */
export interface Lease {
  /** false when it is held: the holder is told to run once more. */
  acquire(cluster: string): Promise<boolean>;
  /** Lets go, unless somebody asked for another run meanwhile: then true, and it is still held. */
  releaseOrAgain(cluster: string): Promise<boolean>;
}

/** Where the decisions go. */
export interface DecisionLog {
  append(record: TickRecord): Promise<void>;
}

/** All that a tick touches. */
export interface Ports {
  readonly clock: Clock;
  readonly clusterReader: ClusterReader;
  readonly clusterWriter: ClusterWriter;
  readonly capacityReader: CapacityReader;
  readonly capacityWriter: CapacityWriter;
  readonly gpuMetrics: GpuMetrics;
  readonly priceList: PriceList;
  readonly interruptionFeed: InterruptionFeed;
  readonly stateStore: StateStore;
  readonly lease: Lease;
  readonly decisionLog: DecisionLog;
}
