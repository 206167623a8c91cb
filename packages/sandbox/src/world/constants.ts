import { MINUTE_MS, SECOND_MS } from "@gpu-autoscaler/core";

/**
 * Every figure that the world is built on, with its source. "Modelled" marks a choice of ours where
 * nothing published says more.
 */

/** A length of time that the seed picks, in milliseconds, both ends included. */
export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The world begins at 2026-01-01T00:00:00Z unless told otherwise. */
export const DEFAULT_START_AT = 1_767_225_600_000;

/**
 * From the launch call to a node that serves: four stages, each drawn evenly, 150 to 300 s in sum.
 *
 * - `inService`: EC2 "pending" to "running". 16.4 s on five families (brevdev/ec2-coldboot-research);
 *   RunInstances to running 6 s and more (daemonology.net 2021-08-12).
 * - `registered`: boot and kubelet, until the Node is Ready. 40 s from launch to registration on CPU
 *   types (awslabs/amazon-eks-ami#1099, aws/karpenter-provider-aws#3102), 70 to 80 s
 *   (aws/karpenter-provider-aws#6128); "GPU instance types often take much longer to boot" (#1099).
 * - `gpus`: until the device plugin has registered the GPUs. About 90 s from the node's creation
 *   (NVIDIA/k8s-device-plugin#291), "about a minute" (cloudpilot-ai/karpenter-provider-gcp#148).
 * - `image`: the pull. 60 to 120 s for 15 GB (cloudwizz.com 2026-05-05); 4 to 6 min for 15 to 20 GB
 *   by plain pull (AWS Machine Learning Blog, SOCI on DLAMI, 2026-06), so this one is on the quick side.
 *
 * The image is pulled once a node, from the moment its GPUs are allocatable, whether a pod is there
 * or not: a pod that is bound before that stays Pending until the pull is over, later ones run at once.
 */
export const BOOT_STAGES = {
  inService: { fromMs: 15 * SECOND_MS, toMs: 30 * SECOND_MS },
  registered: { fromMs: 45 * SECOND_MS, toMs: 90 * SECOND_MS },
  gpus: { fromMs: 20 * SECOND_MS, toMs: 60 * SECOND_MS },
  image: { fromMs: 70 * SECOND_MS, toMs: 120 * SECOND_MS },
} as const satisfies Record<string, Range>;

/** From a raised desired capacity to the launch that Auto Scaling makes for it. Modelled: "some seconds". */
export const ASYNCHRONOUS_LAUNCH: Range = { fromMs: 5 * SECOND_MS, toMs: 15 * SECOND_MS };

/** How often Auto Scaling tries again to fill a desired capacity for which EC2 had nothing. Modelled. */
export const FILL_RETRY_MS = MINUTE_MS;

/** The most instances of one LaunchInstances call (Auto Scaling API reference, LaunchInstances). */
export const MAX_INSTANCES_PER_LAUNCH = 100;

/** From the call that terminates an instance until it, and its Node, are gone. Modelled: EC2's shutting-down. */
export const SHUTTING_DOWN_MS = 30 * SECOND_MS;

/** A Spot instance is taken two minutes after its notice (EC2 User Guide, Spot Instance interruption notices). */
export const SPOT_NOTICE_MS = 2 * MINUTE_MS;

/**
 * How long an evicted pod takes to exit: it heeds SIGTERM, well within the default grace period of
 * 30 s (Kubernetes, Pod Lifecycle), and within a shorter one that the eviction asks for. Modelled.
 */
export const POD_EXIT_MS = 5 * SECOND_MS;

/** An event from the cluster (unschedulable pods) or from EC2 wakes a tick a second after it happened. Modelled. */
export const WAKE_DELAY_MS = SECOND_MS;

/** DCGM is sampled at the project's 30 s, each GPU at the full half minute. */
export const SAMPLE_PERIOD_MS = 30 * SECOND_MS;

/** The window of a measurement's mean. */
export const MEASUREMENT_WINDOW_MS = 5 * MINUTE_MS;

/** For how long the last sample of a GPU is still told: as long as it matters to the decision. */
export const LAST_SAMPLE_MS = 30 * MINUTE_MS;

/** How busy the share of a GPU is that a pod holds, in thousandths: given by the terms of comparison. */
export const BUSY_MILLI = { training: 950, batch: 950, servingFrom: 200, servingTo: 900 } as const;

/** Value of the PriorityClass behind each priority: low stays above Cluster Autoscaler's cutoff of -10. */
export const PRIORITY_VALUE = { high: 1_000, normal: 0, low: -5 } as const;

/** What nodes of an instance being shut down bear (Kubernetes, Well-Known Labels, Annotations and Taints). */
export const NOT_READY_TAINT = "node.kubernetes.io/not-ready";

/** A run in which rows wait, none runs, and none was submitted, started or ended for so long, is over. */
export const STAGNATION_MS = 2 * 24 * 60 * MINUTE_MS;

/**
 * Spot weather: interruptions a Spot node-hour, in millionths. The totals are the terms of
 * comparison. In `bad`, three fifths of the rate come as storms: the same instance type in the same
 * zone, or a whole zone, loses `hitMilli` of its Spot nodes within `spreadMs`. Co-interruptions in an
 * instance type and zone occur within three minutes in 92 % of cases (arXiv 2604.16457). Rates of
 * storms are in millionths an hour of each type and zone, and of each zone: (40,000 + 20,000) × 0.5 =
 * 30,000 of the 50,000.
 */
export const WEATHERS = {
  none: { singlePerMillionHours: 0, storms: null },
  quiet: { singlePerMillionHours: 1_000, storms: null },
  usual: { singlePerMillionHours: 10_000, storms: null },
  bad: {
    singlePerMillionHours: 20_000,
    storms: {
      typePerMillionHours: 40_000,
      zonePerMillionHours: 20_000,
      hitMilli: 500,
      spreadMs: 3 * MINUTE_MS,
    },
  },
} as const;
export type Weather = keyof typeof WEATHERS;
