import {
  addNodeOf,
  type CapacityType,
  ClusterSpace,
  daemonsOf,
  type Group,
  type NanoDollars,
  type NodeSpace,
  type NodeTemplate,
  nodeTemplate,
  offeringKey,
  type Policy,
  type Pool,
  type Prices,
  type Resources,
  type Snapshot,
} from "@gpu-autoscaler/core";
import type { KarpenterSettings } from "./constants.ts";

/** What a NodePool can launch: the instance types of one shape in a pool, which EC2 picks among. */
export interface InstanceType {
  readonly index: number;
  /** Also of the pool, so that it is the same type only where it has the same labels and taints. */
  readonly name: string;
  readonly pool: Pool;
  readonly template: NodeTemplate;
  /** What pods find on a new node, beside the pods of DaemonSets. */
  readonly allocatable: Resources;
  readonly offerings: readonly Offering[];
}

/** An instance type in a zone as one capacity type (core, pkg/cloudprovider/types.go). */
export interface Offering {
  readonly index: number;
  readonly type: InstanceType;
  readonly group: Group;
  readonly zone: string;
  readonly capacityType: CapacityType;
  /** For an hour; of reserved capacity nothing. */
  readonly price: NanoDollars;
  /** A new, empty node of it, to ask which pods it takes. */
  readonly node: NodeSpace;
}

export interface NodePool {
  readonly name: string;
  readonly types: readonly InstanceType[];
}

export interface Catalog {
  /** In the order of their weight. */
  readonly nodePools: readonly NodePool[];
  readonly types: readonly InstanceType[];
  /** By index. */
  readonly offerings: readonly Offering[];
  /** By `offeringKey`. */
  readonly byKey: ReadonlyMap<string, Offering>;
  readonly nodePoolOf: ReadonlyMap<InstanceType, NodePool>;
  /** Of the offerings' empty nodes alone. */
  readonly space: ClusterSpace;
}

/**
 * The instance types of all pools that are not in dry run. A group without a price or a shape is
 * left out; so are minimum sizes, which a NodePool has not.
 */
export function createCatalog(snapshot: Snapshot, policy: Policy, settings: KarpenterSettings): Catalog {
  const space = new ClusterSpace(snapshot.namespaces);
  const types: InstanceType[] = [];
  const all: Offering[] = [];
  for (const pool of policy.pools) {
    if (pool.dryRun) continue;
    const shapes = Map.groupBy(pool.groups, ({ instanceTypes }) => [...instanceTypes].sort().join("+"));
    for (const [name, groups] of shapes) {
      const template = templateOf(snapshot, pool, groups);
      if (!template) continue;
      const offerings: Offering[] = [];
      const empty = addNodeOf(template, space, `${pool.name}/${name}`, groups[0]?.zones[0] ?? "");
      const allocatable = { ...empty.free, extended: { ...empty.free.extended } };
      const type = {
        index: types.length,
        name: `${pool.name}/${name}`,
        pool,
        template,
        allocatable,
        offerings,
      };
      for (const each of offeringsOf(snapshot.prices, type, groups, space, all.length)) {
        offerings.push(each);
        all.push(each);
      }
      types.push(type);
    }
  }
  const nodePools = nodePoolsOf(types, settings);
  return {
    nodePools,
    types,
    offerings: all,
    byKey: new Map(all.map((each) => [offeringKey({ group: each.group.name, zone: each.zone }), each])),
    nodePoolOf: new Map(nodePools.flatMap((nodePool) => nodePool.types.map((type) => [type, nodePool]))),
    space,
  };
}

function templateOf(snapshot: Snapshot, pool: Pool, groups: readonly Group[]): NodeTemplate | null {
  const [group] = groups;
  const status = snapshot.groups.find(({ name }) => name === group?.name);
  return group && status ? nodeTemplate(pool, group, status.shapes, status.tags, daemonsOf(snapshot)) : null;
}

function offeringsOf(
  prices: Prices,
  type: InstanceType,
  groups: readonly Group[],
  space: ClusterSpace,
  from: number,
): Offering[] {
  const offerings: Offering[] = [];
  for (const group of groups) {
    for (const zone of group.zones) {
      const price = priceOf(prices, group, zone);
      if (price === null) continue;
      const index = from + offerings.length;
      const node = addNodeOf(type.template, space, `offering-${index}`, zone);
      offerings.push({ index, type, group, zone, capacityType: group.capacityType, price, node });
    }
  }
  return offerings;
}

/** Of the cheapest of the group's types, since EC2 is asked for the lowest price. */
function priceOf(prices: Prices, { capacityType, instanceTypes }: Group, zone: string): NanoDollars | null {
  if (capacityType === "reserved") return 0;
  const known = instanceTypes
    .map((name) => (capacityType === "spot" ? prices.spot[`${name}/${zone}`] : prices.onDemand[name]))
    .filter((price) => price !== undefined);
  return known.length === 0 ? null : Math.min(...known);
}

function nodePoolsOf(types: readonly InstanceType[], { nodePools }: KarpenterSettings): NodePool[] {
  if (nodePools === "one") return [{ name: "default", types }];
  const byPool = [...Map.groupBy(types, ({ pool }) => pool.name)].map(([name, its]) => ({
    name,
    types: its,
  }));
  return byPool.sort((a, b) => cheapestGpu(a) - cheapestGpu(b) || (a.name < b.name ? -1 : 1));
}

function cheapestGpu({ types }: NodePool): number {
  return Math.min(
    ...types.flatMap(({ offerings, template }) => offerings.map(({ price }) => price / template.gpus)),
  );
}
