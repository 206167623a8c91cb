import { AutoscalerError, type Config, type Policy, parseConfig, policyOf } from "@gpu-autoscaler/core";
import written from "../autoscaler.config.ts";

export type ClusterConfig = Config["clusters"][number];
export type PoolConfig = ClusterConfig["pools"][number];

/** The pools whose groups are ours to make, each with its groups. */
export interface OwnPool {
  readonly config: PoolConfig;
  readonly groups: Policy["pools"][number]["groups"];
}

/** @throws AutoscalerError "invalid-config" with every problem at once, "several-regions" */
export function readConfiguration(): Config {
  const config = parseConfig(written);
  checkRegion(config);
  return config;
}

/** The first cluster's region, whatever else is wrong: SST tells no error of `app`, but those of `run`. */
export function firstRegion(): string | undefined {
  return written.clusters?.[0]?.region;
}

/** A stage is deployed to one region. */
function checkRegion({ clusters }: Config): void {
  const regions = [...new Set(clusters.map(({ region }) => region))];
  if (regions.length === 1) return;
  throw new AutoscalerError(
    "several-regions",
    `autoscaler.config.ts has clusters in ${regions.join(" and ")}, and a stage is deployed to one region: give each region a checkout with a configuration of its own`,
    { data: { regions } },
  );
}

/** A pool that adopts groups has none of its own. */
export function ownPoolsOf(config: Config, cluster: ClusterConfig): OwnPool[] {
  const { pools } = policyOf(config, cluster.name);
  return cluster.pools.flatMap((pool, at) => {
    const groups = (pools[at]?.groups ?? []).filter((group) => !group.adopted);
    return groups.length === 0 ? [] : [{ config: pool, groups }];
  });
}

/** The names of the groups that others made. */
export function adoptedGroupsOf(cluster: ClusterConfig): string[] {
  return cluster.pools.flatMap(({ adopt = [] }) => adopt.map((group) => group.autoScalingGroup));
}
