import { podFrom, type VolumeObjects, volumesFrom } from "@gpu-autoscaler/adapters";
import type { Pod } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { aNode } from "../builders/index.ts";
import { misfits } from "../fit/misfits.ts";
import { inRawZone, rawClaim, rawPod } from "./raw.ts";

const WAITING = {
  metadata: { name: "gp3" },
  provisioner: "ebs.csi.aws.com",
  volumeBindingMode: "WaitForFirstConsumer",
};
const IMMEDIATE = {
  metadata: { name: "efs" },
  provisioner: "efs.csi.aws.com",
  volumeBindingMode: "Immediate",
};
const LOCAL = {
  metadata: { name: "local" },
  provisioner: "kubernetes.io/no-provisioner",
  volumeBindingMode: "WaitForFirstConsumer",
};

const nodes = ["a", "b", "c"].map((zone) => aNode(`node-${zone}`).inZone(zone).build());
const anywhere = ["node-a", "node-b", "node-c"];

interface Case {
  claim?: object;
  volumes?: object[];
  classes?: object[];
  /** Nodes that reach the volumes. */
  reachable: string[];
  problem?: string;
}

const bound = (volumeName: string) => rawClaim("data", { volumeName }, { status: { phase: "Bound" } });
const volume = (name: string, spec: object, labels: object = {}) => ({ metadata: { name, labels }, spec });

const localVolume = (zone: string, spec: object, labels?: object) =>
  volume(
    `pv-${zone}-${JSON.stringify(spec)}`,
    { storageClassName: "local", nodeAffinity: { required: inRawZone(zone) }, ...spec },
    labels,
  );

const cases: Record<string, Case> = {
  "a bound volume is reached where its node affinity says": {
    claim: bound("pv-1"),
    volumes: [volume("pv-1", { nodeAffinity: { required: inRawZone("b") } })],
    reachable: ["node-b"],
  },
  "a bound volume without node affinity is reached from anywhere": {
    claim: bound("pv-1"),
    volumes: [volume("pv-1", {})],
    reachable: anywhere,
  },
  "a claim is bound once its binding is complete": {
    claim: rawClaim(
      "data",
      { volumeName: "pv-1" },
      { metadata: { annotations: { "pv.kubernetes.io/bind-completed": "yes" } } },
    ),
    volumes: [volume("pv-1", { nodeAffinity: { required: inRawZone("b") } })],
    reachable: ["node-b"],
  },
  "a volume that bears zones is reached from those": {
    claim: bound("pv-1"),
    volumes: [volume("pv-1", {}, { "topology.kubernetes.io/zone": "a__c" })],
    reachable: ["node-a", "node-c"],
  },
  "a volume that bears a zone under its old name is reached from that zone": {
    claim: bound("pv-1"),
    volumes: [volume("pv-1", {}, { "failure-domain.beta.kubernetes.io/zone": "c" })],
    reachable: ["node-c"],
  },
  "a claim whose volume is gone is a problem": {
    claim: bound("pv-1"),
    reachable: anywhere,
    problem: "volume pv-1 of claim data does not exist",
  },
  "a claim that is missing is a problem": { reachable: anywhere, problem: "claim data does not exist" },
  "a claim that is being deleted is a problem": {
    claim: rawClaim("data", {}, { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } }),
    reachable: anywhere,
    problem: "claim data is being deleted",
  },
  "a claim that lost its volume is a problem": {
    claim: rawClaim("data", { volumeName: "pv-1" }, { status: { phase: "Lost" } }),
    reachable: anywhere,
    problem: "claim data has lost its volume",
  },
  "a claim that is bound at once, and is not, is a problem": {
    claim: rawClaim("data", { storageClassName: "efs" }),
    classes: [IMMEDIATE],
    reachable: anywhere,
    problem: "claim data is not bound",
  },
  "a claim of no class is a problem": {
    claim: rawClaim("data", {}),
    classes: [WAITING],
    reachable: anywhere,
    problem: "claim data is not bound",
  },
  "a claim that names a volume and is not bound to it is a problem": {
    claim: rawClaim(
      "data",
      { storageClassName: "gp3", volumeName: "pv-1" },
      { status: { phase: "Pending" } },
    ),
    classes: [WAITING],
    reachable: anywhere,
    problem: "claim data is not bound",
  },
  "a claim that waits for its pod goes anywhere": {
    claim: rawClaim("data", { storageClassName: "gp3" }),
    classes: [WAITING],
    reachable: anywhere,
  },
  "a claim that waits for its pod goes where its class allows": {
    claim: rawClaim("data", { storageClassName: "gp3" }),
    classes: [
      {
        ...WAITING,
        allowedTopologies: [
          { matchLabelExpressions: [{ key: "topology.kubernetes.io/zone", values: ["a", "b"] }] },
          { matchLabelExpressions: [] },
        ],
      },
    ],
    reachable: ["node-a", "node-b"],
  },
  "a claim names its class by annotation too": {
    claim: rawClaim(
      "data",
      {},
      { metadata: { annotations: { "volume.beta.kubernetes.io/storage-class": "gp3" } } },
    ),
    classes: [WAITING],
    reachable: anywhere,
  },
  "a claim whose volume is being made for a node goes there": {
    claim: rawClaim(
      "data",
      { storageClassName: "gp3" },
      { metadata: { annotations: { "volume.kubernetes.io/selected-node": "node-c" } } },
    ),
    classes: [WAITING],
    reachable: ["node-c"],
  },
  "a claim of local volumes goes where one is left": {
    claim: rawClaim("data", { storageClassName: "local" }),
    classes: [LOCAL],
    volumes: [
      volume("pv-a", { storageClassName: "local", nodeAffinity: { required: inRawZone("a") } }),
      volume("pv-b", { storageClassName: "local", claimRef: {}, nodeAffinity: { required: inRawZone("b") } }),
      volume("pv-c", { storageClassName: "local", nodeAffinity: { required: inRawZone("c") } }),
      volume("pv-x", { storageClassName: "other" }),
    ],
    reachable: ["node-a", "node-c"],
  },
  "a claim of local volumes goes anywhere where one is left that can": {
    claim: rawClaim("data", { storageClassName: "local" }),
    classes: [LOCAL],
    volumes: [volume("pv-a", { storageClassName: "local" })],
    reachable: anywhere,
  },
  "a claim of local volumes goes where one is that is large enough": {
    claim: rawClaim("data", { storageClassName: "local", resources: { requests: { storage: "10Gi" } } }),
    classes: [LOCAL],
    volumes: [
      localVolume("a", { capacity: { storage: "9Gi" } }),
      localVolume("b", { capacity: { storage: "10Gi" } }),
    ],
    reachable: ["node-b"],
  },
  "a claim of local volumes goes where one is of its mode, access modes and labels": {
    claim: rawClaim("data", {
      storageClassName: "local",
      volumeMode: "Block",
      accessModes: ["ReadWriteMany"],
      selector: { matchLabels: { disk: "nvme" } },
    }),
    classes: [LOCAL],
    volumes: [
      localVolume("a", { accessModes: ["ReadWriteMany"] }, { disk: "nvme" }),
      localVolume("b", { volumeMode: "Block", accessModes: ["ReadWriteOnce"] }, { disk: "nvme" }),
      localVolume("b", { volumeMode: "Block", accessModes: ["ReadWriteMany"] }, { disk: "hdd" }),
      localVolume("c", { volumeMode: "Block", accessModes: ["ReadWriteMany"] }, { disk: "nvme" }),
    ],
    reachable: ["node-c"],
  },
  "a claim of local volumes goes where one is set aside for it": {
    claim: rawClaim("data", { storageClassName: "local" }),
    classes: [LOCAL],
    volumes: [
      localVolume("a", {}),
      localVolume("b", { claimRef: { name: "data", namespace: "default" } }),
      localVolume("c", { claimRef: { name: "data", namespace: "lab" } }),
    ],
    reachable: ["node-b"],
  },
  "a claim that waits for its pod may take a volume outside of where its class allows": {
    claim: rawClaim("data", { storageClassName: "gp3" }),
    classes: [
      {
        ...WAITING,
        allowedTopologies: [
          { matchLabelExpressions: [{ key: "topology.kubernetes.io/zone", values: ["a"] }] },
        ],
      },
    ],
    volumes: [localVolume("c", { storageClassName: "gp3" })],
    reachable: ["node-a", "node-c"],
  },
  "a claim of local volumes of which none is left is a problem": {
    claim: rawClaim("data", { storageClassName: "local" }),
    classes: [LOCAL],
    reachable: anywhere,
    problem: "no volume of class local is left for claim data",
  },
};

function podWith(volumes: object[], objects: Partial<VolumeObjects>): Pod {
  const known = { claims: [], persistentVolumes: [], storageClasses: [], ...objects };
  return podFrom(rawPod({ volumes }), volumesFrom(known));
}

function reachableFrom(pod: Pod): string[] {
  return nodes.filter((node) => misfits(pod, node).length === 0).map(({ name }) => name);
}

describe("the claim of a pod", () => {
  test.each(Object.entries(cases))(
    "%s",
    (_, { claim, volumes = [], classes = [], reachable, problem = null }) => {
      const pod = podWith(
        [
          { name: "data", persistentVolumeClaim: { claimName: "data" } },
          { name: "tmp", emptyDir: {} },
        ],
        {
          claims: claim ? [claim] : [],
          persistentVolumes: volumes,
          storageClasses: classes,
        },
      );
      expect(pod.volumeProblem).toBe(problem);
      expect(reachableFrom(pod)).toEqual(reachable);
    },
  );
});

test("two claims of a pod go where each has a volume of its own", () => {
  const names = ["one", "two"];
  const pod = podWith(
    names.map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
    {
      claims: names.map((name) => rawClaim(name, { storageClassName: "local" })),
      persistentVolumes: [
        localVolume("a", {}),
        localVolume("b", { capacity: { storage: "1Gi" } }),
        localVolume("b", { capacity: { storage: "2Gi" } }),
      ],
      storageClasses: [LOCAL],
    },
  );
  expect(reachableFrom(pod)).toEqual(["node-b"]);
});

test("an ephemeral volume has a claim that is named after pod and volume", () => {
  const objects = {
    claims: [rawClaim("web-scratch", { storageClassName: "gp3" })],
    storageClasses: [WAITING],
  };
  expect(
    podWith([{ name: "scratch", ephemeral: { volumeClaimTemplate: {} } }], objects).volumeProblem,
  ).toBeNull();
  expect(podWith([{ name: "other", ephemeral: {} }], objects).volumeProblem).toBe(
    "claim web-other does not exist",
  );
});

test("a claim of another namespace is another claim", () => {
  const claim = rawClaim("data", { storageClassName: "gp3" }, { metadata: { namespace: "lab" } });
  const pod = podWith([{ name: "data", persistentVolumeClaim: { claimName: "data" } }], {
    claims: [claim],
    storageClasses: [WAITING],
  });
  expect(pod.volumeProblem).toBe("claim data does not exist");
  const itsOwn = podFrom(
    rawPod(
      { volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }] },
      { metadata: { namespace: "lab" } },
    ),
    volumesFrom({ claims: [claim], persistentVolumes: [], storageClasses: [WAITING] }),
  );
  expect(itsOwn.volumeProblem).toBeNull();
});

test("every volume and every problem counts", () => {
  const pod = podWith(
    ["two", "three", "four", "five"].map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
    {
      claims: ["four", "five"].map((name) =>
        rawClaim(name, { volumeName: name }, { status: { phase: "Bound" } }),
      ),
      persistentVolumes: [
        volume("four", { nodeAffinity: { required: inRawZone("b") } }),
        volume("five", { nodeAffinity: { required: inRawZone("c") } }),
      ],
    },
  );
  expect(pod.volumeTopologies).toHaveLength(2);
  expect(reachableFrom(pod)).toEqual([]);
  expect(pod.volumeProblem).toBe("claim two does not exist; claim three does not exist");
});

test("where claims are not looked at, a pod demands nothing of volumes", () => {
  const pod = podFrom(rawPod({ volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }] }));
  expect([pod.volumeTopologies, pod.volumeProblem]).toEqual([[], null]);
});

test("a node without zone or region takes a volume that bears a zone", () => {
  const pod = podWith([{ name: "data", persistentVolumeClaim: { claimName: "data" } }], {
    claims: [bound("pv-1")],
    persistentVolumes: [volume("pv-1", {}, { "topology.kubernetes.io/zone": "a" })],
  });
  const bare = aNode("bare").withoutLabel("topology.kubernetes.io/zone");
  expect(misfits(pod, bare.build())).toEqual([]);
  expect(misfits(pod, bare.labelled({ "topology.kubernetes.io/region": "r" }).build())).toHaveLength(1);
});
