/** A metric that a function emits each time it runs. Its dimensions are `service` and `cluster`. */
export interface Metric {
  readonly unit: "Count" | "Milliseconds" | "Seconds";
  readonly help: string;
}

/**
 * All metrics of the functions, out of which docs/metrics.md is made. CloudWatch takes money for each
 * by the hour in which it is sent: at most ten in all, none by pool or node, and none of what it tells
 * anyway (Duration, Errors and Throttles of a function, messages in the dead-letter queue).
 */
export const TICK_METRICS = {
  TickSucceeded: { unit: "Count", help: "Ticks that were observed, decided, carried out and recorded." },
  PendingPods: { unit: "Count", help: "Pods that want GPUs and have no node." },
  GpuNodes: { unit: "Count", help: "Instances of the pools' groups, those that are ending left out." },
  Launched: { unit: "Count", help: "Instances that were launched." },
  CapacityErrors: { unit: "Count", help: "Launches for which EC2 lacked capacity, wholly or in part." },
  MetricsAgeSeconds: {
    unit: "Seconds",
    help: "How old GPU measurements were; 3600 for older ones and for none. Not sent where there is no AMP workspace.",
  },
} as const satisfies Record<string, Metric>;

export const INTERRUPTION_METRICS = {
  Interruptions: { unit: "Count", help: "Instances of the pools that events told of, whatever they told." },
  CordonedAfterMs: {
    unit: "Milliseconds",
    help: "From EC2's warning to the cordon of its node; the longest of a batch.",
  },
  PodsEvicted: { unit: "Count", help: "Pods that were evicted from nodes of Spot instances." },
  PodsLeft: { unit: "Count", help: "Pods that could not be evicted before their instance went." },
} as const satisfies Record<string, Metric>;

/** Values by metric; those without one are not sent. */
export type Figures<Table> = { readonly [Name in keyof Table]?: number };
