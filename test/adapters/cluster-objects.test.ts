import {
  clusterObjectsFrom,
  daemonSetFrom,
  nodeFrom,
  podDisruptionBudgetFrom,
} from "@gpu-autoscaler/adapters";
import { describe, expect, test } from "vitest";
import { aPod } from "../builders/index.ts";
import { asking, inRawZone, rawClaim, rawPod } from "./raw.ts";

test("pods of one node share the text of its name, which is their own", () => {
  const nodeNames = ["node-with-a-long-name-1", "node-with-a-long-name-2", "node-with-a-long-name-1"];
  const pods = nodeNames.map((nodeName, i) =>
    JSON.parse(JSON.stringify(rawPod({ nodeName }, { metadata: { name: `p${i}` } }))),
  );
  const objects = clusterObjectsFrom({ at: 0, nodes: [], pods, daemonSets: [], namespaces: [], budgets: [] });
  expect(objects.pods.map(({ nodeName }) => nodeName)).toEqual(nodeNames);
});

describe("pods listed after one another", () => {
  const read = (metadata: Record<string, unknown>[]) => {
    const pods = JSON.parse(JSON.stringify(metadata.map((each) => rawPod({}, { metadata: each }))));
    return clusterObjectsFrom({ at: 0, nodes: [], pods, daemonSets: [], namespaces: [], budgets: [] }).pods;
  };
  const owner = (uid: string, kind = "ReplicaSet", name = "web") => [{ kind, name, uid, controller: true }];

  test("share labels and owner where these are the same", () => {
    const [a, b] = read([
      { name: "a", labels: { app: "web", hash: "1" }, ownerReferences: owner("1") },
      { name: "b", labels: { hash: "1", app: "web" }, ownerReferences: owner("1") },
    ]);
    expect(a?.labels).toEqual({ app: "web", hash: "1" });
    expect(b?.labels).toBe(a?.labels);
    expect(a?.owner).toEqual({ kind: "ReplicaSet", name: "web", uid: "1" });
    expect(b?.owner).toBe(a?.owner);
  });

  test("have their own where they differ in anything", () => {
    const pods = read([
      { name: "a", labels: { app: "web" }, ownerReferences: owner("1") },
      { name: "b", labels: { app: "web", hash: "1" }, ownerReferences: owner("2") },
      { name: "c", labels: { app: "db", hash: "1" }, ownerReferences: owner("2", "Job") },
      { name: "d" },
      { name: "e", labels: { app: "db", hash: "1" }, ownerReferences: owner("2") },
      { name: "f", labels: { app: "db" }, ownerReferences: owner("2", "ReplicaSet", "db") },
    ]);
    expect(pods.map(({ labels }) => labels)).toEqual([
      { app: "web" },
      { app: "web", hash: "1" },
      { app: "db", hash: "1" },
      {},
      { app: "db", hash: "1" },
      { app: "db" },
    ]);
    expect(pods.map(({ owner }) => owner)).toEqual([
      { kind: "ReplicaSet", name: "web", uid: "1" },
      { kind: "ReplicaSet", name: "web", uid: "2" },
      { kind: "Job", name: "web", uid: "2" },
      null,
      { kind: "ReplicaSet", name: "web", uid: "2" },
      { kind: "ReplicaSet", name: "db", uid: "2" },
    ]);
  });
});

const rawNode = {
  apiVersion: "v1",
  kind: "Node",
  metadata: {
    name: "ip-10-0-0-1.ec2.internal",
    uid: "n1",
    resourceVersion: "42",
    creationTimestamp: "2026-01-01T00:00:00Z",
    labels: { "topology.kubernetes.io/zone": "us-east-1a" },
    annotations: { a: "b" },
  },
  spec: {
    providerID: "aws:///us-east-1a/i-0123456789abcdef0",
    unschedulable: true,
    taints: [
      { key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" },
      { key: "old", effect: "PreferNoSchedule", timeAdded: "2026-01-01T00:00:00Z" },
      { key: "odd", effect: "NoBreathing" },
    ],
  },
  status: {
    allocatable: {
      cpu: "191450m",
      memory: "764587460Ki",
      "ephemeral-storage": "95551679124",
      pods: "234",
      "nvidia.com/gpu": "8",
    },
    conditions: [
      { type: "MemoryPressure", status: "False" },
      { type: "Ready", status: "True" },
    ],
  },
};

test("a node is what the kubelet says of it", () => {
  expect(nodeFrom(rawNode)).toEqual({
    name: "ip-10-0-0-1.ec2.internal",
    uid: "n1",
    resourceVersion: "42",
    instanceId: "i-0123456789abcdef0",
    labels: { "topology.kubernetes.io/zone": "us-east-1a" },
    annotations: { a: "b" },
    taints: [
      { key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" },
      { key: "old", value: "", effect: "PreferNoSchedule" },
    ],
    unschedulable: true,
    ready: true,
    createdAt: Date.parse("2026-01-01T00:00:00Z"),
    allocatable: {
      cpuMilli: 191_450,
      memoryBytes: 764_587_460 * 1024,
      ephemeralStorageBytes: 95_551_679_124,
      pods: 234,
      extended: { "nvidia.com/gpu": 8 },
    },
  });
});

test("a node that has only just come has nothing to give and is not ready", () => {
  const node = nodeFrom({ metadata: { name: "new" } });
  expect(node).toMatchObject({
    ready: false,
    unschedulable: false,
    taints: [],
    labels: {},
    instanceId: null,
  });
  expect(node.allocatable).toEqual({
    cpuMilli: 0,
    memoryBytes: 0,
    ephemeralStorageBytes: 0,
    pods: 0,
    extended: {},
  });
});

describe("the instance of a node", () => {
  const cases: Record<string, [string | null, string | null]> = {
    "is the end of its provider id": ["aws:///us-east-1a/i-0abc", "i-0abc"],
    "is none for Fargate": ["aws:///us-east-1a/1234-abcd/fargate-ip-10-0-0-1", null],
    "is none for another provider": ["kind://docker/kind/kind-control-plane", null],
    "is none without a provider id": [null, null],
  };
  test.each(Object.entries(cases))("%s", (_, [providerID, want]) => {
    expect(nodeFrom({ metadata: { name: "n" }, spec: { providerID } }).instanceId).toBe(want);
  });
});

test("a node whose quantity cannot be read is named", () => {
  const raw = { metadata: { name: "n" }, status: { allocatable: { pods: "many" } } };
  expect(() => nodeFrom(raw)).toThrow('Node n: pods: "many" is not a Kubernetes quantity');
});

test("a DaemonSet is its template, which tolerates what the controller adds", () => {
  const daemonSet = daemonSetFrom({
    metadata: { name: "dcgm", namespace: "gpu" },
    spec: {
      selector: {},
      template: {
        metadata: { labels: { app: "dcgm" } },
        spec: {
          hostNetwork: true,
          containers: [asking({ cpu: "100m" }, { ports: [{ containerPort: 9400 }] })],
          tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }],
        },
      },
    },
  });
  const want = aPod()
    .inNamespace("gpu")
    .labelled({ app: "dcgm" })
    .cpu(0.1)
    .onHostPort(9400, { hostIp: "" })
    .build();
  expect(daemonSet).toMatchObject({ namespace: "gpu", name: "dcgm" });
  const { tolerations, ...template } = daemonSet.template;
  expect(want).toMatchObject(template);
  expect(tolerations.map(({ key, operator, effect }) => `${key} ${operator} ${effect}`)).toEqual([
    "nvidia.com/gpu Exists ",
    "node.kubernetes.io/not-ready Exists NoExecute",
    "node.kubernetes.io/unreachable Exists NoExecute",
    "node.kubernetes.io/disk-pressure Exists NoSchedule",
    "node.kubernetes.io/memory-pressure Exists NoSchedule",
    "node.kubernetes.io/pid-pressure Exists NoSchedule",
    "node.kubernetes.io/unschedulable Exists NoSchedule",
    "node.kubernetes.io/network-unavailable Exists NoSchedule",
  ]);
});

test("a DaemonSet whose template cannot be read is named with the field", () => {
  const raw = { metadata: { name: "dcgm", namespace: "gpu" }, spec: { template: { spec: {} } } };
  expect(() => daemonSetFrom(raw)).toThrow(
    "DaemonSet gpu/dcgm: spec.template.spec.containers: Invalid input",
  );
});

describe("a PodDisruptionBudget", () => {
  const budget = (spec: object, status: object) =>
    podDisruptionBudgetFrom({ metadata: { name: "web", namespace: "shop", generation: 2 }, spec, status });
  const selector = { matchLabels: { app: "web" } };

  test("allows as many disruptions as its status says", () => {
    expect(budget({ selector }, { disruptionsAllowed: 3, observedGeneration: 2 })).toEqual({
      namespace: "shop",
      name: "web",
      selector: [{ key: "app", operator: "In", values: ["web"] }],
      disruptionsAllowed: 3,
    });
  });

  test("allows none while its status is older than its spec", () => {
    expect(budget({ selector }, { disruptionsAllowed: 3, observedGeneration: 1 }).disruptionsAllowed).toBe(0);
  });

  test("allows none without a status", () => {
    expect(podDisruptionBudgetFrom({ metadata: { name: "web" } }).disruptionsAllowed).toBe(0);
  });

  test("without a selector is about no pod, with an empty one about every pod", () => {
    expect(budget({}, {}).selector).toBeNull();
    expect(budget({ selector: {} }, {}).selector).toEqual([]);
  });
});

test("a cluster is all its objects, each converted", () => {
  const objects = clusterObjectsFrom({
    at: 5,
    nodes: [rawNode],
    pods: [rawPod({ volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }] })],
    daemonSets: [
      {
        metadata: { name: "cache" },
        spec: {
          template: {
            spec: {
              containers: [],
              volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
            },
          },
        },
      },
    ],
    namespaces: [{ metadata: { name: "gpu", labels: { team: "ml" } } }, { metadata: { name: "default" } }],
    budgets: [{ metadata: { name: "web", namespace: "shop" } }],
    claims: [rawClaim("data", { volumeName: "pv-1" }, { status: { phase: "Bound" } })],
    persistentVolumes: [{ metadata: { name: "pv-1" }, spec: { nodeAffinity: { required: inRawZone("a") } } }],
  });
  expect(objects.at).toBe(5);
  expect(objects.nodes.map(({ name }) => name)).toEqual(["ip-10-0-0-1.ec2.internal"]);
  expect(objects.pods.map(({ name, volumeTopologies }) => [name, volumeTopologies.length])).toEqual([
    ["web", 1],
  ]);
  expect(objects.daemonSets.map(({ name, template }) => [name, template.volumeTopologies.length])).toEqual([
    ["cache", 1],
  ]);
  expect(objects.namespaces).toEqual({ gpu: { team: "ml" }, default: {} });
  expect(objects.budgets.map(({ name }) => name)).toEqual(["web"]);
});

test("an object of any kind that cannot be read is named", () => {
  const none = { at: 0, nodes: [], pods: [], daemonSets: [], namespaces: [], budgets: [] };
  const broken = { metadata: { name: 5 } };
  for (const [list, kind] of [
    ["nodes", "Node"],
    ["pods", "Pod"],
    ["daemonSets", "DaemonSet"],
    ["namespaces", "Namespace"],
    ["budgets", "PodDisruptionBudget"],
  ] as const) {
    const message = `${kind} without a name: metadata.name: Invalid input: expected string, received number`;
    expect(() => clusterObjectsFrom({ ...none, [list]: [broken] })).toThrow(message);
  }
  for (const [list, kind] of [
    ["claims", "PersistentVolumeClaim"],
    ["persistentVolumes", "PersistentVolume"],
    ["storageClasses", "StorageClass"],
  ] as const) {
    expect(() => clusterObjectsFrom({ ...none, claims: [], [list]: [broken] })).toThrow(
      `${kind} without a name`,
    );
  }
});

test("what most objects have none of is the same empty thing for all of them", () => {
  const [a, b] = clusterObjectsFrom({
    at: 0,
    nodes: [],
    pods: [rawPod(), rawPod()],
    daemonSets: [],
    namespaces: [],
    budgets: [],
  }).pods;
  expect(a?.tolerations).toBe(b?.tolerations);
  expect(a?.labels).toBe(b?.labels);
  expect(a?.requests.extended).toBe(b?.requests.extended);
});
