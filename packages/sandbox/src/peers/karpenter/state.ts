import type { Effect, EpochMs, Policy, Snapshot } from "@gpu-autoscaler/core";
import type { Availability, UnavailableOfferings } from "./availability.ts";
import { createCatalog } from "./catalog.ts";
import { type Cluster, createCluster } from "./cluster.ts";
import type { Command, Validation } from "./commands.ts";
import type { KarpenterSettings } from "./constants.ts";
import type { InFlightClaim, Launch } from "./launcher.ts";
import type { PodRecord, PodRecords } from "./pod-records.ts";
import { type Target, targetsOf } from "./simulation.ts";

/** All that Karpenter holds in memory between two looks. */
export interface Karpenter {
  readonly settings: KarpenterSettings;
  readonly policy: Policy;
  readonly startedAt: EpochMs;
  readonly cluster: Cluster;
  readonly records: PodRecords;
  readonly unavailable: UnavailableOfferings;
  /** Launches whose instances are still to be seen. */
  launches: readonly Launch[];
  readonly provisioning: Provisioning;
  readonly disruption: Disruption;
  /** Of a version of the cluster. */
  targets: { readonly version: number; readonly list: readonly Target[] } | null;
  /** Of what has been planned, so that each effect has a key of its own. */
  planned: number;
}

/** The provisioner's memory. */
interface Provisioning {
  /** What opened the batching window or keeps it open, and when: pods by uid, nodes by id. */
  readonly triggers: Map<string, EpochMs>;
  lastRunAt: EpochMs;
  /** Of the cluster, at the last run. */
  version: number;
  /** Where the last run expects which pods. */
  placed: ReadonlyMap<PodRecord, Target>;
  failed: readonly PodRecord[];
  /** When an offering that may serve those will have rested; Infinity for never. */
  restedAt: EpochMs;
}

/** The disruption controller's memory. */
interface Disruption {
  /** A command that waits to be validated; the controller does nothing else meanwhile. */
  validation: Validation | null;
  /** Commands that wait for their replacement. */
  readonly commands: Command[];
  /** By method: the cluster (`consolidation`) in which it found nothing to do, and until when that holds. */
  readonly consolidated: Map<string, { readonly version: number; readonly until: EpochMs }>;
}

/** One look at the cluster: what it is asked with, and what it comes to. */
export interface Look {
  readonly now: EpochMs;
  readonly snapshot: Snapshot;
  /** From when interruptions and refused launches are known. */
  readonly availability: Availability;
  readonly effects: Effect[];
  /** Notes a time at which it would decide otherwise. */
  reconsider(at: EpochMs): void;
}

export function createState(
  snapshot: Snapshot,
  policy: Policy,
  settings: KarpenterSettings,
  now: EpochMs,
): Karpenter {
  return {
    settings,
    policy,
    startedAt: now,
    cluster: createCluster(createCatalog(snapshot, policy, settings), snapshot.namespaces),
    records: { policy, kinds: new Map(), offSpot: new Set() },
    unavailable: new Map(),
    launches: [],
    provisioning: {
      triggers: new Map(),
      lastRunAt: Number.NEGATIVE_INFINITY,
      version: -1,
      placed: new Map(),
      failed: [],
      restedAt: Number.POSITIVE_INFINITY,
    },
    disruption: { validation: null, commands: [], consolidated: new Map() },
    targets: null,
    planned: 0,
  };
}

export function nextKey(state: Karpenter): string {
  state.planned += 1;
  return `karpenter-${state.planned}`;
}

/** The same as long as the cluster is. */
export function targetsIn(state: Karpenter): readonly Target[] {
  const { cluster, launches } = state;
  if (state.targets?.version !== cluster.version) {
    const claims = launches.flatMap((launch): readonly InFlightClaim[] => launch.claims);
    state.targets = { version: cluster.version, list: targetsOf(cluster, claims) };
  }
  return state.targets.list;
}
