/** A verb on a resource of the Kubernetes API, as RBAC names it. */
export interface GrantedVerb {
  readonly verb: string;
  /** "" for the core group. */
  readonly group: string;
  /** "pods", "pods/eviction". */
  readonly resource: string;
}

function verbs(group: string, resources: readonly string[], of: readonly string[]): readonly GrantedVerb[] {
  return resources.flatMap((resource) => of.map((verb) => ({ verb, group, resource })));
}

const READING = ["list", "watch"];

/** What deploy/rbac.yaml grants the autoscaler; a test holds the two together. */
export const GRANTED_VERBS: readonly GrantedVerb[] = [
  ...verbs("", ["nodes", "pods", "namespaces", "persistentvolumeclaims", "persistentvolumes"], READING),
  ...verbs("apps", ["daemonsets"], READING),
  ...verbs("policy", ["poddisruptionbudgets"], READING),
  ...verbs("storage.k8s.io", ["storageclasses"], READING),
  ...verbs("", ["nodes"], ["get", "patch"]),
  ...verbs("", ["pods/eviction"], ["create"]),
  ...verbs("", ["events"], ["create"]),
];

/** The group of the autoscaler's access entry, to which deploy/rbac.yaml binds its role. */
export const AUTOSCALER_GROUP = "gpu-autoscaler";
