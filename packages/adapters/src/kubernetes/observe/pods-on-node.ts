import type { Pod } from "@gpu-autoscaler/core";
import type { ApiClient } from "../api/api-client.ts";
import type { ApiRequest } from "../api/api-request.ts";
import { podFrom } from "../pod.ts";
import { readList } from "./list-pages.ts";
import { NOT_ENDED } from "./resources.ts";

/**
 * The pods bound to a node that have not ended, by quorum: without a resourceVersion the API server
 * answers from no cache that is older than the request. What their volumes demand is left out.
 * Throws `InvalidKubernetesObject` for a pod that cannot be read: it may be what the node must stay for.
 */
export async function podsOnNode(api: ApiClient, node: string): Promise<readonly Pod[]> {
  const request: ApiRequest = {
    method: "GET",
    path: "/api/v1/pods",
    query: { fieldSelector: `spec.nodeName=${node},${NOT_ENDED}` },
    verb: "list",
    group: "",
    resource: "pods",
  };
  const { items } = readList(api, request, await api.call(request));
  return (items ?? []).map((pod) => podFrom(pod));
}
