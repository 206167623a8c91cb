import { HOUR_MS, MINUTE_MS } from "../model/units.ts";
import type { Priority, WorkloadClass } from "../model/workload.ts";

/**
 * How long pods wait before nodes are launched for them: not at all. On every trace that was played,
 * waiting packed no better and made everybody wait as much longer; 2 min are the outer limit.
 */
export const PENDING_FOR_MS: Readonly<Record<Priority, number>> = { high: 0, normal: 0, low: 0 };

/** `LaunchInstances` takes at most 100 instances a call; a tick's launches stay within as much. */
export const MAX_LAUNCHES_PER_TICK = 100;

/** What an hour of waiting is worth: about one GPU of the cheaper kinds, far less than whoever waits. */
export const WAIT_DOLLARS_PER_HOUR = 2;

/** Cluster Autoscaler's `scale-down-unneeded-time`. */
export const UNDERUSED_AFTER_MS = 10 * MINUTE_MS;

/** Cluster Autoscaler's `scale-down-gpu-utilization-threshold`. */
export const UNDERUSED_GPU_SHARE = 0.5;

/** Measured: well above what an idle GPU shows, well below one that works. */
export const UNDERUSED_UTILIZATION = 0.2;

/** A node that costs its pods more than so many times what they would cost elsewhere takes no new ones. */
export const CLOSE_ABOVE = 1.2;
/** What replaces dear nodes costs so much less that the minutes in which both run are soon saved. */
export const REPLACE_ABOVE = 1.1;

/** Karpenter's disruption budget. */
export const DISRUPTION_SHARE = 0.1;

/** Longer than most grace periods and the start of a replica; the node serves again while it rests. */
export const DRAIN_TIMEOUT_MS = 15 * MINUTE_MS;
export const DRAIN_REST_MS = HOUR_MS;

/** Cluster Autoscaler's `max-total-unready-percentage` and `ok-total-unready-count`. */
export const UNREADY_SHARE = 0.45;
export const UNREADY_NODES = 3;

/** Mean utilization of serving pods' GPUs at which queues begin to grow; below the second it is over. */
export const HEADROOM_ABOVE = 0.8;
export const HEADROOM_REARM_BELOW = 0.7;
/** A horizontal autoscaler that was going to react has by then. */
export const HEADROOM_KEEP_MS = 30 * MINUTE_MS;

/** Cluster Autoscaler's `max-node-provision-time` and Karpenter's registration time-out are as long. */
export const PROVISION_TIMEOUT_MS = 15 * MINUTE_MS;

/** Of the GPUs of interruptible pods: no more can be lost to Spot at once. */
export const SPOT_SHARE = 0.6;

/** Serving answers people while it runs; training and batch can start over. */
export const INTERRUPTIBLE_CLASSES: readonly WorkloadClass[] = ["training", "batch"];

/** What an interruption costs a job that starts over, in time of its node: a first estimate. */
export const SPOT_LOSS_MS = HOUR_MS;

/** Of an offering of which nothing is known: the sandbox's usual weather. What an offering does replaces it. */
export const SPOT_INTERRUPTIONS_PER_HOUR = 0.01;

/** After Karpenter's 3 min for an offering that lacked capacity. */
export const CAPACITY_ERROR_FIRST_REST_MS = 3 * MINUTE_MS;

/** Cluster Autoscaler's longest back-off of a node group. */
export const CAPACITY_ERROR_LONGEST_REST_MS = 30 * MINUTE_MS;

/** Cluster Autoscaler's `node-group-backoff-reset-timeout`. */
export const CAPACITY_ERROR_FORGET_AFTER_MS = 3 * HOUR_MS;

/** Two ticks may fail to read a part; the third acts without it. */
export const STALE_AFTER_MS = 3 * MINUTE_MS;
