import { ClusterSpace, type CompiledPod, compilePod, type NodeSpace } from "../fit/index.ts";
import {
  ARCH_LABEL,
  GPU_MODEL_LABEL,
  HOSTNAME_LABEL,
  INSTANCE_TYPE_LABEL,
  OS_LABEL,
  POOL_LABEL,
  ZONE_LABEL,
} from "../model/keys.ts";
import type { Labels, PodSpec, Taint } from "../model/pod.ts";
import type { Group, GroupStatus, InstanceShape, Pool } from "../model/pool.ts";
import { minResources, NO_RESOURCES, type Resources } from "../model/resources.ts";
import { expectedGpuResources } from "../model/sharing.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { readNodeTemplateTags } from "./node-template-tags.ts";

/** What a new node of a group will be, whichever of the group's instance types it turns out to be. */
export interface NodeTemplate {
  readonly group: Group;
  readonly pool: Pool;
  /** Physical GPUs. */
  readonly gpus: number;
  /** The expected number of each GPU resource. */
  readonly gpuResources: Readonly<Record<string, number>>;
  readonly labels: Labels;
  readonly taints: readonly Taint[];
  /** In each resource the smallest of the group's types. */
  readonly allocatable: Resources;
  /** Pods of DaemonSets that every node will carry. */
  readonly daemons: readonly PodSpec[];
  /** What of the group's tags could not be read. */
  readonly problems: readonly string[];
}

/**
 * The template of a group's new nodes: in each resource the smallest of `shapes`, the sharing
 * layout's GPU resources, the pool's labels and taints, what an adopted group's
 * `k8s.io/cluster-autoscaler/node-template/…` tags say (they win, as in Cluster Autoscaler), and
 * the DaemonSets that will be there. null when neither shapes nor tags say what the nodes offer.
 */
export function nodeTemplate(
  pool: Pool,
  group: Group,
  shapes: readonly InstanceShape[],
  tags: GroupStatus["tags"],
  daemons: Daemons,
): NodeTemplate | null {
  const tagged = readNodeTemplateTags(tags);
  const smallest = smallestShape(shapes);
  if (!smallest && tagged.resources.cpuMilli === undefined) return null;

  const gpus = smallest?.gpus ?? tagged.resources.extended["nvidia.com/gpu"] ?? 0;
  const gpuResources = { ...expectedGpuResources(pool.sharing, gpus), ...tagged.resources.extended };
  const base = smallest?.allocatable ?? NO_RESOURCES;
  const allocatable: Resources = {
    cpuMilli: tagged.resources.cpuMilli ?? base.cpuMilli,
    memoryBytes: tagged.resources.memoryBytes ?? base.memoryBytes,
    ephemeralStorageBytes: tagged.resources.ephemeralStorageBytes ?? base.ephemeralStorageBytes,
    pods: tagged.resources.pods ?? (base.pods || DEFAULT_MAX_PODS),
    extended: { ...base.extended, ...gpuResources },
  };
  const labels: Labels = {
    [ARCH_LABEL]: smallest?.architecture ?? "amd64",
    [OS_LABEL]: "linux",
    // Which of several types comes is EC2's choice: a pod that wants a certain one cannot count on it.
    ...(smallest && shapes.length === 1 ? { [INSTANCE_TYPE_LABEL]: smallest.instanceType } : {}),
    [POOL_LABEL]: pool.name,
    ...(smallest?.gpuModel && shapes.every(({ gpuModel }) => gpuModel === smallest.gpuModel)
      ? { [GPU_MODEL_LABEL]: smallest.gpuModel }
      : {}),
    ...pool.labels,
    ...tagged.labels,
  };
  const taints = [...pool.taints, ...tagged.taints];
  const { problems } = tagged;
  const template = {
    group,
    pool,
    gpus,
    gpuResources,
    labels,
    taints,
    allocatable,
    daemons: [],
    problems,
  };
  return { ...template, daemons: daemonsOn(template, daemons) };
}

/** The kubelet's own default of `maxPods`, where nothing says more. */
const DEFAULT_MAX_PODS = 110;

/** Adds a node as the template would give it in a zone, with the pods of DaemonSets that it will carry. */
export function addNodeOf(
  template: NodeTemplate,
  space: ClusterSpace,
  name: string,
  zone: string,
): NodeSpace {
  const spec = {
    name,
    labels: { ...template.labels, [HOSTNAME_LABEL]: name, [ZONE_LABEL]: zone },
    taints: template.taints,
    unschedulable: false,
    allocatable: template.allocatable,
  };
  return space.addNode(spec, template.daemons);
}

function smallestShape(shapes: readonly InstanceShape[]): InstanceShape | null {
  const [first] = shapes;
  if (!first) return null;
  const gpus = Math.min(...shapes.map((shape) => shape.gpus));
  return { ...first, gpus, allocatable: shapes.map((shape) => shape.allocatable).reduce(minResources) };
}

function daemonsOn(template: NodeTemplate, daemons: Daemons): readonly PodSpec[] {
  const { compiled, space } = daemons;
  if (compiled.length === 0) return [];
  const node = addNodeOf(template, space, "template", template.group.zones[0] ?? "");
  for (const daemon of compiled) if (space.fits(daemon, node)) space.place(daemon.spec, node);
  space.removeNode(node);
  return node.pods;
}

/** DaemonSets of a cluster, prepared for many templates. */
export interface Daemons {
  readonly compiled: readonly CompiledPod[];
  /** To try them on nodes, one at a time. */
  readonly space: ClusterSpace;
}

export function daemonsOf({ daemonSets, namespaces }: Pick<Snapshot, "daemonSets" | "namespaces">): Daemons {
  const compiled = daemonSets.map(({ template }) => compilePod(template));
  return { compiled, space: new ClusterSpace(namespaces) };
}
