import type { Pool } from "./pool.ts";
import type { DurationMs, NanoDollars } from "./units.ts";
import type { Priority, WorkloadClass } from "./workload.ts";

/** What the user decided for one cluster: the configuration, complete with defaults, in the program's units. */
export interface Policy {
  readonly cluster: string;
  readonly region: string;
  readonly pools: readonly Pool[];
  readonly scaleUp: {
    /** How long unschedulable pods wait before nodes are launched for them. */
    readonly pendingForMs: Readonly<Record<Priority, DurationMs>>;
    readonly maxLaunchesPerTick: number;
    /** GPU nodes of the cluster in all; Infinity for no cap. */
    readonly maxNodes: number;
    /** What the cluster's nodes may cost an hour; Infinity for no cap. */
    readonly maxNanoDollarsPerHour: NanoDollars;
  };
  readonly spot: {
    /** Of interruptible GPUs, in thousandths; rounded up to a node. */
    readonly shareMilli: number;
    readonly interruptibleClasses: readonly WorkloadClass[];
    /** Work that an interruption costs, in hours of the node. */
    readonly lossHours: number;
    /** Interruptions a node-hour to expect of an offering of which nothing is known, in thousandths. */
    readonly priorInterruptionsMilli: number;
    /** Whether a Spot node counts as being as full as its pool's shared nodes are. */
    readonly expectFill: boolean;
  };
  readonly scaleDown: {
    /** A node of which less is requested is underused: GPUs requested over GPUs, in thousandths. */
    readonly underusedShareMilli: number;
    /** So is a node each of whose GPUs measured less, in thousandths. */
    readonly underusedUtilizationMilli: number;
    /**
     * A node takes no new pods when each of its pods could be served for less elsewhere: when its share
     * of the node's price is more than so many thousandths of what it would cost there. Infinity: never.
     */
    readonly closeAboveMilli: number;
    /** Dear nodes are replaced when they cost this many thousandths of what takes their place. */
    readonly replaceAboveMilli: number;
    /** What an hour of a pod's waiting is worth, when free nodes are kept for as long as pays. */
    readonly waitNanoDollarsPerHour: NanoDollars;
    /** Of a pool's nodes that may be drained of their pods at a time, in thousandths; at least one. */
    readonly disruptionShareMilli: number;
    /** A drain that is not done by then is undone, */
    readonly drainTimeoutMs: DurationMs;
    /** and its node left alone for so long. */
    readonly drainRestMs: DurationMs;
    /** With a larger share of nodes unready (in thousandths), and more than `unreadyNodes`, none is removed. */
    readonly unreadyShareMilli: number;
    readonly unreadyNodes: number;
  };
  /** A free node is kept in a pool whose serving pods are busy. Mean utilization in thousandths. */
  readonly headroom: {
    readonly aboveMilli: number;
    /** Below it, headroom that nobody used may be kept again. */
    readonly rearmBelowMilli: number;
    readonly keepMs: DurationMs;
  };
  /** After a capacity error: doubled with each in a row, forgotten after a while. */
  readonly capacityErrors: {
    readonly firstRestMs: DurationMs;
    readonly longestRestMs: DurationMs;
    readonly forgetAfterMs: DurationMs;
  };
  /** How old a part of the snapshot may be. */
  readonly staleAfterMs: DurationMs;
}
