import * as fc from "fast-check";
import type { Node } from "../../packages/core/src/model/node.ts";
import type {
  LabelSelector,
  Labels,
  NodeSelector,
  Pod,
  PodAffinityTerm,
  Requirement,
  Taint,
  Toleration,
  TopologySpreadConstraint,
} from "../../packages/core/src/model/pod.ts";
import { aNode, aPod } from "../builders/index.ts";

/**
 * A small random cluster, crowded enough that what is in focus now holds and now fails: few zones,
 * few applications, nodes that are nearly full.
 */
export interface RandomWorld {
  readonly nodes: readonly Node[];
  /** With the node that each is on, whether it fits there or not. */
  readonly placed: readonly Pod[];
  readonly incoming: readonly Pod[];
}

const ZONE = "topology.kubernetes.io/zone";
const HOST = "kubernetes.io/hostname";
const GPU = "nvidia.com/gpu";

export const NAMESPACES: Readonly<Record<string, Labels>> = {
  default: { team: "a" },
  research: { team: "b" },
  lab: { team: "b", beta: "yes" },
};

const namespace = fc.constantFrom("default", "default", "research", "lab");
const app = fc.constantFrom("web", "api", "train");

const podLabels = fc.record({ app, version: fc.constantFrom("1", "2") }, { requiredKeys: [] });
const podRequirement: fc.Arbitrary<Requirement> = fc.oneof(
  { weight: 3, arbitrary: app.map((value) => ({ key: "app", operator: "In" as const, values: [value] })) },
  fc.record({
    key: fc.constantFrom("app", "version"),
    operator: fc.constantFrom("In" as const, "NotIn" as const),
    values: fc.uniqueArray(fc.constantFrom("web", "api", "train", "1", "2"), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    key: fc.constantFrom("app", "version"),
    operator: fc.constantFrom("Exists" as const, "DoesNotExist" as const),
    values: fc.constant([]),
  }),
);
const podSelector: fc.Arbitrary<LabelSelector | null> = fc.oneof(
  { weight: 12, arbitrary: fc.array(podRequirement, { minLength: 1, maxLength: 2 }) },
  { weight: 1, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.constant(null) },
);
const namespaceSelector: fc.Arbitrary<LabelSelector | null> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(null) },
  fc.constant([]),
  fc.constantFrom("a", "b").map((value) => [{ key: "team", operator: "In" as const, values: [value] }]),
  fc.constant([{ key: "beta", operator: "DoesNotExist" as const, values: [] }]),
);
/** "rack" is a label that some nodes lack. */
const topologyKey = fc.constantFrom(ZONE, ZONE, HOST, "rack");
const affinityTerm: fc.Arbitrary<PodAffinityTerm> = fc.record({
  topologyKey,
  selector: podSelector,
  namespaces: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    fc.uniqueArray(namespace, { maxLength: 2 }),
  ),
  namespaceSelector,
});
const constraint: fc.Arbitrary<TopologySpreadConstraint> = fc.record({
  topologyKey,
  maxSkew: fc.constantFrom(1, 1, 2),
  selector: podSelector,
  minDomains: fc.constantFrom(1, 1, 1, 2, 4),
  matchLabelKeys: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.constant(["version"])),
  nodeAffinityPolicy: fc.constantFrom("Honor" as const, "Honor" as const, "Ignore" as const),
  nodeTaintsPolicy: fc.constantFrom("Ignore" as const, "Ignore" as const, "Honor" as const),
});

const nodeRequirement: fc.Arbitrary<Requirement> = fc.oneof(
  fc.record({
    key: fc.constantFrom(ZONE, "rack", "gpus"),
    operator: fc.constantFrom("In" as const, "NotIn" as const),
    values: fc.uniqueArray(fc.constantFrom("a", "b", "c", "r1", "8"), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    key: fc.constantFrom("rack", "gpus"),
    operator: fc.constantFrom("Exists" as const, "DoesNotExist" as const),
    values: fc.constant([]),
  }),
  fc.record({
    key: fc.constantFrom("gpus", "rack"),
    operator: fc.constantFrom("Gt" as const, "Lt" as const),
    values: fc.constantFrom("1", "4", "8").map((value) => [value]),
  }),
);
const nodeName: fc.Arbitrary<Requirement> = fc.record({
  key: fc.constant("metadata.name"),
  operator: fc.constantFrom("In" as const, "NotIn" as const),
  values: fc.nat({ max: 5 }).map((index) => [`node-${index}`]),
});
const nodeSelector: fc.Arbitrary<NodeSelector> = fc.array(
  fc.record({
    matchExpressions: fc.array(nodeRequirement, { maxLength: 2 }),
    matchFields: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, fc.array(nodeName, { maxLength: 1 })),
  }),
  { minLength: 1, maxLength: 3 },
);

const taint: fc.Arbitrary<Taint> = fc.record({
  key: fc.constantFrom("gpu", "dedicated"),
  value: fc.constantFrom("", "x"),
  effect: fc.constantFrom(
    "NoSchedule" as const,
    "NoSchedule" as const,
    "NoExecute" as const,
    "PreferNoSchedule" as const,
  ),
});
const toleration: fc.Arbitrary<Toleration> = fc.record({
  key: fc.constantFrom("gpu", "gpu", "dedicated", "dedicated", "", "node.kubernetes.io/unschedulable"),
  operator: fc.constantFrom("Exists" as const, "Exists" as const, "Equal" as const),
  value: fc.constantFrom("", "x"),
  effect: fc.constantFrom("" as const, "NoSchedule" as const, "NoExecute" as const),
});
const amount = (max: number) => fc.oneof(fc.constant(0), fc.nat({ max }));
const resources: fc.Arbitrary<Pod["requests"]> = fc
  .record({
    cpuMilli: amount(5),
    memoryBytes: amount(5),
    ephemeralStorageBytes: amount(3),
    gpus: amount(5),
    shared: amount(1),
  })
  .map(({ gpus, shared, ...rest }) => ({
    ...rest,
    pods: 1,
    extended: { ...(gpus > 0 ? { [GPU]: gpus } : {}), ...(shared > 0 ? { "nvidia.com/gpu.shared": 0 } : {}) },
  }));

/** What a pod may demand, family by family. */
const DEMANDS = {
  resources: fc.record({ requests: resources }),
  taints: fc.record({ tolerations: fc.array(toleration, { maxLength: 2 }) }),
  "node selectors": fc.record({
    nodeSelector: fc.constantFrom<Labels[]>(
      {},
      {},
      {},
      { rack: "r1" },
      { [ZONE]: "a" },
      { [ZONE]: "b", rack: "r1" },
    ),
    nodeAffinity: fc.option(nodeSelector, { nil: null, freq: 1 }),
  }),
  "pod affinity": fc.record({ podAffinity: fc.array(affinityTerm, { maxLength: 2 }) }),
  "pod anti-affinity": fc.record({ podAntiAffinity: fc.array(affinityTerm, { maxLength: 2 }) }),
  "topology spread": fc.record({
    topologySpread: fc.array(constraint, { minLength: 1, maxLength: 2 }),
    nodeSelector: fc.constantFrom<Labels[]>({}, {}, { rack: "r1" }),
    tolerations: fc.constantFrom<Toleration[][]>(
      [],
      [{ key: "gpu", operator: "Exists", value: "", effect: "" }],
    ),
  }),
  "host ports": fc.record({
    hostPorts: fc.array(
      fc.record({
        hostIp: fc.constantFrom("0.0.0.0", "", "10.0.0.1", "10.0.0.2"),
        protocol: fc.constantFrom("TCP" as const, "UDP" as const),
        port: fc.constantFrom(80, 443),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  }),
  volumes: fc.record({ volumeTopologies: fc.array(nodeSelector, { maxLength: 2 }) }),
};

export const FAMILIES = Object.keys(DEMANDS);

export function world(focus: string): fc.Arbitrary<RandomWorld> {
  const pod = podWith(focus);
  return fc.array(node(focus), { minLength: 2, maxLength: 6 }).chain((drafts) => {
    const nodes = drafts.map((draft, index) => ({
      ...draft,
      name: `node-${index}`,
      labels: { ...draft.labels, [HOST]: `node-${index}` },
    }));
    const placed = fc.tuple(pod, fc.constantFrom(...nodes), fc.nat({ max: 5 }));
    return fc.record({
      nodes: fc.constant(nodes),
      placed: fc
        .array(placed, { maxLength: 10 })
        .map((pods) =>
          pods.map(([each, on, dice]) => ({ ...each, nodeName: on.name, deletedAt: dice === 0 ? 1 : null })),
        ),
      incoming: fc.array(pod, { minLength: 1, maxLength: 4 }),
    });
  });
}

function podWith(focus: string): fc.Arbitrary<Pod> {
  const seldom = (demand: fc.Arbitrary<Partial<Pod>>) =>
    fc.oneof({ weight: 8, arbitrary: fc.constant<Partial<Pod>>({}) }, { weight: 1, arbitrary: demand });
  const demands = Object.entries<fc.Arbitrary<Partial<Pod>>>(DEMANDS).map(([family, demand]) => {
    if (focus === family) return demand;
    return focus === "everything" ? seldom(demand) : fc.constant<Partial<Pod>>({});
  });
  return fc.tuple(namespace, podLabels, ...demands).map(([where, labels, ...parts]) =>
    aPod()
      .inNamespace(where)
      .labelled(labels)
      .with(Object.assign({}, ...parts))
      .build(),
  );
}

/** A node that only what is in focus keeps pods off. */
function node(focus: string): fc.Arbitrary<Node> {
  const mixed = focus === "everything";
  const small = focus === "resources" || mixed;
  const tainted = focus === "taints" || focus === "topology spread" || mixed;
  return fc
    .record({
      labels: fc.record(
        {
          [ZONE]: fc.constantFrom("a", "b", "c"),
          rack: fc.constantFrom("r1", "r1", "r2", "5"),
          gpus: fc.constantFrom("1", "4", "8", "many"),
        },
        { requiredKeys: [ZONE] },
      ),
      taints: tainted ? taints(focus === "taints" ? 1 : 5) : fc.constant([]),
      unschedulable: tainted ? fc.nat({ max: 9 }).map((dice) => dice === 0) : fc.constant(false),
      size: small ? fc.nat({ max: mixed ? 24 : 14 }) : fc.constant(1000),
    })
    .map(({ labels, taints, unschedulable, size }) => {
      const free = {
        cpuMilli: size,
        memoryBytes: size,
        ephemeralStorageBytes: size,
        pods: Math.ceil(size / 3),
      };
      return aNode()
        .with({
          labels: stripped(labels),
          taints,
          unschedulable,
          allocatable: { ...free, extended: { [GPU]: size } },
        })
        .build();
    });
}

function taints(weightOfNone: number): fc.Arbitrary<Taint[]> {
  return fc.oneof(
    { weight: weightOfNone, arbitrary: fc.constant<Taint[]>([]) },
    { weight: 2, arbitrary: fc.array(taint, { minLength: 1, maxLength: 2 }) },
  );
}

function stripped(labels: Readonly<Record<string, string | undefined>>): Labels {
  return Object.fromEntries(
    Object.entries(labels).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}
