import type { Policy, Snapshot } from "@gpu-autoscaler/core";
import { type Backoff, createBackoff } from "./backoff.ts";
import type { Clockwork } from "./clockwork.ts";
import type { Asked } from "./launches.ts";
import { createMachineKeeper, type Machines } from "./machines.ts";
import { type Cloud, createCloudReader } from "./node-groups.ts";
import { createPodKinds, type PodKinds } from "./pod-kinds.ts";
import type { RemovalMemory } from "./scale-down.ts";
import type { NodeMemory } from "./unneeded.ts";

/** What Cluster Autoscaler holds in its process from loop to loop. */
export interface Memory {
  readonly removals: RemovalMemory;
  readonly nodes: NodeMemory;
  readonly backoff: Backoff;
  /** Where the simulation put each pending pod last, by uid. */
  readonly hints: Map<string, string>;
  /** Of the last loop that launched: to see whether it came. */
  asked: readonly Asked[];
  /** Instances that are known not to have become ready in time. */
  readonly late: Set<string>;
  readCloud(snapshot: Snapshot, policy: Policy): Cloud;
  keepMachines(snapshot: Snapshot, cloud: Cloud, clock: Clockwork): Machines;
  readonly kinds: PodKinds;
}

export function createMemory(): Memory {
  return {
    removals: { lastScaleUpAt: Number.NEGATIVE_INFINITY, deletions: [], drains: new Map() },
    nodes: { unneededSince: new Map(), unremovable: new Map() },
    backoff: createBackoff(),
    hints: new Map(),
    asked: [],
    late: new Set(),
    readCloud: createCloudReader(),
    keepMachines: createMachineKeeper(),
    kinds: createPodKinds(),
  };
}
