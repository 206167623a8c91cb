import {
  type CapacityType,
  type ControllerState,
  emptyState,
  expectedGpuResources,
  GPU_MODEL_LABEL,
  type Group,
  type GroupStatus,
  HOSTNAME_LABEL,
  HOUR_MS,
  INSTANCE_TYPE_LABEL,
  type Instance,
  type InstanceShape,
  instanceShape,
  MINUTE_MS,
  type Node,
  onDemandNanoDollarsPerHour,
  POOL_LABEL,
  type Policy,
  type Pool,
  type Prices,
  SECOND_MS,
  type Snapshot,
  ZONE_LABEL,
} from "@gpu-autoscaler/core";
import { aNode, type NodeBuilder } from "./node.ts";

/** Midnight of a Thursday, 2026-01-01, UTC: where tests begin. */
export const START = Date.UTC(2026, 0, 1);
export const ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"];

/** A pool of On-Demand nodes of the types in three zones, keeping empty nodes for 5 min, up to 1,000 nodes. */
export function aPool(
  name: string,
  instanceTypes: readonly string[],
  options: Partial<Pool> & PoolOptions = {},
): Pool {
  const { capacityTypes = ["on-demand"], zones = ZONES, group = {}, ...rest } = options;
  return {
    name,
    sharing: { kind: "whole" },
    labels: {},
    taints: [],
    minNodes: 0,
    maxNodes: 1000,
    keepTimeMs: 5 * MINUTE_MS,
    underusedAfterMs: 10 * MINUTE_MS,
    headroom: true,
    provisionTimeoutMs: 15 * MINUTE_MS,
    dryRun: false,
    groups: capacityTypes.map((capacityType) => ({
      name: `${name}-${capacityType}`,
      pool: name,
      capacityType,
      zones,
      instanceTypes,
      minNodes: 0,
      maxNodes: 1000,
      adopted: false,
      reservationEndsAt: null,
      ...group,
    })),
    ...rest,
  };
}

interface PoolOptions {
  readonly capacityTypes?: readonly CapacityType[];
  readonly zones?: readonly string[];
  /** For each group. */
  readonly group?: Partial<Group>;
}

/** Nothing waits before a launch, nothing is capped. */
export function aPolicy(pools: readonly Pool[], changes: Partial<Policy> = {}): Policy {
  return {
    cluster: "test",
    region: "us-east-1",
    pools,
    scaleUp: {
      pendingForMs: { high: 0, normal: 0, low: 0 },
      maxLaunchesPerTick: 1000,
      maxNodes: Number.POSITIVE_INFINITY,
      maxNanoDollarsPerHour: Number.POSITIVE_INFINITY,
    },
    spot: {
      shareMilli: 600,
      interruptibleClasses: ["training", "batch"],
      lossHours: 1,
      priorInterruptionsMilli: 10,
      expectFill: true,
    },
    scaleDown: {
      underusedShareMilli: 500,
      underusedUtilizationMilli: 200,
      closeAboveMilli: 1200,
      replaceAboveMilli: 1100,
      waitNanoDollarsPerHour: 2_000_000_000,
      disruptionShareMilli: 100,
      drainTimeoutMs: 15 * MINUTE_MS,
      drainRestMs: HOUR_MS,
      unreadyShareMilli: 450,
      unreadyNodes: 3,
    },
    headroom: { aboveMilli: 800, rearmBelowMilli: 700, keepMs: 30 * MINUTE_MS },
    capacityErrors: { firstRestMs: 3 * MINUTE_MS, longestRestMs: 30 * MINUTE_MS, forgetAfterMs: 3 * HOUR_MS },
    staleAfterMs: 3 * MINUTE_MS,
    ...changes,
  };
}

/** A node of a pool with its instance: ready, its GPUs there. */
export function aPoolNode(
  pool: Pool,
  name: string,
  options: { group?: number; zone?: string; instanceType?: string } = {},
): NodeBuilder {
  const group = pool.groups[options.group ?? 0];
  const instanceType = options.instanceType ?? group?.instanceTypes[0] ?? "";
  const shape = shapeOf(instanceType);
  return aNode(name)
    .labelled({
      [POOL_LABEL]: pool.name,
      [GPU_MODEL_LABEL]: shape.gpuModel,
      [INSTANCE_TYPE_LABEL]: instanceType,
      [HOSTNAME_LABEL]: name,
      [ZONE_LABEL]: options.zone ?? "us-east-1a",
      [GROUP_LABEL]: group?.name ?? "",
      ...pool.labels,
    })
    .with({
      taints: pool.taints,
      createdAt: START - HOUR_MS,
      allocatable: { ...shape.allocatable, extended: expectedGpuResources(pool.sharing, shape.gpus) },
    });
}

/** Tells the builder of snapshots which group a node's instance is of. */
const GROUP_LABEL = "test/group";

export interface SnapshotParts extends Partial<Omit<Snapshot, "state" | "groups">> {
  readonly state?: Partial<ControllerState>;
  /** Instances without a node, by group. */
  readonly instances?: Readonly<Record<string, readonly Instance[]>>;
  /** Changes of what Auto Scaling says, by group. */
  readonly statuses?: Readonly<Record<string, Partial<GroupStatus>>>;
}

/** Everything fresh at `now`; each node of `aPoolNode` has its instance in its group. */
export function aSnapshot(policy: Policy, parts: SnapshotParts = {}, now = START): Snapshot {
  const { state, instances = {}, statuses = {}, ...rest } = parts;
  const nodes = parts.nodes ?? [];
  const status = (group: Group): GroupStatus => {
    const existing = [
      ...nodes.filter((node) => node.labels[GROUP_LABEL] === group.name).map(instanceOf),
      ...(instances[group.name] ?? []),
    ];
    return {
      name: group.name,
      desired: existing.length,
      min: 0,
      max: group.maxNodes,
      instances: existing,
      shapes: group.instanceTypes.map(shapeOf),
      tags: {},
      reservedAvailable: group.capacityType === "reserved" ? group.maxNodes - existing.length : null,
      ...statuses[group.name],
    };
  };
  return {
    cluster: policy.cluster,
    freshness: freshAt(now),
    nodes,
    pods: [],
    daemonSets: [],
    namespaces: {},
    budgets: [],
    groups: policy.pools.flatMap((pool) => pool.groups.map(status)),
    prices: pricesOf(policy),
    measurements: [],
    interruptions: [],
    ...rest,
    state: { ...emptyState(policy.cluster), ...state },
  };
}

function freshAt(now: number): Snapshot["freshness"] {
  const fresh = { at: now, problem: null };
  return {
    nodes: fresh,
    pods: fresh,
    budgets: fresh,
    groups: fresh,
    prices: fresh,
    measurements: fresh,
    interruptions: fresh,
  };
}

export function anInstance(id: string, instanceType: string, changes: Partial<Instance> = {}): Instance {
  return {
    id,
    zone: "us-east-1a",
    instanceType,
    lifecycle: "in-service",
    healthy: true,
    launchedAt: START - HOUR_MS,
    ...changes,
  };
}

function instanceOf(node: Node): Instance {
  return anInstance(node.instanceId ?? "", node.labels[INSTANCE_TYPE_LABEL] ?? "", {
    zone: node.labels[ZONE_LABEL] ?? "",
    launchedAt: node.createdAt - 60 * SECOND_MS,
  });
}

/** On-Demand by the catalog, Spot at 0.35 of it. */
export function pricesOf(policy: Policy): Prices {
  const onDemand: Record<string, number> = {};
  const spot: Record<string, number> = {};
  for (const group of policy.pools.flatMap((pool) => pool.groups)) {
    for (const instanceType of group.instanceTypes) {
      const price = onDemandNanoDollarsPerHour(instanceType, policy.region);
      if (price === null) throw new Error(`no price of ${instanceType} in ${policy.region}`);
      onDemand[instanceType] = price;
      for (const zone of group.zones) spot[`${instanceType}/${zone}`] = Math.round(price * 0.35);
    }
  }
  return { onDemand, spot };
}

function shapeOf(instanceType: string): InstanceShape {
  const shape = instanceShape(instanceType);
  if (!shape) throw new Error(`the catalog has no ${instanceType}`);
  return shape;
}
