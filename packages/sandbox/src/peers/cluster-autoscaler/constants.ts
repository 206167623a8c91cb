import { HOUR_MS, MINUTE_MS, SECOND_MS } from "@gpu-autoscaler/core";

/**
 * Every figure of the model of Cluster Autoscaler, with its source. Paths are those of
 * kubernetes/autoscaler at the tag cluster-autoscaler-1.36.1, below `cluster-autoscaler/`; flags are
 * in `config/flags/flags.go` and stand at their defaults.
 */

/**
 * `--scan-interval`. A pod that is found unschedulable starts a loop at once
 * (`--frequent-loops-enabled`, on since 1.35).
 */
export const SCAN_INTERVAL_MS = 10 * SECOND_MS;

/**
 * How old the oldest pod must be before a scale-up: `unschedulablePodTimeBuffer`,
 * core/static_autoscaler.go.
 */
export const UNSCHEDULABLE_POD_BUFFER_MS = 2 * SECOND_MS;

/**
 * The same of the oldest pod that asks for a GPU: `unschedulablePodWithGpuTimeBuffer`,
 * core/static_autoscaler.go.
 */
export const UNSCHEDULABLE_GPU_POD_BUFFER_MS = 30 * SECOND_MS;

/** `--expendable-pods-priority-cutoff`: pods below it cause no scale-up. */
export const EXPENDABLE_PRIORITY_CUTOFF = -10;

/** `--max-nodes-per-scaleup`. */
export const MAX_NODES_PER_SCALE_UP = 1_000;

/**
 * Of the priority expander's ConfigMap: the capacity that is paid for anyway first, then Spot and
 * mixed groups, then On-Demand (EKS Best Practices, Cluster Autoscaler, "Prioritizing a node group / ASG"). Among groups
 * of one priority the default expander, least-waste, decides.
 */
export const EXPANDER_PRIORITIES = { reserved: 30, spot: 20, "on-demand": 10 } as const;

/** `--max-node-provision-time`, and `--max-node-startup-time`, which is as long. */
export const MAX_NODE_PROVISION_TIME_MS = 15 * MINUTE_MS;

/**
 * `--initial-node-group-backoff-duration`: for how long a node group rests after a failed scale-up. Each
 * failure in a row doubles it.
 */
export const INITIAL_BACKOFF_MS = 5 * MINUTE_MS;

/** `--max-node-group-backoff-duration`. */
export const MAX_BACKOFF_MS = 30 * MINUTE_MS;

/** `--node-group-backoff-reset-timeout`: after which the last failure is forgotten. */
export const BACKOFF_RESET_MS = 3 * HOUR_MS;

/** `--scale-down-delay-after-add`: no node is removed for so long after any scale-up, of whichever group. */
export const SCALE_DOWN_DELAY_AFTER_ADD_MS = 10 * MINUTE_MS;

/** `--scale-down-unneeded-time`. */
export const SCALE_DOWN_UNNEEDED_TIME_MS = 10 * MINUTE_MS;

/** `--scale-down-unready-time`. */
export const SCALE_DOWN_UNREADY_TIME_MS = 20 * MINUTE_MS;

/**
 * `--scale-down-gpu-utilization-threshold`, in thousandths of a node's GPUs requested. CPU and memory do
 * not count on a GPU node (simulator/utilization/info.go).
 */
export const GPU_UTILIZATION_THRESHOLD_MILLI = 500;

/** `--scale-down-utilization-threshold`, of CPU or memory, on nodes without GPUs. */
export const UTILIZATION_THRESHOLD_MILLI = 500;

/**
 * `--unremovable-node-recheck-timeout`: for how long a node whose pods could not go is not looked at
 * again.
 */
export const UNREMOVABLE_RECHECK_MS = 5 * MINUTE_MS;

/**
 * `--max-scale-down-parallelism`: nodes being deleted at a time, and as many again looked for in a loop
 * (core/scaledown/planner/planner.go, `unneededNodesLimit`).
 */
export const MAX_SCALE_DOWN_PARALLELISM = 10;

/** `--max-drain-parallelism`. */
export const MAX_DRAIN_PARALLELISM = 1;

/** `--node-delete-delay-after-taint`: an empty node is being deleted for so long. */
export const NODE_DELETE_DELAY_MS = 5 * SECOND_MS;

/**
 * `--max-pod-eviction-time`: for how long a refused eviction is tried again, each
 * `DefaultEvictionRetryTime` of 10 s.
 */
export const MAX_POD_EVICTION_TIME_MS = 2 * MINUTE_MS;

/**
 * `--max-graceful-termination-sec`, and `DefaultPodEvictionHeadroom` of 30 s: for how long evicted pods
 * are waited for.
 */
export const MAX_POD_EXIT_TIME_MS = 10 * MINUTE_MS + 30 * SECOND_MS;

/**
 * `--blocking-system-pod-distruption-timeout`: a pod of kube-system without a budget holds its node
 * until it is so old.
 */
export const SYSTEM_POD_DISRUPTION_TIMEOUT_MS = HOUR_MS;

/** `--ok-total-unready-count` and `--max-total-unready-percentage`: with more of both, nothing is done. */
export const OK_TOTAL_UNREADY_COUNT = 3;
export const MAX_TOTAL_UNREADY_PERCENTAGE = 45;
