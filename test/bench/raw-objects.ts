import {
  type Group,
  HOSTNAME_LABEL,
  INSTANCE_TYPE_LABEL,
  instanceShape,
  POOL_LABEL,
  type Pool,
  ZONE_LABEL,
} from "@gpu-autoscaler/core";

/** Objects as the API server tells them. */
export interface RawCluster {
  readonly nodes: readonly RawObject[];
  readonly pods: readonly RawObject[];
  readonly daemonSets: readonly unknown[];
  readonly budgets: readonly unknown[];
}

/** What names a listed object. */
export interface RawObject {
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

const CREATED = "2025-12-31T20:00:00Z";

/** The node of a pool's group in a zone, the `i`-th of the cluster. */
export function rawNode(pool: Pool, group: Group | undefined, zone: string, name: string, i: number) {
  const instanceType = group?.instanceTypes[0] ?? "";
  const shape = instanceShape(instanceType);
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

/** What pods of the bench differ in. */
export interface RawPod {
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

/** Running where it has a node, pending otherwise. */
export function rawPod({
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

export function rawDaemonSet(name: string): unknown {
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
