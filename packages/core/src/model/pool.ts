import type { Labels, Taint } from "./pod.ts";
import type { Resources } from "./resources.ts";
import type { Sharing } from "./sharing.ts";
import type { DurationMs, EpochMs, NanoDollars } from "./units.ts";

/** What EC2 sells a node as. A group holds one. */
export type CapacityType = "reserved" | "spot" | "on-demand";

/** GPU nodes that are interchangeable for scheduling. */
export interface Pool {
  readonly name: string;
  readonly sharing: Sharing;
  /** What its nodes bear besides the well-known labels (zone, instance type, hostname, …). */
  readonly labels: Labels;
  readonly taints: readonly Taint[];
  readonly groups: readonly Group[];
  readonly minNodes: number;
  readonly maxNodes: number;
  /** How long a node stays without a GPU pod; null for as long as its group's last free nodes were worth keeping. */
  readonly keepTimeMs: DurationMs | null;
  /** How long a node with GPU pods stays underused before it is drained; Infinity for ever. */
  readonly underusedAfterMs: DurationMs;
  /** Whether a free node is kept while serving pods are busy. */
  readonly headroom: boolean;
  /** Within which a launched instance must serve its expected GPUs. */
  readonly provisionTimeoutMs: DurationMs;
  readonly dryRun: boolean;
}

/** One Auto Scaling group of a pool. */
export interface Group {
  /** The Auto Scaling group's name. */
  readonly name: string;
  readonly pool: string;
  readonly capacityType: CapacityType;
  readonly zones: readonly string[];
  /** Of one shape; EC2 picks among them. */
  readonly instanceTypes: readonly string[];
  readonly minNodes: number;
  readonly maxNodes: number;
  /** A group that others made: it is scaled by its desired capacity, and its tags tell its template. */
  readonly adopted: boolean;
  /** When the Capacity Block behind a reserved group ends, or null. */
  readonly reservationEndsAt: EpochMs | null;
}

/** What a launch can address. */
export interface Offering {
  readonly group: string;
  readonly zone: string;
}

/** As a key in state and log: `group/zone`. */
export function offeringKey(offering: Offering): string {
  return `${offering.group}/${offering.zone}`;
}

/** What a new node of an instance type has to give, before the sharing layout. */
export interface InstanceShape {
  readonly instanceType: string;
  /** Physical GPUs. */
  readonly gpus: number;
  /** "l4", "h100", … or "" where unknown. */
  readonly gpuModel: string;
  readonly architecture: "amd64" | "arm64";
  /** Without GPU resources: those follow from `gpus` and the layout. */
  readonly allocatable: Resources;
}

export interface Instance {
  readonly id: string;
  readonly zone: string;
  readonly instanceType: string;
  readonly lifecycle: "pending" | "in-service" | "terminating";
  readonly healthy: boolean;
  readonly launchedAt: EpochMs;
}

/** What Auto Scaling says of a group. */
export interface GroupStatus {
  readonly name: string;
  readonly desired: number;
  readonly min: number;
  readonly max: number;
  readonly instances: readonly Instance[];
  /** One for each instance type of the group. */
  readonly shapes: readonly InstanceShape[];
  readonly tags: Readonly<Record<string, string>>;
  /** For a reserved group: instances that its reservation can still start; null otherwise. */
  readonly reservedAvailable: number | null;
  /** Why the last launch that desired capacity asked for failed, while it is unfilled; absent otherwise. */
  readonly launchFailure?: string;
}

/** Prices for an hour of an instance. */
export interface Prices {
  /** By instance type. */
  readonly onDemand: Readonly<Record<string, NanoDollars>>;
  /** By `instanceType/zone`. */
  readonly spot: Readonly<Record<string, NanoDollars>>;
}
