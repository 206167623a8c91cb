import { podFrom } from "@gpu-autoscaler/adapters";
import type { Pod } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { aPod } from "../builders/index.ts";
import { inRawZone, rawPod } from "./raw.ts";

const MIDNIGHT = Date.parse("2026-01-01T00:00:00Z");

test("a pod of which little is said is a pending pod without demands", () => {
  expect(podFrom(rawPod())).toEqual(aPod("web").with({ uid: "0b5c", createdAt: MIDNIGHT }).build());
});

test("null is as good as nothing", () => {
  const spec = {
    nodeName: null,
    nodeSelector: null,
    affinity: null,
    tolerations: null,
    initContainers: null,
    volumes: null,
    topologySpreadConstraints: null,
    schedulingGates: null,
    overhead: null,
    priority: null,
  };
  const metadata = { labels: null, annotations: null, ownerReferences: null, deletionTimestamp: null };
  expect(podFrom(rawPod(spec, { metadata, status: { conditions: null } }))).toEqual(podFrom(rawPod()));
});

describe("what a pod is", () => {
  interface Case {
    spec?: object;
    metadata?: object;
    status?: object;
    want: Partial<Pod>;
  }
  const cases: Record<string, Case> = {
    "its labels and annotations are kept, without kubectl's copy of the object": {
      metadata: {
        labels: { app: "web" },
        annotations: { a: "b", "kubectl.kubernetes.io/last-applied-configuration": "{}" },
      },
      want: { labels: { app: "web" }, annotations: { a: "b" } },
    },
    "its owner is its controller": {
      metadata: {
        ownerReferences: [
          { apiVersion: "v1", kind: "Node", name: "n", uid: "1" },
          { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-1", uid: "2", controller: true },
        ],
      },
      want: { owner: { kind: "ReplicaSet", name: "web-1", uid: "2" } },
    },
    "without a controller it has no owner": {
      metadata: { ownerReferences: [{ apiVersion: "v1", kind: "Node", name: "n", uid: "1" }] },
      want: { owner: null },
    },
    "it is bound, runs and is ready": {
      spec: { nodeName: "node-1", priority: 1000 },
      status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
      want: { nodeName: "node-1", phase: "Running", ready: true, priority: 1000 },
    },
    "a readiness that is false or unknown is none": {
      status: {
        phase: "Running",
        conditions: [
          { type: "Ready", status: "Unknown" },
          { type: "Initialized", status: "True" },
        ],
      },
      want: { phase: "Running", ready: false },
    },
    "a phase that nobody knows is none yet": { status: { phase: "Dreaming" }, want: { phase: "Pending" } },
    "it is unschedulable since the condition says so": {
      status: {
        conditions: [
          {
            type: "PodScheduled",
            status: "False",
            reason: "Unschedulable",
            lastTransitionTime: "2026-01-01T00:01:00Z",
          },
        ],
        nominatedNodeName: "node-2",
      },
      want: { unschedulableSince: MIDNIGHT + 60_000, nominatedNodeName: "node-2" },
    },
    "it is not unschedulable while gates hold it": {
      spec: { schedulingGates: [{ name: "quota" }] },
      status: {
        conditions: [
          {
            type: "PodScheduled",
            status: "False",
            reason: "SchedulingGated",
            lastTransitionTime: "2026-01-01T00:01:00Z",
          },
        ],
      },
      want: { unschedulableSince: null, schedulingGates: ["quota"] },
    },
    "a condition without a time counts from the pod's birth": {
      status: { conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable" }] },
      want: { unschedulableSince: MIDNIGHT },
    },
    "it is being deleted since its grace period began": {
      metadata: { deletionTimestamp: "2026-01-01T00:01:00Z", deletionGracePeriodSeconds: 30 },
      want: { deletedAt: MIDNIGHT + 30_000 },
    },
    "it asks for devices through claims": {
      spec: { resourceClaims: [{ name: "gpu", resourceClaimTemplateName: "one" }] },
      want: { usesResourceClaims: true },
    },
    "it names the nodes that it needs": {
      spec: {
        nodeSelector: { pool: "a" },
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                ...inRawZone("a").nodeSelectorTerms,
                { matchFields: [{ key: "metadata.name", operator: "In", values: ["n"] }] },
                {},
                {
                  matchExpressions: [
                    { key: "a", operator: "Exists" },
                    { key: "a", operator: "Resembles", values: ["b"] },
                  ],
                },
              ],
            },
          },
        },
      },
      want: {
        nodeSelector: { pool: "a" },
        nodeAffinity: [
          {
            matchExpressions: [{ key: "topology.kubernetes.io/zone", operator: "In", values: ["a"] }],
            matchFields: [],
          },
          { matchExpressions: [], matchFields: [{ key: "metadata.name", operator: "In", values: ["n"] }] },
          { matchExpressions: [], matchFields: [] },
          { matchExpressions: [], matchFields: [] },
        ],
      },
    },
    "it tolerates what it says, and nothing by words that nobody knows": {
      spec: {
        tolerations: [
          { operator: "Exists" },
          { key: "a", value: "b", effect: "NoSchedule", tolerationSeconds: 300 },
          { key: "c", operator: "", effect: "" },
          { key: "d", operator: "Gt", value: "1" },
          { key: "e", effect: "NoBreathing" },
        ],
      },
      want: {
        tolerations: [
          { key: "", operator: "Exists", value: "", effect: "" },
          { key: "a", operator: "Equal", value: "b", effect: "NoSchedule" },
          { key: "c", operator: "Equal", value: "", effect: "" },
        ],
      },
    },
    "it says near whom and away from whom it has to be": {
      spec: {
        affinity: {
          podAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              {
                topologyKey: "zone",
                labelSelector: {
                  matchLabels: { app: "web" },
                  matchExpressions: [{ key: "tier", operator: "Exists" }],
                },
                namespaces: ["lab"],
                namespaceSelector: {},
              },
            ],
            preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1 }],
          },
          podAntiAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "host" }],
          },
        },
      },
      want: {
        podAffinity: [
          {
            topologyKey: "zone",
            selector: [
              { key: "app", operator: "In", values: ["web"] },
              { key: "tier", operator: "Exists", values: [] },
            ],
            namespaces: ["lab"],
            namespaceSelector: [],
          },
        ],
        podAntiAffinity: [{ topologyKey: "host", selector: null, namespaces: [], namespaceSelector: null }],
      },
    },
    "of topology spread only what binds is kept, with Kubernetes' defaults": {
      spec: {
        topologySpreadConstraints: [
          { topologyKey: "zone", maxSkew: 1, whenUnsatisfiable: "DoNotSchedule", labelSelector: {} },
          { topologyKey: "host", maxSkew: 1, whenUnsatisfiable: "ScheduleAnyway" },
          {
            topologyKey: "rack",
            maxSkew: 2,
            whenUnsatisfiable: "DoNotSchedule",
            minDomains: 3,
            matchLabelKeys: ["pod-template-hash"],
            nodeAffinityPolicy: "Ignore",
            nodeTaintsPolicy: "Honor",
          },
        ],
      },
      want: {
        topologySpread: [
          {
            topologyKey: "zone",
            maxSkew: 1,
            selector: [],
            minDomains: 1,
            matchLabelKeys: [],
            nodeAffinityPolicy: "Honor",
            nodeTaintsPolicy: "Ignore",
          },
          {
            topologyKey: "rack",
            maxSkew: 2,
            selector: null,
            minDomains: 3,
            matchLabelKeys: ["pod-template-hash"],
            nodeAffinityPolicy: "Ignore",
            nodeTaintsPolicy: "Honor",
          },
        ],
      },
    },
    "its host ports are those of containers and sidecars": {
      spec: {
        containers: [
          {
            name: "main",
            ports: [
              { containerPort: 80, hostPort: 8080, hostIP: "10.0.0.1", protocol: "UDP" },
              { containerPort: 81 },
            ],
          },
        ],
        initContainers: [
          { name: "init", ports: [{ containerPort: 90, hostPort: 90 }] },
          { name: "side", restartPolicy: "Always", ports: [{ containerPort: 91, hostPort: 91 }] },
        ],
      },
      want: {
        hostPorts: [
          { hostIp: "", protocol: "TCP", port: 91 },
          { hostIp: "10.0.0.1", protocol: "UDP", port: 8080 },
        ],
      },
    },
    "on the host's network every port is the host's": {
      spec: { hostNetwork: true, containers: [{ name: "main", ports: [{ containerPort: 9400 }] }] },
      want: { hostPorts: [{ hostIp: "", protocol: "TCP", port: 9400 }] },
    },
  };

  test.each(Object.entries(cases))("%s", (_, { spec = {}, metadata = {}, status = {}, want }) => {
    const pod = podFrom(rawPod({ ...spec }, { metadata: { ...metadata }, status: { ...status } }));
    expect(pod).toMatchObject(want);
    expect(pod).toEqual({ ...podFrom(rawPod()), ...want });
  });
});

describe("a pod that cannot be read is named with the field", () => {
  const cases: Record<string, [unknown, string]> = {
    "no object": [null, "Pod without a name: the object: Invalid input: expected object, received null"],
    "no name": [{ metadata: {}, spec: {} }, "Pod without a name: metadata.name: Invalid input"],
    "no containers": [
      { ...rawPod(), spec: {} },
      "Pod default/web: spec.containers: Invalid input: expected array, received undefined",
    ],
    "a label that is no text": [
      rawPod({}, { metadata: { labels: { app: 5 } } }),
      "Pod default/web: metadata.labels: must map names to strings",
    ],
    "labels that are a list": [
      rawPod({}, { metadata: { labels: ["app"] } }),
      "Pod default/web: metadata.labels: must map names to strings",
    ],
    "a toleration that is no object": [
      rawPod({ tolerations: ["all"] }),
      "Pod default/web: spec.tolerations[0]: Invalid input: expected object, received string",
    ],
    "a quantity that is none": [
      rawPod({ containers: [{ name: "main", resources: { requests: { cpu: "a lot" } } }] }),
      'Pod default/web: cpu: "a lot" is not a Kubernetes quantity, such as "500m", "2" or "1.5Gi"',
    ],
    "a quantity that is no text": [
      rawPod({ overhead: { cpu: true } }),
      "Pod default/web: spec.overhead: must map names to quantities",
    ],
  };

  test.each(Object.entries(cases))("%s", (_, [raw, message]) => {
    expect(() => podFrom(raw)).toThrow(
      expect.objectContaining({
        name: "AutoscalerError",
        code: "InvalidKubernetesObject",
        retryable: false,
        message: expect.stringContaining(message),
      }),
    );
  });
});
