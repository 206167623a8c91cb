import type { ApiRequest } from "../api/api-request.ts";

/** A kind of object that is read. */
export interface Resource {
  readonly kind: string;
  /** The API group; "" for the core group. */
  readonly group: string;
  /** As RBAC and the path have it. */
  readonly plural: string;
  readonly isNamespaced: boolean;
  /** Which of them are wanted; absent: all. */
  readonly fieldSelector?: string;
}

/**
 * Pods that have ended hold nothing, and kube-controller-manager leaves up to 12,500 of them lying
 * about (`--terminated-pod-gc-threshold`): they are left to the API server. One that ends is
 * deleted as a watch with this selector sees it.
 */
export const NOT_ENDED = "status.phase!=Succeeded,status.phase!=Failed";

export const NODES: Resource = { kind: "Node", group: "", plural: "nodes", isNamespaced: false };
export const PODS: Resource = {
  kind: "Pod",
  group: "",
  plural: "pods",
  isNamespaced: true,
  fieldSelector: NOT_ENDED,
};
export const DAEMON_SETS: Resource = {
  kind: "DaemonSet",
  group: "apps",
  plural: "daemonsets",
  isNamespaced: true,
};
export const NAMESPACES: Resource = {
  kind: "Namespace",
  group: "",
  plural: "namespaces",
  isNamespaced: false,
};
export const BUDGETS: Resource = {
  kind: "PodDisruptionBudget",
  group: "policy",
  plural: "poddisruptionbudgets",
  isNamespaced: true,
};
export const CLAIMS: Resource = {
  kind: "PersistentVolumeClaim",
  group: "",
  plural: "persistentvolumeclaims",
  isNamespaced: true,
};
export const PERSISTENT_VOLUMES: Resource = {
  kind: "PersistentVolume",
  group: "",
  plural: "persistentvolumes",
  isNamespaced: false,
};
export const STORAGE_CLASSES: Resource = {
  kind: "StorageClass",
  group: "storage.k8s.io",
  plural: "storageclasses",
  isNamespaced: false,
};

/** `limit`: of a page; the API server answers in the order of namespace and name. */
export function listRequest(resource: Resource, limit: number, continueToken: string): ApiRequest {
  return {
    ...request(resource, "list"),
    query: {
      ...selected(resource),
      limit: String(limit),
      ...(continueToken !== "" && { continue: continueToken }),
    },
  };
}

/**
 * A list of nothing, for its resourceVersion: a name that no object bears. Without a
 * resourceVersion it is answered by quorum, or from a cache that was seen to be as new (KEP-2340);
 * then the API server's cache asks etcd how far it is, and its next bookmark tells that. Within
 * one namespace it is the look-up of one key.
 */
export function versionRequest(resource: Resource): ApiRequest {
  const path = pathOf(resource, resource.isNamespaced ? "namespaces/default/" : "");
  return {
    ...request(resource, "list"),
    path,
    query: { fieldSelector: "metadata.name=gpu-autoscaler-asks-how-new-this-is" },
  };
}

/** What came after a resourceVersion, for so many seconds. */
export function watchRequest(resource: Resource, version: string, seconds: number): ApiRequest {
  return {
    ...request(resource, "watch"),
    query: {
      ...selected(resource),
      watch: "true",
      allowWatchBookmarks: "true",
      resourceVersion: version,
      timeoutSeconds: String(seconds),
    },
  };
}

function request(resource: Resource, verb: "list" | "watch"): ApiRequest {
  const { group, plural } = resource;
  return { method: "GET", path: pathOf(resource, ""), verb, group, resource: plural, lane: plural };
}

function pathOf({ group, plural }: Resource, namespace: string): string {
  return `${group === "" ? "/api/v1" : `/apis/${group}/v1`}/${namespace}${plural}`;
}

function selected({ fieldSelector }: Resource): Readonly<Record<string, string>> {
  return fieldSelector === undefined ? {} : { fieldSelector };
}
