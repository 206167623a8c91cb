import type { Taint } from "./pod.ts";
import type { CapacityType, Offering } from "./pool.ts";
import type { Reason } from "./reason.ts";
import type { ControllerState } from "./state.ts";
import type { EpochMs, NanoDollars } from "./units.ts";

/**
 * What `decide` wants done and why. Effects are data: `act` carries them out in this order, each
 * may be repeated safely, and a dry run leaves out that step alone.
 */
export interface Plan {
  readonly cluster: string;
  readonly decidedAt: EpochMs;
  readonly effects: readonly Effect[];
  /** Each kind of pod that wants a GPU and has no node. */
  readonly demand: readonly DemandDecision[];
  /** Each node that could go and stays, and each that is not what it should be. */
  readonly nodes: readonly NodeDecision[];
  /** Parts of the snapshot that were missing or stale, and what that took away. */
  readonly problems: readonly Reason[];
  /** What nodes of each group cost, where new nodes were sought; absent elsewhere. */
  readonly offers?: readonly Offer[];
  /** The state to write before acting: it holds the intents of the launches. */
  readonly state: ControllerState;
  /** The earliest time at which this same snapshot would be decided otherwise; Infinity for never. */
  readonly reconsiderAt: EpochMs;
}

export type Effect =
  | LaunchInstances
  | SetDesiredCapacity
  | CordonNode
  | UncordonNode
  | EvictPod
  | TerminateInstances;

interface EffectBase {
  /** The same for the same effect whenever it is planned again; a launch's is its ClientToken. */
  readonly key: string;
  readonly pool: string;
  readonly reason: Reason;
}

/**
 * Launch `count` nodes in one offering, now. When capacity lacks, what was launched stands (unless
 * it is a gang's), the error is remembered, and the tick decides again with that memory: so a
 * launch falls through zones, groups and pools within one tick.
 */
export interface LaunchInstances extends EffectBase, Offering {
  readonly kind: "LaunchInstances";
  readonly capacityType: CapacityType;
  /** 1 to 100. */
  readonly count: number;
  /** GPUs of one node. */
  readonly gpus: number;
  /** Of one node. */
  readonly nanoDollarsPerHour: NanoDollars;
  /** All or nothing: the gang that it serves, or null. */
  readonly gang: string | null;
}

/** For adopted groups going up (asynchronous), and for capacity that nothing fills going down. */
export interface SetDesiredCapacity extends EffectBase {
  readonly kind: "SetDesiredCapacity";
  readonly group: string;
  /** What it was when this was decided: the precondition. */
  readonly from: number;
  readonly to: number;
}

/** Make the node unschedulable and taint it. */
export interface CordonNode extends EffectBase {
  readonly kind: "CordonNode";
  readonly node: string;
  readonly resourceVersion: string;
  readonly taint: Taint;
}

/** Undo a cordon of ours. */
export interface UncordonNode extends EffectBase {
  readonly kind: "UncordonNode";
  readonly node: string;
  readonly resourceVersion: string;
}

export interface EvictPod extends EffectBase {
  readonly kind: "EvictPod";
  readonly node: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** null leaves the pod's own. */
  readonly gracePeriodSeconds: number | null;
}

/** Terminate by id, with decrement of the desired capacity. */
export interface TerminateInstances extends EffectBase {
  readonly kind: "TerminateInstances";
  readonly group: string;
  readonly instances: readonly { readonly id: string; readonly node: string | null }[];
  /** Spare, at the last moment, an instance whose node has a GPU pod after all. */
  readonly onlyIfNoGpuPods: boolean;
}

/** What became of equivalent pods. */
export interface DemandDecision {
  /** `namespace/name`, oldest first. */
  readonly pods: readonly string[];
  /** What each asks for, in words: "8 nvidia.com/gpu, 88 cpu, 320 Gi". */
  readonly asksFor: string;
  readonly gang: string | null;
  readonly outcomes: readonly PodsOutcome[];
  /** Every group that was looked at and not taken. */
  readonly rejected: readonly GroupRejection[];
  /** How many of these pods an empty node takes at most, by pool; absent where no new node was sought. */
  readonly podsPerNode?: Readonly<Record<string, number>>;
}

/** Some of the pods, and where they stand. */
export interface PodsOutcome {
  readonly count: number;
  readonly reason: Reason;
  /** The effect that launches for them, or null. */
  readonly effect: string | null;
}

export interface GroupRejection {
  readonly pool: string;
  /** null when it holds for every group of the pool. */
  readonly group: string | null;
  /** null when it holds for every zone of the group. */
  readonly zone: string | null;
  readonly reasons: readonly Reason[];
}

/** What a node of a group costs and brings, in zones where that is the same. */
export interface Offer {
  readonly pool: string;
  readonly group: string;
  readonly zones: readonly string[];
  readonly capacityType: CapacityType;
  /** GPUs of one node. */
  readonly gpus: number;
  /** Of one node, as AWS will bill it. */
  readonly nanoDollarsPerHour: NanoDollars;
  /** Of one node, as it was decided by: reserved capacity for nothing, Spot with its risk. */
  readonly effectiveNanoDollarsPerHour: NanoDollars;
}

export interface NodeDecision {
  readonly node: string;
  readonly pool: string | null;
  readonly reasons: readonly Reason[];
}
