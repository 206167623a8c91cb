import type { Labels } from "@gpu-autoscaler/core";
import * as z from "zod";

/**
 * The fields of Kubernetes objects that the model needs, as the API server writes them. Whatever
 * may be absent may also be null, as Go's JSON has it; unknown fields are passed over.
 */

const texts = z.array(z.string()).nullish();

/**
 * Maps are checked where they are and not copied, as `z.record` would: nearly all of a pod's
 * fields are entries of maps, and it took two thirds of the time.
 */
const labels = z.custom<Labels>(isMapOf(isText), "must map names to strings").nullish();

/** Written as strings by the API server; numbers are as good. */
const quantities = z
  .custom<Readonly<Record<string, string | number>>>(
    isMapOf((value) => isText(value) || typeof value === "number"),
    "must map names to quantities",
  )
  .nullish();
export type Quantities = z.infer<typeof quantities>;

function isMapOf(isValue: (value: unknown) => boolean): (map: unknown) => boolean {
  return (map) => {
    if (typeof map !== "object" || map === null || Array.isArray(map)) return false;
    for (const value of Object.values(map)) {
      if (!isValue(value)) return false;
    }
    return true;
  };
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

const metadata = z.object({
  name: z.string(),
  namespace: z.string().nullish(),
  uid: z.string().nullish(),
  resourceVersion: z.string().nullish(),
  generation: z.number().nullish(),
  labels,
  annotations: labels,
  creationTimestamp: z.string().nullish(),
  deletionTimestamp: z.string().nullish(),
  deletionGracePeriodSeconds: z.number().nullish(),
  ownerReferences: z
    .array(
      z.object({ kind: z.string(), name: z.string(), uid: z.string(), controller: z.boolean().nullish() }),
    )
    .nullish(),
});
export type Metadata = z.infer<typeof metadata>;

const requirement = z.object({ key: z.string(), operator: z.string(), values: texts });
export type RawRequirement = z.infer<typeof requirement>;

const labelSelector = z.object({ matchLabels: labels, matchExpressions: z.array(requirement).nullish() });
export type RawLabelSelector = z.infer<typeof labelSelector>;

const nodeSelector = z.object({
  nodeSelectorTerms: z
    .array(
      z.object({
        matchExpressions: z.array(requirement).nullish(),
        matchFields: z.array(requirement).nullish(),
      }),
    )
    .nullish(),
});
export type RawNodeSelector = z.infer<typeof nodeSelector>;

const affinityTerms = z
  .array(
    z.object({
      topologyKey: z.string(),
      labelSelector: labelSelector.nullish(),
      namespaces: texts,
      namespaceSelector: labelSelector.nullish(),
    }),
  )
  .nullish();
export type RawAffinityTerms = z.infer<typeof affinityTerms>;

const requiredAffinity = z
  .object({ requiredDuringSchedulingIgnoredDuringExecution: affinityTerms })
  .nullish();

const affinity = z
  .object({
    nodeAffinity: z
      .object({ requiredDuringSchedulingIgnoredDuringExecution: nodeSelector.nullish() })
      .nullish(),
    podAffinity: requiredAffinity,
    podAntiAffinity: requiredAffinity,
  })
  .nullish();

const taint = z.object({ key: z.string(), value: z.string().nullish(), effect: z.string() });
export type RawTaint = z.infer<typeof taint>;

const toleration = z.object({
  key: z.string().nullish(),
  operator: z.string().nullish(),
  value: z.string().nullish(),
  effect: z.string().nullish(),
});
export type RawToleration = z.infer<typeof toleration>;

const spreadConstraint = z.object({
  topologyKey: z.string(),
  maxSkew: z.number(),
  whenUnsatisfiable: z.string(),
  labelSelector: labelSelector.nullish(),
  minDomains: z.number().nullish(),
  matchLabelKeys: texts,
  nodeAffinityPolicy: z.string().nullish(),
  nodeTaintsPolicy: z.string().nullish(),
});
export type RawSpreadConstraint = z.infer<typeof spreadConstraint>;

const resources = z.object({ requests: quantities, limits: quantities }).nullish();

const container = z.object({
  name: z.string(),
  resources,
  restartPolicy: z.string().nullish(),
  ports: z
    .array(
      z.object({
        containerPort: z.number().nullish(),
        hostPort: z.number().nullish(),
        hostIP: z.string().nullish(),
        protocol: z.enum(["TCP", "UDP", "SCTP"]).nullish(),
      }),
    )
    .nullish(),
});
export type RawContainer = z.infer<typeof container>;

const volume = z.object({
  name: z.string(),
  persistentVolumeClaim: z.object({ claimName: z.string() }).nullish(),
  /** A claim of the pod's own; of its template nothing is needed. */
  ephemeral: z.object({}).nullish(),
});
export type RawVolume = z.infer<typeof volume>;

const podSpec = z.object({
  nodeName: z.string().nullish(),
  hostNetwork: z.boolean().nullish(),
  priority: z.number().nullish(),
  containers: z.array(container),
  initContainers: z.array(container).nullish(),
  overhead: quantities,
  resources,
  nodeSelector: labels,
  affinity,
  tolerations: z.array(toleration).nullish(),
  topologySpreadConstraints: z.array(spreadConstraint).nullish(),
  volumes: z.array(volume).nullish(),
  schedulingGates: z.array(z.object({ name: z.string() })).nullish(),
  resourceClaims: z.array(z.object({ name: z.string() })).nullish(),
});
export type RawPodSpec = z.infer<typeof podSpec>;

const conditions = z
  .array(
    z.object({
      type: z.string(),
      status: z.string(),
      reason: z.string().nullish(),
      lastTransitionTime: z.string().nullish(),
    }),
  )
  .nullish();
export type RawConditions = z.infer<typeof conditions>;

export const podSchema = z.object({
  metadata,
  spec: podSpec,
  status: z
    .object({
      phase: z.string().nullish(),
      conditions,
      nominatedNodeName: z.string().nullish(),
      /** Looked at while the pod is being resized only. */
      containerStatuses: z.unknown().optional(),
      initContainerStatuses: z.unknown().optional(),
    })
    .nullish(),
});
export type RawPod = z.infer<typeof podSchema>;

export const containerStatusesSchema = z
  .array(z.object({ name: z.string(), resources, allocatedResources: quantities }))
  .nullish();
export type RawContainerStatuses = z.infer<typeof containerStatusesSchema>;

export const nodeSchema = z.object({
  metadata,
  spec: z
    .object({
      providerID: z.string().nullish(),
      unschedulable: z.boolean().nullish(),
      taints: z.array(taint).nullish(),
    })
    .nullish(),
  status: z.object({ allocatable: quantities, conditions }).nullish(),
});

export const daemonSetSchema = z.object({
  metadata,
  spec: z.object({ template: z.object({ metadata: z.object({ labels }).nullish(), spec: podSpec }) }),
});

export const podDisruptionBudgetSchema = z.object({
  metadata,
  spec: z.object({ selector: labelSelector.nullish() }).nullish(),
  status: z
    .object({ disruptionsAllowed: z.number().nullish(), observedGeneration: z.number().nullish() })
    .nullish(),
});

export const namespaceSchema = z.object({ metadata });

/** What a volume offers and a claim asks for alike. */
const offeredStorage = {
  storageClassName: z.string().nullish(),
  accessModes: texts,
  volumeMode: z.string().nullish(),
  volumeAttributesClassName: z.string().nullish(),
};

export const persistentVolumeSchema = z.object({
  metadata,
  spec: z.object({
    ...offeredStorage,
    capacity: quantities,
    claimRef: z
      .object({ namespace: z.string().nullish(), name: z.string().nullish(), uid: z.string().nullish() })
      .nullish(),
    nodeAffinity: z.object({ required: nodeSelector.nullish() }).nullish(),
  }),
  status: z.object({ phase: z.string().nullish() }).nullish(),
});
export type RawPersistentVolume = z.infer<typeof persistentVolumeSchema>;

export const claimSchema = z.object({
  metadata,
  spec: z.object({
    ...offeredStorage,
    volumeName: z.string().nullish(),
    resources,
    selector: labelSelector.nullish(),
  }),
  status: z.object({ phase: z.string().nullish() }).nullish(),
});
export type RawClaim = z.infer<typeof claimSchema>;

export const storageClassSchema = z.object({
  metadata,
  provisioner: z.string().nullish(),
  volumeBindingMode: z.string().nullish(),
  allowedTopologies: z
    .array(
      z.object({
        matchLabelExpressions: z.array(z.object({ key: z.string(), values: texts })).nullish(),
      }),
    )
    .nullish(),
});
export type RawStorageClass = z.infer<typeof storageClassSchema>;
