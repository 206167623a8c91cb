import * as fc from "fast-check";
import {
  type ClaimDraft,
  HOST,
  type PodPart,
  type Raw,
  type Vocabulary,
  type VolumeDraft,
  ZONE,
} from "./drafts.ts";
import type { NamedObject } from "./world-objects.ts";

const DRIVER = "ebs.csi.aws.com";
const LATE = "WaitForFirstConsumer";

/** They are there for every world. */
export const STORAGE_CLASSES: readonly Raw[] = [
  storageClass("anywhere", { volumeBindingMode: LATE }),
  storageClass("in-a-or-b", {
    volumeBindingMode: LATE,
    allowedTopologies: [topology({ [ZONE]: ["a", "b"] })],
  }),
  storageClass("in-racks", {
    volumeBindingMode: LATE,
    allowedTopologies: [topology({ [ZONE]: ["a"], rack: ["r1"] }), topology({ rack: ["r2", "5"] })],
  }),
  storageClass("at-once", { volumeBindingMode: "Immediate" }),
  storageClass("local", { volumeBindingMode: LATE, provisioner: "kubernetes.io/no-provisioner" }),
];

function storageClass(name: string, fields: Raw): Raw {
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name },
    provisioner: DRIVER,
    ...fields,
  };
}

function topology(labels: Readonly<Record<string, readonly string[]>>): Raw {
  return { matchLabelExpressions: Object.entries(labels).map(([key, values]) => ({ key, values })) };
}

function volumeOf({ nodeNames }: Vocabulary): fc.Arbitrary<VolumeDraft> {
  const inZones = fc
    .uniqueArray(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 2 })
    .map((values) => [{ key: ZONE, operator: "In", values }]);
  const onHost = fc.constantFrom(...nodeNames).map((name) => [{ key: HOST, operator: "In", values: [name] }]);
  const inRack = fc
    .constantFrom<Raw[]>(
      { key: "rack", operator: "Exists" },
      { key: "rack", operator: "NotIn", values: ["r1"] },
      { key: "gpus", operator: "Gt", values: ["1"] },
    )
    .map((requirement) => [requirement]);
  const term = fc
    .oneof({ weight: 3, arbitrary: inZones }, onHost, inRack)
    .map((matchExpressions) => ({ matchExpressions }));
  return fc.record({
    labels: fc.constantFrom<Raw[]>(
      {},
      {},
      { [ZONE]: "a" },
      { [ZONE]: "a__b" },
      { "failure-domain.beta.kubernetes.io/zone": "c" },
      { "topology.kubernetes.io/region": "here" },
    ),
    nodeAffinity: fc.option(
      fc.array(term, { minLength: 1, maxLength: 2 }).map((terms): Raw => ({ nodeSelectorTerms: terms })),
      { freq: 4 },
    ),
    gibibytes: fc.constantFrom(5, 10, 10, 20),
    volumeMode: fc.constantFrom("Filesystem", "Filesystem", "Filesystem", "Block"),
    accessModes: fc.constantFrom(["ReadWriteOnce"], ["ReadWriteOnce", "ReadWriteMany"], ["ReadOnlyMany"]),
    isSetAside: fc.constantFrom(false, false, false, true),
  });
}

export function volumes(vocabulary: Vocabulary): fc.Arbitrary<PodPart> {
  const volume = volumeOf(vocabulary);
  const claim: fc.Arbitrary<ClaimDraft> = fc
    .record({
      kind: fc.oneof(
        { weight: 8, arbitrary: fc.constant("bound" as const) },
        { weight: 8, arbitrary: fc.constant("unbound" as const) },
        {
          weight: 2,
          arbitrary: fc.constantFrom(
            "bound-to-nothing" as const,
            "deleted" as const,
            "lost" as const,
            "missing" as const,
            "ephemeral" as const,
          ),
        },
      ),
      storageClass: fc.constantFrom(
        "anywhere",
        "anywhere",
        "in-a-or-b",
        "in-a-or-b",
        "in-racks",
        "in-racks",
        "local",
        "local",
        "at-once",
      ),
      volume,
      available: fc.array(volume, { maxLength: 2 }),
    })
    .map((draft) => ({
      ...draft,
      available: draft.kind === "unbound" ? draft.available : [],
    }));
  return fc.array(claim, { minLength: 1, maxLength: 2 }).map((claims) => ({ claims }));
}

/** The objects of a pod's claims, and the volumes in its spec. `name` and `namespace` are the pod's. */
export interface ClaimObjects {
  readonly podVolumes: readonly Raw[];
  readonly claims: readonly NamedObject[];
  readonly persistentVolumes: readonly NamedObject[];
}

export function claimObjects(name: string, namespace: string, drafts: readonly ClaimDraft[]): ClaimObjects {
  const podVolumes: Raw[] = [];
  const claims: NamedObject[] = [];
  const persistentVolumes: NamedObject[] = [];
  for (const [index, draft] of drafts.entries()) {
    const claimName = `${name}-claim-${index}`;
    podVolumes.push(
      draft.kind === "ephemeral"
        ? { name: `volume-${index}`, ephemeral: { volumeClaimTemplate: { spec: claimSpec(draft) } } }
        : { name: `volume-${index}`, persistentVolumeClaim: { claimName } },
    );
    if (draft.kind === "missing" || draft.kind === "ephemeral") continue;
    const isBound = draft.kind !== "unbound";
    const claimRef = { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name: claimName };
    const volumeName = `${namespace}-${claimName}`;
    const object = claimObject(claimName, namespace, draft, isBound ? volumeName : undefined);
    claims.push({ namespace, name: claimName, object });
    if (isBound && draft.kind !== "bound-to-nothing") {
      persistentVolumes.push(volumeObject(volumeName, draft, draft.volume, { claimRef }, "Bound"));
    }
    for (const [number, volume] of draft.available.entries()) {
      const spec = volume.isSetAside ? { claimRef } : {};
      persistentVolumes.push(volumeObject(`${volumeName}-${number}`, draft, volume, spec, "Available"));
    }
  }
  return { podVolumes, claims, persistentVolumes };
}

function claimObject(
  name: string,
  namespace: string,
  draft: ClaimDraft,
  volumeName: string | undefined,
): Raw {
  const isBound = volumeName !== undefined;
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      name,
      namespace,
      annotations: isBound ? { "pv.kubernetes.io/bind-completed": "yes" } : {},
      // Holds on to it when it is deleted, as the one that protects claims in use does.
      finalizers: draft.kind === "deleted" ? [FINALIZER] : [],
    },
    spec: { ...claimSpec(draft), volumeName },
    status: { phase: draft.kind === "lost" ? "Lost" : isBound ? "Bound" : "Pending" },
  };
}

export const FINALIZER = "example.com/in-use";

function claimSpec({ storageClass }: ClaimDraft): Raw {
  return {
    accessModes: ["ReadWriteOnce"],
    storageClassName: storageClass,
    resources: { requests: { storage: "10Gi" } },
  };
}

function volumeObject(
  name: string,
  { storageClass }: ClaimDraft,
  { labels, nodeAffinity, gibibytes, volumeMode, accessModes }: VolumeDraft,
  spec: Raw,
  phase: string,
): NamedObject {
  const object = {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name, labels },
    spec: {
      capacity: { storage: `${gibibytes}Gi` },
      accessModes,
      volumeMode,
      storageClassName: storageClass,
      csi: { driver: DRIVER, volumeHandle: name },
      ...(nodeAffinity && { nodeAffinity: { required: nodeAffinity } }),
      ...spec,
    },
    status: { phase },
  };
  return { namespace: "", name, object };
}
