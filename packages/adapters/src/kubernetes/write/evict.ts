import type { ClusterWriter, WriteResult } from "@gpu-autoscaler/core";
import type { ApiClient } from "../api/api-client.ts";
import { apiError, statusOf } from "../api/api-errors.ts";
import type { ApiAnswer, ApiRequest } from "../api/api-request.ts";

/** A policy/v1 Eviction with the pod's uid as precondition, so that it may be sent again. */
export async function evict(
  api: ApiClient,
  pod: Parameters<ClusterWriter["evict"]>[0],
): Promise<WriteResult> {
  const { namespace, name, uid, gracePeriodSeconds } = pod;
  const request: ApiRequest = {
    method: "POST",
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/eviction`,
    body: {
      contentType: "application/json",
      value: {
        apiVersion: "policy/v1",
        kind: "Eviction",
        metadata: { namespace, name },
        deleteOptions: {
          preconditions: { uid },
          ...(gracePeriodSeconds !== null && { gracePeriodSeconds }),
        },
      },
    },
    verb: "create",
    group: "",
    resource: "pods/eviction",
    isFinal: isHeldByBudget,
  };
  return evicted(api, request, await api.call(request));
}

function evicted(api: ApiClient, request: ApiRequest, answer: ApiAnswer): WriteResult {
  const detail = statusOf(answer).message;
  if (isHeldByBudget(answer)) return { status: "disruption-budget", detail };
  switch (answer.status) {
    case 200:
    case 201:
      return { status: "done" };
    case 404:
      return { status: "gone" };
    case 409:
      return { status: "precondition-failed", detail };
    case 429:
      return { status: "throttled", detail };
    default:
      throw apiError(api.cluster, request, answer);
  }
}

/**
 * A budget allows none now (429 with that cause, which a rate limit has not), or the pod has more
 * than one budget, which the eviction API refuses with 500 ("API-initiated Eviction" of the
 * Kubernetes documentation). Neither goes away by asking again in this tick.
 */
function isHeldByBudget(answer: ApiAnswer): boolean {
  const { message, causes } = statusOf(answer);
  if (answer.status === 429) return causes.includes("DisruptionBudget");
  return answer.status === 500 && message.includes("more than one PodDisruptionBudget");
}
