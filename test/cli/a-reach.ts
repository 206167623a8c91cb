import { setPaused } from "@gpu-autoscaler/adapters";
import type { AwsInspection, KubernetesInspection, TableSettings } from "@gpu-autoscaler/adapters/inspection";
import {
  type DurationMs,
  type Eyes,
  type Group,
  type Policy,
  parseConfig,
  policyOf,
  type StateStore,
  type TickRecord,
} from "@gpu-autoscaler/core";
import { createMemoryStateStore } from "@gpu-autoscaler/sandbox";
import type { Reach, ReachedCluster, ReachedTable } from "gpu-autoscaler";

/** What of the world outside a test decides; everything else is as it should be. */
export interface ReachParts {
  readonly config: unknown;
  readonly eyes: Omit<Eyes, "stateStore">;
  readonly way?: Partial<ReachedCluster["way"]>;
  /** The table's name; null for none. */
  readonly table?: string | null;
  readonly stateStore?: StateStore;
  readonly settings?: Partial<TableSettings>;
  readonly decisions?: readonly TickRecord[];
  readonly aws?: Partial<AwsInspection>;
  readonly kubernetes?: Partial<KubernetesInspection>;
  readonly metricsUrl?: string | null;
  /** What happens while one waits; false ends what is going on. */
  readonly rest?: (ms: DurationMs) => Promise<boolean>;
}

/** The world outside as twins have it. `eyes.clock` is the time. */
export function aReach(parts: ReachParts): Reach & { readonly closed: () => number } {
  const { eyes, table = null, rest = async () => false } = parts;
  const { clusters } = parseConfig(parts.config);
  let closed = 0;
  const tableName = ({ table: given }: { readonly table?: string }) => given ?? table;
  return {
    clock: eyes.clock,
    rest,
    tableName,
    table: (name) => aTable(name, parts),
    async cluster({ cluster = clusters[0]?.name ?? "", table: given }) {
      const policy = policyOf(parseConfig(parts.config), cluster);
      const name = tableName(given === undefined ? {} : { table: given });
      return {
        policy,
        way: { context: "admin", endpoint: "https://api", eksCluster: null, eksRegion: null, ...parts.way },
        eyes,
        table: name === null ? null : aTable(name, parts),
        aws: { ...fineAws(policy), ...parts.aws },
        kubernetes: { ...FINE_KUBERNETES, ...parts.kubernetes },
        metricsUrl: parts.metricsUrl === undefined ? "https://aps/workspaces/ws-1" : parts.metricsUrl,
        allow() {},
        async close() {
          closed += 1;
        },
      };
    },
    closed: () => closed,
  };
}

const stores = new WeakMap<ReachParts, StateStore>();

function aTable(name: string, parts: ReachParts): ReachedTable {
  const stateStore = parts.stateStore ?? stores.get(parts) ?? createMemoryStateStore();
  stores.set(parts, stateStore);
  const settings = { status: "ACTIVE", partitionKey: "pk", sortKey: "sk", timeToLive: "expiresAt" };
  return {
    name,
    stateStore,
    setPaused: (cluster, pool, isPaused) => setPaused(stateStore, cluster, pool, isPaused),
    settings: async () => ({ ...settings, ...parts.settings }),
    async *decisions(cluster) {
      for (const record of parts.decisions ?? []) {
        if (record.cluster === cluster) yield { record, problem: null };
      }
    },
  };
}

const FINE_KUBERNETES: KubernetesInspection = {
  version: async () => ({ major: 1, minor: 35, text: "v1.35.2-eks-1" }),
  mayI: async () => true,
  mayGroup: async () => true,
  containersOf: async () => [],
  close: async () => {},
};

function fineAws({ pools }: Policy): AwsInspection {
  const groups = pools.flatMap((pool) => pool.groups);
  const zonesOf = (type: string) =>
    groups.filter(({ instanceTypes }) => instanceTypes.includes(type)).flatMap(({ zones }) => zones);
  return {
    groups: async () => groups.map(fineGroup),
    tryReads: async () => [{ action: "ec2:DescribeInstances", error: null }],
    offeredZones: async (types) => new Map(types.map((type) => [type, zonesOf(type)])),
    rehearseLaunch: async () => null,
    clockAheadMs: async () => 300,
  };
}

/** The group as it is deployed. */
export function fineGroup({ name, zones, instanceTypes, capacityType, maxNodes }: Group) {
  return {
    name,
    min: 0,
    max: maxNodes,
    zones,
    instanceTypes,
    isWeighted: false,
    distribution: {
      onDemandBase: 0,
      onDemandPercentage: capacityType === "spot" ? 0 : 100,
      spotAllocation: "price-capacity-optimized",
    },
    launchTemplate: { id: "lt-1", version: "1" },
    suspended: ["AZRebalance", "ReplaceUnhealthy"],
    protectsFromScaleIn: true,
    rebalancesCapacity: false,
    terminationHooks: [],
    subnets: ["subnet-1"],
    tags: { "gpu-autoscaler.io/cluster": "production" },
  };
}
