import type { GroupSettings } from "@gpu-autoscaler/adapters/inspection";
import type { CapacityReader, ClusterObjects, EpochMs, Group } from "@gpu-autoscaler/core";
import type { ReachedCluster } from "../reach/reach.ts";

/** A cluster, and what several checks ask of it: each is read once. */
export interface Examined extends ReachedCluster {
  now(): EpochMs;
  objects(): Promise<ClusterObjects>;
  groups(): ReturnType<CapacityReader["readGroups"]>;
  settings(): Promise<readonly GroupSettings[]>;
  /** Of the configuration. */
  readonly configured: readonly Group[];
}

export function examined(cluster: ReachedCluster): Examined {
  const configured = cluster.policy.pools.flatMap(({ groups }) => groups);
  const { clock, clusterReader, capacityReader } = cluster.eyes;
  return {
    ...cluster,
    now: () => clock.now(),
    objects: once(() => clusterReader.readCluster()),
    groups: once(() => capacityReader.readGroups()),
    settings: once(() => cluster.aws.groups(configured.map(({ name }) => name))),
    configured,
  };
}

function once<Value>(read: () => Promise<Value>): () => Promise<Value> {
  let reading: Promise<Value> | null = null;
  return () => {
    reading ??= read();
    return reading;
  };
}
