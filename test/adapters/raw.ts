/** Kubernetes objects as the API server writes them, with what a test says of them. */

type Raw = Readonly<Record<string, unknown>>;

export function rawPod(
  spec: Raw = {},
  { metadata = {}, status = {} }: { metadata?: Raw; status?: Raw } = {},
) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "web",
      namespace: "default",
      uid: "0b5c",
      creationTimestamp: "2026-01-01T00:00:00Z",
      managedFields: [{ manager: "kubectl" }],
      ...metadata,
    },
    spec: { containers: [{ name: "main", image: "web" }], restartPolicy: "Always", ...spec },
    status: { phase: "Pending", ...status },
  };
}

/** A container that asks for `requests`. */
export function asking(requests: Raw, more: Raw = {}) {
  return { name: "main", image: "web", resources: { requests }, ...more };
}

export function rawClaim(
  name: string,
  spec: Raw,
  { metadata = {}, status = {} }: { metadata?: Raw; status?: Raw } = {},
) {
  return { metadata: { name, namespace: "default", ...metadata }, spec, status };
}

/** Required node affinity of a volume or a pod: one term that wants a zone. */
export function inRawZone(zone: string) {
  return {
    nodeSelectorTerms: [
      { matchExpressions: [{ key: "topology.kubernetes.io/zone", operator: "In", values: [zone] }] },
    ],
  };
}
