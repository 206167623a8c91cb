import type { DurationMs, EpochMs } from "./units.ts";

/**
 * What must be remembered between ticks of one cluster. Small, versioned, written under
 * optimistic concurrency. Everything in it is a time or an identity, never a counter of ticks:
 * a tick that is skipped or repeated changes nothing.
 */
export interface ControllerState {
  /** The shape of this object; a reader refuses one that it does not know. */
  readonly format: 1;
  readonly cluster: string;
  /** Pools that a person paused; "*" pauses the cluster. */
  readonly paused: readonly string[];
  /** Launches written before they were made, and made ones until their nodes serve. By key. */
  readonly launches: Readonly<Record<string, LaunchIntent>>;
  /** Since when a node has had no GPU pod. By instance id. */
  readonly emptySince: Readonly<Record<string, EpochMs>>;
  /** How long groups had better keep free nodes, where their pools do not say. By group. */
  readonly keepTimes: Readonly<Record<string, KeepTimeMemory>>;
  /** Since when a node with GPU pods has been underused. By instance id. */
  readonly underusedSince: Readonly<Record<string, EpochMs>>;
  /** Until when a node whose drain was undone is left alone. By instance id. */
  readonly drainRests: Readonly<Record<string, EpochMs>>;
  /** Free nodes kept because serving pods are busy. By pool; a pool that has none is armed. */
  readonly headroom: Readonly<Record<string, Headroom>>;
  /** Nodes being removed. By node name. */
  readonly draining: Readonly<Record<string, Drain>>;
  /** Which capacity was lacking. By `offeringKey`, or `instanceType/zone/capacityType`. */
  readonly capacityErrors: Readonly<Record<string, CapacityErrorMemory>>;
  /** Spot interruptions lately. By `offeringKey`. */
  readonly interruptions: Readonly<Record<string, InterruptionMemory>>;
  /** Owners whose pods were displaced by an interruption. By owner uid. */
  readonly displaced: Readonly<Record<string, Displacement>>;
  /** Groups whose desired capacity is above what exists. By group. */
  readonly unfilled: Readonly<Record<string, UnfilledDesired>>;
  /** GPU pods without a node at the last decision, by the hash of their uids: to tell where they went. */
  readonly waiting: readonly string[];
  /** Of the reasons of the last decision, to know when they change. */
  readonly reasonsDigest: string;
}

/** A launch: written before the call, under the key that is its ClientToken. */
export interface LaunchIntent {
  readonly group: string;
  readonly zone: string;
  readonly count: number;
  /** All or nothing: the gang that it serves, or null. */
  readonly gang: string | null;
  /**
   * For each node, the pods that it is for, by the hash of their uids: until the node serves, they
   * are placed there first, so that no other pod's place becomes a reason for a second launch.
   */
  readonly pods: readonly (readonly string[])[];
  readonly createdAt: EpochMs;
  /** null until the answer was recorded. */
  readonly instances: readonly LaunchedInstance[] | null;
}

export interface LaunchedInstance {
  readonly id: string;
  readonly zone: string;
  readonly instanceType: string;
}

/** What a group's free nodes of late tell of how long to keep the next. */
export interface KeepTimeMemory {
  /** Since when nodes were free that went unneeded, for as long as they might have stayed. By instance id. */
  readonly gone: Readonly<Record<string, EpochMs>>;
  /** What each of `KEEP_TIMES_MS` would have cost, in time of a node; the last nodes count most. */
  readonly costsMs: readonly DurationMs[];
  /** Of how many nodes that tells; no more than are needed to go by it. */
  readonly nodes: number;
}

export interface Drain {
  readonly instanceId: string;
  readonly since: EpochMs;
  readonly reason: "NodeEmpty" | "NodeUnderused" | "NodeReplaced" | "SpotInterruption";
}

/** Whether the node goes though GPU pods are on it, to be moved over several ticks. */
export function movesGpuPods({ reason }: Drain): boolean {
  return reason === "NodeUnderused" || reason === "NodeReplaced";
}

/** Whether the node goes because nobody needs it, so that demand may take it back. */
export function isUnneeded(drain: Drain | undefined): boolean {
  return drain !== undefined && drain.reason !== "SpotInterruption";
}

export interface Headroom {
  /** Since when it has been wanted. */
  readonly since: EpochMs;
  /** The instance that is kept free; null until there is one. */
  readonly instance: string | null;
  /** It was kept to its end for nothing: there is none until the pool is less busy. */
  readonly spent: boolean;
}

export interface CapacityErrorMemory {
  readonly code: string;
  /** In a row; each doubles the rest. */
  readonly failures: number;
  readonly lastAt: EpochMs;
  readonly retryAt: EpochMs;
}

/** Interruptions of an offering, and the hours that its nodes ran meanwhile, both as of `lastAt`; earlier ones count for less. */
export interface InterruptionMemory {
  readonly count: number;
  readonly nodeHours: number;
  readonly lastAt: EpochMs;
}

export interface Displacement {
  /** Until when its new pods need not wait. */
  readonly until: EpochMs;
  /** Interruptions that it met with so far. */
  readonly times: number;
}

export interface UnfilledDesired {
  readonly desired: number;
  readonly since: EpochMs;
}

export function emptyState(cluster: string): ControllerState {
  return {
    format: 1,
    cluster,
    paused: [],
    launches: {},
    emptySince: {},
    keepTimes: {},
    underusedSince: {},
    drainRests: {},
    headroom: {},
    draining: {},
    capacityErrors: {},
    interruptions: {},
    displaced: {},
    unfilled: {},
    waiting: [],
    reasonsDigest: "",
  };
}
