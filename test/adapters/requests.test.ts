import { podFrom } from "@gpu-autoscaler/adapters";
import type { Resources } from "@gpu-autoscaler/core";
import { expect, test } from "vitest";
import { asking, rawPod } from "./raw.ts";

const GIBI = 1024 ** 3;
const nothing = { cpuMilli: 0, memoryBytes: 0, ephemeralStorageBytes: 0, pods: 1, extended: {} };

const cases: Record<string, { spec: object; status?: object; want: Partial<Resources> }> = {
  "a pod that says nothing asks for its slot": { spec: {}, want: {} },
  "containers run together and are added up": {
    spec: {
      containers: [
        asking({ cpu: "500m", memory: "1Gi", "ephemeral-storage": "2Gi", "nvidia.com/gpu": "1" }),
        asking({ cpu: "1", memory: "512Mi", "nvidia.com/gpu": 2, "hugepages-2Mi": "4Mi" }),
      ],
    },
    want: {
      cpuMilli: 1500,
      memoryBytes: 1.5 * GIBI,
      ephemeralStorageBytes: 2 * GIBI,
      extended: { "nvidia.com/gpu": 3, "hugepages-2Mi": 4 * 1024 ** 2 },
    },
  },
  "init containers run one after the other, and the largest counts": {
    spec: {
      containers: [asking({ cpu: "1", memory: "4Gi" })],
      initContainers: [
        asking({ cpu: "3", memory: "1Gi" }),
        asking({ cpu: "2", memory: "2Gi", "nvidia.com/gpu": "1" }),
      ],
    },
    want: { cpuMilli: 3000, memoryBytes: 4 * GIBI, extended: { "nvidia.com/gpu": 1 } },
  },
  "a sidecar runs beside the containers": {
    spec: {
      containers: [asking({ cpu: "1" })],
      initContainers: [asking({ cpu: "500m" }, { restartPolicy: "Always" })],
    },
    want: { cpuMilli: 1500 },
  },
  "a sidecar runs beside the init containers after it": {
    spec: {
      containers: [asking({ cpu: "1" })],
      initContainers: [asking({ cpu: "500m" }, { restartPolicy: "Always" }), asking({ cpu: "2" })],
    },
    want: { cpuMilli: 2500 },
  },
  "a sidecar does not run beside the init containers before it": {
    spec: {
      containers: [asking({ cpu: "1" })],
      initContainers: [asking({ cpu: "2" }), asking({ cpu: "500m" }, { restartPolicy: "Always" })],
    },
    want: { cpuMilli: 2000 },
  },
  "sidecars add up while the last of them starts": {
    spec: {
      containers: [asking({})],
      initContainers: [
        asking({ cpu: "1", "nvidia.com/gpu": "1" }, { restartPolicy: "Always" }),
        asking({ cpu: "2", "nvidia.com/gpu": "1" }, { restartPolicy: "Always" }),
      ],
    },
    want: { cpuMilli: 3000, extended: { "nvidia.com/gpu": 2 } },
  },
  "each init container runs beside the sidecars alone": {
    spec: {
      containers: [asking({})],
      initContainers: [
        asking({ "nvidia.com/gpu": "1" }, { restartPolicy: "Always" }),
        asking({ "nvidia.com/gpu": "1" }),
        asking({ "nvidia.com/gpu": "1" }),
      ],
    },
    want: { extended: { "nvidia.com/gpu": 2 } },
  },
  "overhead comes on top of whatever is more": {
    spec: {
      containers: [asking({ cpu: "1" })],
      initContainers: [asking({ cpu: "2" })],
      overhead: { cpu: "250m", memory: "120Mi" },
    },
    want: { cpuMilli: 2250, memoryBytes: 120 * 1024 ** 2 },
  },
  "pod-level resources take the place of the containers'": {
    spec: {
      containers: [asking({ cpu: "1", memory: "1Gi", "nvidia.com/gpu": "1", "hugepages-2Mi": "2Mi" })],
      resources: { requests: { cpu: "4", "hugepages-2Mi": "8Mi" } },
      overhead: { cpu: "1" },
    },
    want: {
      cpuMilli: 5000,
      memoryBytes: GIBI,
      extended: { "nvidia.com/gpu": 1, "hugepages-2Mi": 8 * 1024 ** 2 },
    },
  },
  "pod-level resources say nothing of devices and disk": {
    spec: {
      containers: [asking({ "nvidia.com/gpu": "1" })],
      resources: { requests: { "nvidia.com/gpu": "8", "ephemeral-storage": "1Gi" } },
    },
    want: { extended: { "nvidia.com/gpu": 1 } },
  },
  "a limit without a request is the request": {
    spec: {
      containers: [
        { name: "main", resources: { limits: { "nvidia.com/gpu": "2", cpu: "4" }, requests: { cpu: "1" } } },
      ],
    },
    want: { cpuMilli: 1000, extended: { "nvidia.com/gpu": 2 } },
  },
  "a container that is being resized counts with the most of what it asks for and holds": {
    spec: { containers: [asking({ cpu: "1", memory: "4Gi" })] },
    status: {
      conditions: [{ type: "PodResizeInProgress", status: "True" }],
      containerStatuses: [
        {
          name: "main",
          allocatedResources: { cpu: "2", memory: "1Gi" },
          resources: { requests: { cpu: "1500m" } },
        },
      ],
    },
    want: { cpuMilli: 2000, memoryBytes: 4 * GIBI },
  },
  "a sidecar that is being resized counts so too": {
    spec: { initContainers: [asking({ cpu: "1" }, { name: "side", restartPolicy: "Always" })] },
    status: {
      conditions: [{ type: "PodResizePending", status: "True", reason: "Deferred" }],
      initContainerStatuses: [{ name: "side", allocatedResources: { cpu: "3" } }],
    },
    want: { cpuMilli: 3000 },
  },
  "what a container holds is not looked at otherwise": {
    spec: { containers: [asking({ cpu: "1" })] },
    status: { containerStatuses: [{ name: "main", allocatedResources: { cpu: "2" } }] },
    want: { cpuMilli: 1000 },
  },
};

test.each(Object.entries(cases))("%s", (_, { spec, status = {}, want }) => {
  expect(podFrom(rawPod({ ...spec }, { status: { ...status } })).requests).toEqual({ ...nothing, ...want });
});
