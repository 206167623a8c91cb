import {
  CLASS_LABEL,
  GANG_ANNOTATION,
  GANG_SIZE_ANNOTATION,
  HOSTNAME_LABEL,
  INSTANCE_TYPE_LABEL,
  instanceShape,
  POOL_LABEL,
  type Policy,
  type Pool,
  ZONE_LABEL,
} from "@gpu-autoscaler/core";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { aPolicy, aPool, ZONES } from "../builders/index.ts";

/** Objects as the API server tells them. */
export interface RawCluster {
  readonly nodes: readonly RawObject[];
  readonly pods: readonly RawObject[];
  readonly daemonSets: readonly unknown[];
  readonly budgets: readonly unknown[];
}

interface RawObject {
  readonly metadata: { readonly namespace?: string; readonly name: string };
}

/** In the order of the API server's lists, which is that of etcd's keys. */
export function asListed(raw: RawCluster): RawCluster {
  return { ...raw, nodes: byKey(raw.nodes), pods: byKey(raw.pods) };
}

function byKey(objects: readonly RawObject[]): readonly RawObject[] {
  const keyed = objects.map((object) => ({ object, key: keyOf(object) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ object }) => object);
}

function keyOf({ metadata: { namespace = "", name } }: RawObject): string {
  return `${namespace}/${name}`;
}

/** Whole numbers from `from` to `to`, by the seed. */
type Draw = (from: number, to: number) => number;

function drawBy(seed: number): Draw {
  const generator = xoroshiro128plus(seed);
  return (from, to) => uniformInt(generator, from, to);
}

const TYPES = [
  "g6.xlarge",
  "g6.2xlarge",
  "g6.12xlarge",
  "g6.48xlarge",
  "g5.12xlarge",
  "g5.48xlarge",
  "p4d.24xlarge",
  "p5.48xlarge",
];
const POOLS = 50;

/** 50 pools of eight instance types, On-Demand and Spot; a third tainted for a team, all labelled with one of ten. */
export function benchPolicy(): Policy {
  const pools = Array.from({ length: POOLS }, (_, i): Pool => {
    const type = TYPES[i % TYPES.length] ?? "g6.xlarge";
    return aPool(`pool-${i}`, [type], {
      capacityTypes: ["on-demand", "spot"],
      maxNodes: 10_000,
      group: { maxNodes: 10_000 },
      labels: { team: `team-${i % 10}`, accelerator: type.split(".")[0] ?? "" },
      taints: i % 3 === 0 ? [{ key: "team", value: `team-${i % 10}`, effect: "NoSchedule" }] : [],
    });
  });
  return aPolicy(pools, { scaleUp: { ...aPolicy([]).scaleUp, maxLaunchesPerTick: 10_000 } });
}

/**
 * `nodes` GPU nodes over the pools; 10 pods a node, a tenth of them pending: per node three
 * DaemonSet pods, GPU pods that fill it (a tenth of the nodes keep GPUs free) and small ones.
 * Pending pods come by jobs of 1 to 30, with mixed constraints.
 */
export function rawCluster(policy: Policy, nodes: number, seed = 1): RawCluster {
  const draw = drawBy(seed);
  const rawNodes: RawObject[] = [];
  const rawPods: RawObject[] = [];
  for (let i = 0; i < nodes; i++) {
    const pool = policy.pools[i % policy.pools.length];
    if (!pool) continue;
    const name = `ip-10-${i >> 16}-${(i >> 8) & 255}-${i & 255}.ec2.internal`;
    rawNodes.push(rawNode(pool, name, i, draw));
    rawPods.push(...podsOf(pool, name, i, draw));
  }
  rawPods.push(...pendingPods(policy, nodes, draw));
  return {
    nodes: rawNodes,
    pods: rawPods,
    daemonSets: ["aws-node", "dcgm-exporter", "nvidia-device-plugin"].map(rawDaemonSet),
    budgets: Array.from({ length: 20 }, (_, i) => ({
      metadata: { namespace: `team-${i % 10}`, name: `budget-${i}`, generation: 1 },
      spec: { minAvailable: 1, selector: { matchLabels: { app: `serve-${i}` } } },
      status: { disruptionsAllowed: 1, observedGeneration: 1 },
    })),
  };
}

const CREATED = "2025-12-31T20:00:00Z";

function rawNode(pool: Pool, name: string, i: number, draw: Draw) {
  const group = pool.groups[draw(0, 3) === 0 ? 1 : 0];
  const instanceType = group?.instanceTypes[0] ?? "";
  const shape = instanceShape(instanceType);
  const zone = ZONES[draw(0, 2)] ?? "";
  const amounts = {
    cpu: `${shape?.allocatable.cpuMilli}m`,
    memory: `${Math.floor((shape?.allocatable.memoryBytes ?? 0) / 1024)}Ki`,
    "ephemeral-storage": "95551679124",
    pods: "110",
    "nvidia.com/gpu": String(shape?.gpus ?? 0),
    "hugepages-2Mi": "0",
  };
  return {
    metadata: {
      name,
      uid: `node-${i}`,
      resourceVersion: String(1_000_000 + i),
      creationTimestamp: CREATED,
      labels: {
        [HOSTNAME_LABEL]: name,
        [INSTANCE_TYPE_LABEL]: instanceType,
        [ZONE_LABEL]: zone,
        [POOL_LABEL]: pool.name,
        "topology.kubernetes.io/region": "us-east-1",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/os": "linux",
        "k8s.amazonaws.com/accelerator": "nvidia",
        "nvidia.com/gpu.count": String(shape?.gpus ?? 0),
        "nvidia.com/gpu.product": shape?.gpuModel ?? "",
        "test/group": group?.name ?? "",
        ...pool.labels,
      },
      annotations: { "csi.volume.kubernetes.io/nodeid": `{"ebs.csi.aws.com":"i-${i}"}` },
    },
    spec: {
      providerID: `aws:///${zone}/i-${i.toString(16).padStart(17, "0")}`,
      taints: pool.taints,
    },
    status: {
      allocatable: amounts,
      capacity: amounts,
      conditions: ["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"].map((type) => ({
        type,
        status: type === "Ready" ? "True" : "False",
        lastTransitionTime: CREATED,
        lastHeartbeatTime: "2025-12-31T23:59:30Z",
        reason: "Kubelet",
        message: "kubelet is posting status",
      })),
      images: Array.from({ length: 5 }, (_, image) => ({
        names: [`registry.local/image-${image}`],
        sizeBytes: 1_000_000,
      })),
      nodeInfo: { kubeletVersion: "v1.34.1-eks", osImage: "Amazon Linux 2023", architecture: "amd64" },
    },
  };
}

const DAEMONS = ["aws-node", "dcgm-exporter", "nvidia-device-plugin"];

function podsOf(pool: Pool, node: string, i: number, draw: Draw): RawObject[] {
  const gpus = instanceShape(pool.groups[0]?.instanceTypes[0] ?? "")?.gpus ?? 1;
  const pods = DAEMONS.map((name) =>
    rawPod({
      name: `${name}-${i}`,
      namespace: "kube-system",
      owner: ["DaemonSet", name],
      cpu: "50m",
      memory: "64Mi",
      node,
    }),
  );
  const keepsFree = i % 10 === 0 && gpus > 1 ? draw(1, Math.floor(gpus / 2)) : 0;
  const gpuPods = Math.min(5, gpus);
  for (let p = 0; p < 6; p++) {
    const isGpu = p < gpuPods;
    const share = Math.floor(gpus / gpuPods) + (p < gpus % gpuPods ? 1 : 0);
    const gpu = isGpu ? (p === 0 ? Math.max(0, share - keepsFree) : share) : 0;
    const isServing = draw(0, 2) === 0;
    pods.push(
      rawPod({
        name: `work-${i}-${p}`,
        namespace: `team-${i % 10}`,
        owner: isServing ? ["ReplicaSet", `serve-${i % 20}`] : ["Job", `job-${i}-${p}`],
        labels: isServing ? { app: `serve-${i % 20}` } : { [CLASS_LABEL]: "training" },
        cpu: isGpu ? "500m" : "100m",
        memory: isGpu ? "1Gi" : "128Mi",
        gpu,
        node,
      }),
    );
  }
  return pods;
}

function pendingPods(policy: Policy, count: number, draw: Draw): RawObject[] {
  const pods: RawObject[] = [];
  for (let job = 0; pods.length < count; job++) {
    const size = Math.min(draw(1, 30), count - pods.length);
    const kind = pendingKind(policy, job, size, draw);
    for (let i = 0; i < size; i++) pods.push(rawPod({ ...kind, name: `pending-${job}-${i}` }));
  }
  return pods;
}

/** A tenth spread over zones, a tenth are one a node, a tenth are bound to a zone, a twentieth are gangs, half choose a team's pools. */
function pendingKind(policy: Policy, job: number, size: number, draw: Draw): Omit<RawPod, "name"> {
  const gpu = [1, 1, 1, 2, 4, 8][draw(0, 5)] ?? 1;
  const team = `team-${draw(0, policy.pools.length) % 10}`;
  const labels = {
    app: `pending-${job}`,
    [CLASS_LABEL]: ["training", "batch", "serving"][draw(0, 2)] ?? "batch",
  };
  const selector = { matchLabels: { app: `pending-${job}` } };
  const dice = draw(0, 19);
  const constraints =
    dice < 2
      ? {
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: ZONE_LABEL,
              whenUnsatisfiable: "DoNotSchedule",
              labelSelector: selector,
            },
          ],
        }
      : dice < 4
        ? {
            affinity: {
              podAntiAffinity: {
                requiredDuringSchedulingIgnoredDuringExecution: [
                  { topologyKey: HOSTNAME_LABEL, labelSelector: selector },
                ],
              },
            },
          }
        : dice < 6
          ? {
              affinity: {
                nodeAffinity: {
                  requiredDuringSchedulingIgnoredDuringExecution: {
                    nodeSelectorTerms: [
                      {
                        matchExpressions: [{ key: ZONE_LABEL, operator: "In", values: [ZONES[draw(0, 2)]] }],
                      },
                    ],
                  },
                },
              },
            }
          : {};
  return {
    namespace: team,
    owner: ["Job", `pending-${job}`],
    labels,
    ...(dice === 19 && {
      annotations: { [GANG_ANNOTATION]: `gang-${job}`, [GANG_SIZE_ANNOTATION]: String(size) },
    }),
    cpu: `${draw(1, 3) * gpu}`,
    memory: `${draw(1, 3) * gpu * 2}Gi`,
    gpu,
    spec: {
      ...constraints,
      ...(draw(0, 1) === 0 && { nodeSelector: { team } }),
      tolerations: [{ key: "team", operator: "Equal", value: team, effect: "NoSchedule" }],
    },
  };
}

interface RawPod {
  readonly name: string;
  readonly namespace: string;
  readonly owner: readonly [kind: string, name: string];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly cpu: string;
  readonly memory: string;
  readonly gpu?: number;
  readonly node?: string;
  readonly spec?: Readonly<Record<string, unknown>>;
}

function rawPod({
  name,
  namespace,
  owner,
  labels = {},
  annotations,
  cpu,
  memory,
  gpu = 0,
  node,
  spec = {},
}: RawPod) {
  const resources = { cpu, memory, ...(gpu > 0 && { "nvidia.com/gpu": String(gpu) }) };
  const [kind, ownerName] = owner;
  return {
    metadata: {
      name,
      namespace,
      uid: `pod-${namespace}-${name}`,
      resourceVersion: "12345",
      creationTimestamp: CREATED,
      labels: { "app.kubernetes.io/name": ownerName, ...labels },
      // An empty map is left out, as by the API server.
      ...(annotations && { annotations }),
      ownerReferences: [
        { apiVersion: "apps/v1", kind, name: ownerName, uid: `owner-${ownerName}`, controller: true },
      ],
    },
    spec: {
      containers: [
        {
          name: "main",
          image: "registry.local/train:1",
          env: [{ name: "RANK", value: "0" }],
          resources: { requests: resources, limits: gpu > 0 ? { "nvidia.com/gpu": String(gpu) } : {} },
          volumeMounts: [{ name: "token", mountPath: "/var/run/secrets/token", readOnly: true }],
        },
      ],
      priority: 0,
      schedulerName: "default-scheduler",
      volumes: [{ name: "token", projected: { sources: [] } }],
      ...(node !== undefined && { nodeName: node }),
      tolerations: [
        {
          key: "node.kubernetes.io/not-ready",
          operator: "Exists",
          effect: "NoExecute",
          tolerationSeconds: 300,
        },
        {
          key: "node.kubernetes.io/unreachable",
          operator: "Exists",
          effect: "NoExecute",
          tolerationSeconds: 300,
        },
      ],
      ...spec,
    },
    status:
      node === undefined
        ? {
            phase: "Pending",
            conditions: [
              {
                type: "PodScheduled",
                status: "False",
                reason: "Unschedulable",
                lastTransitionTime: "2025-12-31T23:50:00Z",
                message: "0/1000 nodes are available",
              },
            ],
          }
        : {
            phase: "Running",
            podIP: "10.0.0.1",
            conditions: ["PodScheduled", "Initialized", "ContainersReady", "Ready"].map((type) => ({
              type,
              status: "True",
              lastTransitionTime: CREATED,
            })),
          },
  };
}

function rawDaemonSet(name: string): unknown {
  return {
    metadata: { namespace: "kube-system", name, generation: 1 },
    spec: {
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: [{ name: "main", resources: { requests: { cpu: "50m", memory: "64Mi" } } }],
          tolerations: [{ operator: "Exists" }],
        },
      },
    },
  };
}
