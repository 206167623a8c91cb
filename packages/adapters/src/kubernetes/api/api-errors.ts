import { AutoscalerError } from "@gpu-autoscaler/core";
import * as z from "zod";
import type { ApiAnswer, ApiRequest } from "./api-request.ts";

/** A meta/v1 Status, which the API server answers errors with. */
const statusSchema = z.object({
  message: z.string().catch(""),
  details: z
    .object({
      causes: z.array(z.object({ reason: z.string().catch(""), message: z.string().catch("") })).catch([]),
    })
    .catch({ causes: [] }),
});

export interface ApiStatus {
  readonly message: string;
  /** Reasons of its causes, such as DisruptionBudget. */
  readonly causes: readonly string[];
}

/** What an answer with an error says; of one that is no Status, its beginning. */
export function statusOf({ status, body }: ApiAnswer): ApiStatus {
  const parsed = statusSchema.safeParse(body).data;
  const said = parsed?.message || (typeof body === "string" ? body.slice(0, 200) : "");
  return {
    message: said === "" ? `status ${status}` : said,
    causes: (parsed?.details.causes ?? []).map(({ reason }) => reason),
  };
}

/** The error that an answer stands for: what it was about, and how to mend it. */
export function apiError(cluster: string, request: ApiRequest, answer: ApiAnswer): AutoscalerError {
  const { code, mend, retryable } = meaningOf(request, answer);
  const asked = `${request.verb} ${request.resource}`;
  return new AutoscalerError(code, `cluster ${cluster}: ${asked}: ${mend} (${statusOf(answer).message})`, {
    retryable,
    data: { cluster, verb: request.verb, resource: request.resource, status: answer.status },
  });
}

function meaningOf(request: ApiRequest, { status }: ApiAnswer) {
  switch (status) {
    case 401:
      return { code: "kubernetes-unauthorized", mend: UNAUTHORIZED, retryable: false };
    case 403:
      return { code: "kubernetes-forbidden", mend: permissionMend(request), retryable: false };
    case 404:
      return { code: "kubernetes-not-served", mend: "the API server does not serve it", retryable: false };
    case 429:
      return { code: "throttled", mend: "the API server throttled it to the end", retryable: true };
    default: {
      const retryable = status >= 500;
      return { code: "kubernetes-failed", mend: `the API server answered ${status}`, retryable };
    }
  }
}

const UNAUTHORIZED =
  "the API server does not take the token, not a fresh one either: give the role that the program runs as (the role's ARN, not a session's) an EKS access entry of type STANDARD, in a cluster whose authentication mode is API or API_AND_CONFIG_MAP, and see that the program's clock is right";

function permissionMend({ verb, group, resource }: ApiRequest): string {
  return `it is forbidden: the ClusterRole gpu-autoscaler (deploy/rbac.yaml) must allow verb "${verb}" on resource "${resource}" of API group "${group}", and its ClusterRoleBinding must name a group of the role's access entry`;
}

/** No answer came: connection, TLS or time. */
export function unreachable(
  cluster: string,
  endpoint: string,
  request: ApiRequest,
  cause: unknown,
): AutoscalerError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new AutoscalerError(
    "kubernetes-unreachable",
    `cluster ${cluster}: ${request.verb} ${request.resource}: no answer of ${endpoint} (${why}): see that the program's subnets lead there, and that the cluster's security group lets its security group in on port 443`,
    { retryable: true, data: { cluster, endpoint }, cause },
  );
}

/** The tick has no time left for the request. */
export function outOfTime(cluster: string, request: ApiRequest): AutoscalerError {
  return new AutoscalerError(
    "kubernetes-out-of-time",
    `cluster ${cluster}: ${request.verb} ${request.resource}: the tick's time was over; the next one tries again`,
    { retryable: true, data: { cluster } },
  );
}

/** An answer that is not what the API server says in such a case. */
export function unintelligible(cluster: string, request: ApiRequest, problem: string): AutoscalerError {
  return new AutoscalerError(
    "kubernetes-unintelligible",
    `cluster ${cluster}: ${request.verb} ${request.resource}: the answer cannot be read (${problem}): see whether something between program and API server answers in its stead`,
    { retryable: true, data: { cluster } },
  );
}
