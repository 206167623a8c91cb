import {
  type Daemons,
  daemonsOf,
  type Group,
  type GroupStatus,
  instanceType,
  type NodeTemplate,
  nodeTemplate,
  type Policy,
  type Pool,
  type Snapshot,
} from "@gpu-autoscaler/core";
import { EXPANDER_PRIORITIES } from "./constants.ts";

/** An Auto Scaling group as Cluster Autoscaler's cloud provider knows it. */
export interface AutoScalingGroup {
  readonly pool: Pool;
  readonly group: Group;
  readonly status: GroupStatus;
  /** What every new node of it is taken to be. */
  readonly template: NodeTemplate;
  /** The GPU resources that its nodes have to give. */
  readonly gpuResources: readonly string[];
}

/**
 * What Cluster Autoscaler expands: an Auto Scaling group of one zone, as its AWS documentation
 * advises for workloads that are bound to a zone (cloudprovider/aws/README.md, "Common Notes and
 * Gotchas"). With a share for Spot, the On-Demand and the Spot group of a pool stand for a group whose
 * MixedInstancesPolicy divides its instances, which is how Auto Scaling holds a share, and for an
 * On-Demand group beside it, for pods that Spot may not hold.
 */
export interface NodeGroup {
  /** The same in each of its zones. */
  readonly name: string;
  /** `name/zone`. */
  readonly id: string;
  readonly zone: string;
  readonly template: NodeTemplate;
  /** Of a node, as `Status.Capacity` has it: what least-waste measures by. */
  readonly capacity: { readonly cpuMilli: number; readonly memoryBytes: number };
  /** By the priority expander's ConfigMap: as its Spot instances, where it has some. */
  readonly priority: number;
  /** The group itself, unless it is a Spot group alone. */
  readonly base: AutoScalingGroup | null;
  /** The Spot instances of a MixedInstancesPolicy, or a Spot group alone; null where it has none. */
  readonly spot: AutoScalingGroup | null;
}

/** The cloud provider's view. */
export interface Cloud {
  /** By name, in the order of the configuration. */
  readonly groups: ReadonlyMap<string, AutoScalingGroup>;
  /** In the same order, each group's zones by name. */
  readonly nodeGroups: readonly NodeGroup[];
  /** What of the instances Spot may be, in thousandths. */
  readonly shareMilli: number;
}

/** Makes the cloud provider's view anew when something that it shows has changed. */
export function createCloudReader(): (snapshot: Snapshot, policy: Policy) => Cloud {
  const templates = new Map<string, KnownTemplate>();
  let made: { readonly snapshot: Snapshot; readonly policy: Policy; readonly cloud: Cloud } | null = null;
  return (snapshot, policy) => {
    const isKnown =
      made?.policy === policy &&
      made.snapshot.groups === snapshot.groups &&
      made.snapshot.daemonSets === snapshot.daemonSets;
    if (!made || !isKnown) made = { snapshot, policy, cloud: readCloud(snapshot, policy, templates) };
    return made.cloud;
  };
}

function readCloud(snapshot: Snapshot, policy: Policy, templates: Map<string, KnownTemplate>): Cloud {
  const { shareMilli } = policy.spot;
  const byName = new Map(snapshot.groups.map((status) => [status.name, status]));
  const daemons = daemonsOf(snapshot);
  const groups = policy.pools.flatMap((pool) =>
    pool.groups.flatMap((group): AutoScalingGroup[] => {
      const status = byName.get(group.name);
      const known = status ? templateOf(templates, snapshot, daemons, pool, group, status) : null;
      if (!status || !known?.template) return [];
      return [{ pool, group, status, template: known.template, gpuResources: known.gpuResources }];
    }),
  );
  const usable = groups.filter(({ group }) => shareMilli > 0 || group.capacityType !== "spot");
  return {
    groups: new Map(groups.map((each) => [each.group.name, each])),
    nodeGroups: nodeGroupsOf(usable, shareMilli < ALL),
    shareMilli,
  };
}

const ALL = 1_000;

/** A template is made once, as long as nothing that it follows from changes. */
interface KnownTemplate {
  readonly shapes: GroupStatus["shapes"];
  readonly tags: GroupStatus["tags"];
  readonly daemonSets: Snapshot["daemonSets"];
  readonly template: NodeTemplate | null;
  readonly gpuResources: readonly string[];
}

function templateOf(
  known: Map<string, KnownTemplate>,
  { daemonSets }: Snapshot,
  daemons: Daemons,
  pool: Pool,
  group: Group,
  { shapes, tags }: GroupStatus,
): KnownTemplate {
  const before = known.get(group.name);
  if (before && before.shapes === shapes && before.tags === tags && before.daemonSets === daemonSets) {
    return before;
  }
  const template = nodeTemplate(pool, group, shapes, tags, daemons);
  const gpus = Object.entries(template?.gpuResources ?? {}).filter(([, count]) => count > 0);
  const gpuResources = gpus.map(([name]) => name);
  const made = { shapes, tags, daemonSets, template, gpuResources };
  known.set(group.name, made);
  return made;
}

function nodeGroupsOf(groups: readonly AutoScalingGroup[], isShared: boolean): NodeGroup[] {
  const partners = new Map<AutoScalingGroup, AutoScalingGroup>();
  const taken = new Set<AutoScalingGroup>();
  for (const base of isShared ? groups : []) {
    if (base.group.capacityType !== "on-demand") continue;
    const partner = groups.find((other) => isPartner(base, other) && !taken.has(other));
    if (!partner) continue;
    partners.set(base, partner);
    taken.add(partner);
  }
  return groups
    .filter((each) => !taken.has(each))
    .flatMap((each) => {
      const partner = partners.get(each);
      const zones = each.group.zones.toSorted();
      const alone = zones.map((zone) => nodeGroupOf(each, null, zone));
      return partner ? [...zones.map((zone) => nodeGroupOf(each, partner, zone)), ...alone] : alone;
    });
}

/** A Spot group beside an On-Demand one, of the same instance types in the same zones. */
function isPartner(base: AutoScalingGroup, other: AutoScalingGroup): boolean {
  return (
    other.group.capacityType === "spot" &&
    other.pool === base.pool &&
    other.group.instanceTypes.join() === base.group.instanceTypes.join() &&
    other.group.zones.join() === base.group.zones.join()
  );
}

function nodeGroupOf(own: AutoScalingGroup, partner: AutoScalingGroup | null, zone: string): NodeGroup {
  const { group, template } = own;
  const spot = group.capacityType === "spot" ? own : partner;
  const name = partner ? `${group.name}+${partner.group.name}` : group.name;
  return {
    name,
    id: `${name}/${zone}`,
    zone,
    template,
    capacity: capacityOf(own),
    priority: EXPANDER_PRIORITIES[spot ? "spot" : group.capacityType],
    base: spot === own ? null : own,
    spot,
  };
}

/** Of the first instance type, as EC2 sells it; what can be allocated where the catalog does not have it. */
function capacityOf({ group, template }: AutoScalingGroup): NodeGroup["capacity"] {
  const type = instanceType(group.instanceTypes[0] ?? "");
  if (!type) return template.allocatable;
  return { cpuMilli: type.vcpus * 1_000, memoryBytes: type.memoryBytes };
}

/** The Auto Scaling groups behind a node group. */
export function partsOf({ base, spot }: NodeGroup): readonly AutoScalingGroup[] {
  return [base, spot].filter((each) => each !== null);
}
