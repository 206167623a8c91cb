import type { Node } from "@gpu-autoscaler/core";
import type { ApiClient } from "../api/api-client.ts";
import { apiError } from "../api/api-errors.ts";
import type { ApiRequest } from "../api/api-request.ts";
import { nodeFrom } from "../node.ts";

/**
 * A node by its name, from quorum; null when there is none. Throws what the API server refuses, and
 * `InvalidKubernetesObject`.
 */
export async function readNode(api: ApiClient, name: string): Promise<Node | null> {
  const request: ApiRequest = {
    method: "GET",
    path: `/api/v1/nodes/${encodeURIComponent(name)}`,
    verb: "get",
    group: "",
    resource: "nodes",
  };
  const answer = await api.call(request);
  if (answer.status === 404) return null;
  if (answer.status !== 200) throw apiError(api.cluster, request, answer);
  return nodeFrom(answer.body);
}
