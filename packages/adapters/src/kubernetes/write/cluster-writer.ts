import type { ClusterWriter } from "@gpu-autoscaler/core";
import type { ApiClient } from "../api/api-client.ts";
import { evict } from "./evict.ts";
import { cordon, uncordon } from "./patch-node.ts";

/**
 * Changes nodes and pods. Throws what the API server says of a request that it neither carries out
 * nor refuses for a reason of the object: `kubernetes-forbidden`, `kubernetes-unreachable`, …
 */
export function createClusterWriter(api: ApiClient): ClusterWriter {
  return {
    cordon: (node, resourceVersion, taint, why) => cordon(api, node, resourceVersion, taint, why),
    uncordon: (node, resourceVersion) => uncordon(api, node, resourceVersion),
    evict: (pod) => evict(api, pod),
  };
}
