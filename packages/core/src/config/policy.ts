import { instanceType } from "../catalog/index.ts";
import { AutoscalerError } from "../model/errors.ts";
import { ARCH_LABEL } from "../model/keys.ts";
import type { Policy } from "../model/policy.ts";
import type { Pool } from "../model/pool.ts";
import type { Sharing } from "../model/sharing.ts";
import { HOUR_MS, NANO_DOLLARS_PER_DOLLAR } from "../model/units.ts";
import { groupsOf } from "./groups.ts";
import { nearest } from "./nearest.ts";
import type { ClusterConfig, Config, PoolConfig } from "./schema.ts";

/**
 * What the configuration decides for one of its clusters, in the program's units.
 *
 * @throws AutoscalerError "unknown-cluster" when the configuration has no cluster of that name
 */
export function policyOf(config: Config, clusterName: string): Policy {
  const cluster = config.clusters.find(({ name }) => name === clusterName);
  if (!cluster) throw unknownCluster(config, clusterName);
  const { scaleUp, limits, spot, scaleDown, headroom, capacityErrors } = cluster;
  return {
    cluster: cluster.name,
    region: cluster.region,
    pools: cluster.pools.map((pool) => poolOf(cluster, pool)),
    scaleUp: {
      pendingForMs: scaleUp.pendingFor,
      maxLaunchesPerTick: scaleUp.maxLaunchesPerTick,
      maxNodes: limits.nodes ?? Number.POSITIVE_INFINITY,
      maxNanoDollarsPerHour:
        limits.dollarsPerHour === undefined
          ? Number.POSITIVE_INFINITY
          : Math.round(limits.dollarsPerHour * NANO_DOLLARS_PER_DOLLAR),
    },
    spot: {
      shareMilli: Math.round(spot.share * 1000),
      interruptibleClasses: spot.interruptibleClasses,
      lossHours: spot.lossTime / HOUR_MS,
      priorInterruptionsMilli: Math.round(spot.interruptionsPerHour * 1000),
      expectFill: spot.expectFill,
    },
    scaleDown: {
      underusedShareMilli: Math.round(scaleDown.underusedBelow * 1000),
      underusedUtilizationMilli: Math.round(scaleDown.underusedUtilizationBelow * 1000),
      closeAboveMilli: Math.round(scaleDown.closeAbove * 1000),
      replaceAboveMilli: Math.round(scaleDown.replaceAbove * 1000),
      waitNanoDollarsPerHour: Math.round(scaleDown.waitDollarsPerHour * NANO_DOLLARS_PER_DOLLAR),
      disruptionShareMilli: Math.round(scaleDown.disruptionShare * 1000),
      drainTimeoutMs: scaleDown.drainTimeout,
      drainRestMs: scaleDown.drainRest,
      unreadyShareMilli: Math.round(scaleDown.unreadyShare * 1000),
      unreadyNodes: scaleDown.unreadyNodes,
    },
    headroom: {
      aboveMilli: Math.round(headroom.above * 1000),
      rearmBelowMilli: Math.round(headroom.rearmBelow * 1000),
      keepMs: headroom.keep,
    },
    capacityErrors: {
      firstRestMs: capacityErrors.firstRest,
      longestRestMs: capacityErrors.longestRest,
      forgetAfterMs: capacityErrors.forgetAfter,
    },
    staleAfterMs: cluster.staleAfter,
  };
}

function poolOf(cluster: ClusterConfig, pool: PoolConfig): Pool {
  return {
    name: pool.name,
    sharing: sharingOf(pool.sharing),
    labels: { ...archLabel(pool), ...pool.labels },
    taints: pool.taints,
    groups: groupsOf(cluster, pool),
    minNodes: pool.minNodes,
    maxNodes: pool.maxNodes,
    keepTimeMs: pool.keepTime ?? null,
    underusedAfterMs: pool.underusedAfter,
    headroom: pool.headroom,
    provisionTimeoutMs: pool.provisionTimeout,
    dryRun: pool.dryRun,
  };
}

function sharingOf({ timeSlicing, mig }: PoolConfig["sharing"]): Sharing {
  if (timeSlicing) {
    return { kind: "time-slicing", replicas: timeSlicing.replicas, renamed: timeSlicing.renameByDefault };
  }
  return mig ? { kind: "mig", ...mig } : { kind: "whole" };
}

/** Nodes are taken to be amd64 unless their pool's labels say otherwise. */
function archLabel(pool: PoolConfig): Record<string, string> {
  const arm64 = pool.instanceTypes?.some((name) => instanceType(name)?.arch === "arm64");
  return arm64 ? { [ARCH_LABEL]: "arm64" } : {};
}

function unknownCluster(config: Config, name: string): AutoscalerError {
  const names = config.clusters.map((cluster) => cluster.name);
  const meant = nearest(name, names);
  const advice = meant ? `did you mean "${meant}"?` : `it has ${names.join(", ")}`;
  return new AutoscalerError("unknown-cluster", `The configuration has no cluster "${name}": ${advice}`, {
    data: { name, names },
  });
}
