import * as z from "zod";
import { INSTANCE_TYPE_NAMES, instanceType } from "../catalog/index.ts";
import * as defaults from "./defaults.ts";
import { formatDuration } from "./duration.ts";
import {
  anyListOf,
  count,
  duration,
  instant,
  listOf,
  mustBe,
  oneOf,
  section,
  share,
  text,
} from "./fields.ts";
import { NodeLabels, NodeTaint } from "./kubernetes-names.ts";
import { nearest } from "./nearest.ts";

const WorkloadClass = oneOf(["training", "batch", "serving"]);

const Zone = text(
  /^[a-z]{2}(-[a-z]+)+-\d+(-[a-z]{3}-\d+)?[a-z]$/,
  'the name of an Availability Zone such as "us-east-1a"',
);

const KnownInstanceType = z
  .string({ error: mustBe('an instance type such as "g6.xlarge"') })
  .check((context) => {
    const message = instanceTypeProblem(context.value);
    if (message) context.issues.push({ code: "custom", message, input: context.value });
  });

function instanceTypeProblem(name: string): string | null {
  const known = instanceType(name);
  if (!known) {
    const meant = nearest(name, INSTANCE_TYPE_NAMES);
    const advice = meant ? `did you mean "${meant}"?` : 'NVIDIA instance types such as "g6.xlarge" are known';
    return `unknown instance type "${name}": ${advice}`;
  }
  return known.gpus > 0 ? null : `"${name}" has a fraction of a GPU, which a pool cannot be made of`;
}

const Sharing = section({
  /** Pods share each GPU in turns, without memory isolation. Named as in NVIDIA's device plugin. */
  timeSlicing: section({
    /** How many pods share a GPU. */
    replicas: count(2),
    /** Whether the resource becomes `nvidia.com/gpu.shared`. */
    renameByDefault: z.boolean({ error: mustBe("true or false") }).default(true),
  }).optional(),
  /** GPUs are cut into slices by hardware. */
  mig: section({
    strategy: oneOf(["single", "mixed"]),
    /** How many slices of each profile a GPU is cut into: `{ "1g.10gb": 7 }`. */
    profiles: z.record(z.string(), count(1), {
      error: mustBe('an object of MIG profiles such as { "1g.10gb": 7 }'),
    }),
  }).optional(),
});

const CapacityReservation = section({
  id: text(/^cr-[0-9a-f]{8,17}$/, 'a capacity reservation\'s id such as "cr-0123456789abcdef0"'),
  instanceType: KnownInstanceType,
  zone: Zone,
  /** When a Capacity Block ends. */
  endsAt: instant().optional(),
});

const AdoptedGroup = section({
  autoScalingGroup: text(/^[^:]{1,255}$/, "the name of an Auto Scaling group"),
  capacityType: oneOf(
    ["on-demand", "spot"],
    ": a group is all of one capacity type, so that a launch is priced and limited as what it is; make one of each",
  ),
  instanceTypes: listOf(
    z.string({ error: mustBe("an instance type") }),
    'a list of instance types such as ["g6.xlarge"]',
  ),
  zones: listOf(Zone, 'a list of zones such as ["us-east-1a"]').optional(),
  minNodes: count(0).default(0),
  maxNodes: count(1).optional(),
});

/** GPU nodes that are interchangeable for scheduling. */
export const PoolConfig = section({
  name: text(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'a name such as "l4-training" (a–z, 0–9, "-")'),
  /** EC2 instance types of one GPU model and GPU count. */
  instanceTypes: listOf(KnownInstanceType, 'a list of instance types such as ["g6.xlarge"]').optional(),
  /** For each an Auto Scaling group, and for each size of instance. */
  capacityTypes: anyListOf(
    oneOf(["on-demand", "spot"], "; reserved capacity goes into capacityReservations"),
    'a list such as ["spot", "on-demand"]',
  ).default(["on-demand", "spot"]),
  /** Some of the cluster's zones; all of them unless given. */
  zones: listOf(Zone, 'a list of zones such as ["us-east-1a"]').optional(),
  /** On-Demand Capacity Reservations and Capacity Blocks, which are used first. */
  capacityReservations: anyListOf(CapacityReservation, "a list of capacity reservations").default([]),
  /** Auto Scaling groups that exist already, instead of instanceTypes. */
  adopt: listOf(AdoptedGroup, "a list of groups to adopt").optional(),
  /** What nodes of groups of its own boot from: EKS's images with NVIDIA's driver. */
  image: oneOf(["al2023", "bottlerocket"]).default("al2023"),
  /** Whole GPUs unless given. */
  sharing: Sharing.prefault({}),
  labels: NodeLabels.default({}),
  taints: anyListOf(NodeTaint, "a list of taints").default([]),
  minNodes: count(0).default(0),
  maxNodes: count(1),
  /** How long a node stays without a GPU pod; as long as pays, up to 10 min, unless given. */
  keepTime: duration().optional(),
  /** How long a node with GPU pods stays underused before its pods are moved and it is ended. */
  underusedAfter: duration().prefault(formatDuration(defaults.UNDERUSED_AFTER_MS)),
  /** Whether a free node is kept while the pool's serving pods measure busy. */
  headroom: z.boolean({ error: mustBe("true or false") }).default(true),
  /** Within which a launched instance must serve its GPUs, or is ended. */
  provisionTimeout: duration("above zero").prefault(formatDuration(defaults.PROVISION_TIMEOUT_MS)),
  /** Decide and record, but do nothing. */
  dryRun: z.boolean({ error: mustBe("true or false") }).default(false),
});
export type PoolConfig = z.output<typeof PoolConfig>;

const pendingFor = (ms: number) => duration().prefault(formatDuration(ms));

/** A cluster but for its pools. */
const clusterShape = {
  /** The EKS cluster's name. */
  name: text(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, "the EKS cluster's name"),
  region: text(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region such as "us-east-1"'),
  /** Where the cluster has subnets for nodes. */
  zones: listOf(Zone, 'a list of zones such as ["us-east-1a", "us-east-1b"]'),
  scaleUp: section({
    /** How long unschedulable pods wait before nodes are launched for them, by priority. */
    pendingFor: section({
      high: pendingFor(defaults.PENDING_FOR_MS.high),
      normal: pendingFor(defaults.PENDING_FOR_MS.normal),
      low: pendingFor(defaults.PENDING_FOR_MS.low),
    }).prefault({}),
    maxLaunchesPerTick: count(1).default(defaults.MAX_LAUNCHES_PER_TICK),
  }).prefault({}),
  /** Of the whole cluster; without limit unless given. */
  limits: section({
    nodes: count(1).optional(),
    dollarsPerHour: z
      .number({ error: mustBe("dollars above 0") })
      .positive({ error: mustBe("dollars above 0") })
      .max(1_000_000, { error: mustBe("dollars, at most 1,000,000 an hour") })
      .optional(),
  }).prefault({}),
  spot: section({
    /** The most of interruptible GPUs that Spot may hold. */
    share: share().default(defaults.SPOT_SHARE),
    interruptibleClasses: anyListOf(WorkloadClass, 'a list such as ["training", "batch"]').default([
      ...defaults.INTERRUPTIBLE_CLASSES,
    ]),
    /** Work that an interruption costs, in time of the node. */
    lossTime: duration().prefault(formatDuration(defaults.SPOT_LOSS_MS)),
    /** To expect of an offering of which nothing is known. */
    interruptionsPerHour: share().default(defaults.SPOT_INTERRUPTIONS_PER_HOUR),
    /** Whether pods that are still to come pay for a part of a Spot node. */
    expectFill: z.boolean({ error: mustBe("true or false") }).default(true),
  }).prefault({}),
  scaleDown: section({
    /** A node of whose GPUs less is requested is underused. */
    underusedBelow: share().default(defaults.UNDERUSED_GPU_SHARE),
    /** So is a node each of whose GPUs measured less. */
    underusedUtilizationBelow: share().default(defaults.UNDERUSED_UTILIZATION),
    /** A node that costs each of its pods more than so many times what it would cost elsewhere takes no new ones. */
    closeAbove: z
      .number({ error: mustBe("a number, 1 or more") })
      .min(1, { error: mustBe("a number, 1 or more") })
      .default(defaults.CLOSE_ABOVE),
    /** Dear nodes whose pods may be moved are replaced when they cost more than so many times what replaces them. */
    replaceAbove: z
      .number({ error: mustBe("a number, 1 or more") })
      .min(1, { error: mustBe("a number, 1 or more") })
      .default(defaults.REPLACE_ABOVE),
    /** What an hour of a pod's waiting is worth, when free nodes are kept for as long as pays. */
    waitDollarsPerHour: z
      .number({ error: mustBe("dollars, 0 or more") })
      .min(0, { error: mustBe("dollars, 0 or more") })
      .max(1_000_000, { error: mustBe("dollars, at most 1,000,000 an hour") })
      .default(defaults.WAIT_DOLLARS_PER_HOUR),
    /** The most of a pool's nodes that are drained of their pods at a time, at least one. Empty nodes do not count. */
    disruptionShare: share().default(defaults.DISRUPTION_SHARE),
    /** A drain that is not done by then is undone, */
    drainTimeout: duration("above zero").prefault(formatDuration(defaults.DRAIN_TIMEOUT_MS)),
    /** and its node left alone for so long. */
    drainRest: duration().prefault(formatDuration(defaults.DRAIN_REST_MS)),
    /** With more of the nodes unready, and more than `unreadyNodes`, nothing is scaled down. */
    unreadyShare: share().default(defaults.UNREADY_SHARE),
    unreadyNodes: count(0).default(defaults.UNREADY_NODES),
  }).prefault({}),
  /** A free node is kept in a pool whose serving pods' GPUs measure busy, by their mean over 5 min. */
  headroom: section({
    above: share().default(defaults.HEADROOM_ABOVE),
    /** Headroom that nobody used is kept again only after the mean fell below. */
    rearmBelow: share().default(defaults.HEADROOM_REARM_BELOW),
    keep: duration("above zero").prefault(formatDuration(defaults.HEADROOM_KEEP_MS)),
  }).prefault({}),
  /** After a capacity error an offering rests, twice as long after each in a row. */
  capacityErrors: section({
    firstRest: duration("above zero").prefault(formatDuration(defaults.CAPACITY_ERROR_FIRST_REST_MS)),
    longestRest: duration("above zero").prefault(formatDuration(defaults.CAPACITY_ERROR_LONGEST_REST_MS)),
    forgetAfter: duration("above zero").prefault(formatDuration(defaults.CAPACITY_ERROR_FORGET_AFTER_MS)),
  }).prefault({}),
  /** Where GPU measurements come from. */
  metrics: section({
    /** A workspace that exists already, in the cluster's region; one is made unless given. */
    workspaceId: text(/^ws-[0-9a-z-]{4,64}$/, 'the id of a workspace such as "ws-0123abcd-…"').optional(),
    /** Whether a scraper is made that collects the cluster's GPU measurements. */
    scraper: z.boolean({ error: mustBe("true or false") }).default(true),
    /** Whether the recording rules are loaded into the workspace. */
    recordingRules: z.boolean({ error: mustBe("true or false") }).default(true),
  }).prefault({}),
  network: section({
    /** Where nodes are launched; the cluster's own subnets unless given. */
    subnets: listOf(text(/^subnet-[0-9a-f]{8,17}$/, "a subnet's id"), "a list of subnets").optional(),
    /** Of the nodes; the cluster's own security group unless given. */
    securityGroups: listOf(
      text(/^sg-[0-9a-f]{8,17}$/, "a security group's id"),
      "a list of security groups",
    ).optional(),
    /** Whether VPC endpoints are made for functions that run in the cluster's VPC. */
    vpcEndpoints: z.boolean({ error: mustBe("true or false") }).default(true),
  }).prefault({}),
  /** How old what was observed may be before nothing is done on it. */
  staleAfter: duration("above zero").prefault(formatDuration(defaults.STALE_AFTER_MS)),
};

const POOLS = "a list of pools";
export const ClusterConfig = section({ ...clusterShape, pools: listOf(PoolConfig, POOLS) });
export type ClusterConfig = z.output<typeof ClusterConfig>;

const CLUSTERS = "a list of clusters";
export const Config = section({ clusters: listOf(ClusterConfig, CLUSTERS) });
/** The configuration, read: durations and instants in milliseconds, defaults filled in. */
export type Config = z.output<typeof Config>;
/** The configuration as it is written in `autoscaler.config.ts`. */
export type ConfigInput = z.input<typeof Config>;

/** The same without their parts, so that a problem in one part does not hide those in others. */
export const ClusterShell = section({ ...clusterShape, pools: listOf(z.unknown(), POOLS) });
export const ConfigShell = section({ clusters: listOf(z.unknown(), CLUSTERS) });

/** What of them can be read, when not all of their fields can. */
export const PartialPool = PoolConfig.partial();
export type PartialPool = z.output<typeof PartialPool>;
export const PartialClusterShell = ClusterShell.partial();
export type PartialClusterShell = z.output<typeof PartialClusterShell>;
export const PartialConfigShell = ConfigShell.partial();
