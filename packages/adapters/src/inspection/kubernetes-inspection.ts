import type { Clock, EpochMs } from "@gpu-autoscaler/core";
import * as z from "zod";
import { type ApiClient, createApiClient } from "../kubernetes/api/api-client.ts";
import { apiError, unintelligible } from "../kubernetes/api/api-errors.ts";
import type { ApiRequest } from "../kubernetes/api/api-request.ts";
import type { ClusterAccess } from "../kubernetes/api/cluster-access.ts";
import type { GrantedVerb } from "./granted-verbs.ts";

/** What a check asks of an API server beside the ports. */
export interface KubernetesInspection {
  /** Of the API server, such as 1 and 34. */
  version(): Promise<KubernetesVersion>;
  /** Whether who asks may do so (SelfSubjectAccessReview). */
  mayI(verb: GrantedVerb): Promise<boolean>;
  /** Whether the members of a group may; null when who asks may not ask that (SubjectAccessReview). */
  mayGroup(group: string, verb: GrantedVerb): Promise<boolean | null>;
  /** Containers of a pod: image, and command with arguments as one line; null when it is gone. */
  containersOf(namespace: string, pod: string): Promise<readonly ContainerCommand[] | null>;
  close(): Promise<void>;
}

export interface KubernetesVersion {
  readonly major: number;
  readonly minor: number;
  /** "v1.34.1-eks-…". */
  readonly text: string;
}

export interface ContainerCommand {
  readonly image: string;
  readonly command: readonly string[];
}

const Version = z.object({
  major: z.string().transform((text) => Number.parseInt(text, 10)),
  // EKS wrote "27+" for long.
  minor: z.string().transform((text) => Number.parseInt(text, 10)),
  gitVersion: z.string(),
});
const Review = z.object({ status: z.object({ allowed: z.boolean() }) });
const PodCommands = z.object({
  spec: z.object({
    containers: z.array(
      z.object({
        image: z.string().nullish(),
        command: z.array(z.string()).nullish(),
        args: z.array(z.string()).nullish(),
      }),
    ),
  }),
});

export interface KubernetesInspectionOptions {
  readonly access: ClusterAccess;
  readonly clock: Clock;
  /** No try begins or lasts beyond it. */
  readonly deadline: () => EpochMs;
}

/** Asks an API server what no port of the tick needs. Throws what `createApiClient` does, and `apiError`. */
export function inspectKubernetes(options: KubernetesInspectionOptions): KubernetesInspection {
  const { access, clock, deadline } = options;
  const remainingMs = () => deadline() - clock.now();
  const api = createApiClient({ access, remainingMs, random: Math.random, onCall: () => {} });
  return {
    async version() {
      const request = get("/version", "", "version");
      const { major, minor, gitVersion: text } = read(api, request, Version, await api.call(request));
      return { major, minor, text };
    },
    async mayI(verb) {
      const request = review("selfsubjectaccessreviews", { resourceAttributes: attributesOf(verb) });
      return read(api, request, Review, await api.call(request)).status.allowed;
    },
    async mayGroup(group, verb) {
      const spec = { user: "gpu-autoscaler-doctor", groups: [group], resourceAttributes: attributesOf(verb) };
      const request = review("subjectaccessreviews", spec);
      const answer = await api.call(request);
      return answer.status === 403 ? null : read(api, request, Review, answer).status.allowed;
    },
    async containersOf(namespace, pod) {
      const request = get(`/api/v1/namespaces/${namespace}/pods/${pod}`, "", "pods");
      const answer = await api.call(request);
      if (answer.status === 404) return null;
      const { spec } = read(api, request, PodCommands, answer);
      return spec.containers.map(({ image, command, args }) => ({
        image: image ?? "",
        command: [...(command ?? []), ...(args ?? [])],
      }));
    },
    close: api.close,
  };
}

function get(path: string, group: string, resource: string): ApiRequest {
  return { method: "GET", path, verb: "get", group, resource };
}

function review(resource: string, spec: object): ApiRequest {
  const group = "authorization.k8s.io";
  return {
    method: "POST",
    path: `/apis/${group}/v1/${resource}`,
    body: {
      contentType: "application/json",
      value: { apiVersion: `${group}/v1`, kind: KINDS[resource], spec },
    },
    verb: "create",
    group,
    resource,
  };
}

const KINDS: Readonly<Record<string, string>> = {
  selfsubjectaccessreviews: "SelfSubjectAccessReview",
  subjectaccessreviews: "SubjectAccessReview",
};

function attributesOf({ verb, group, resource }: GrantedVerb) {
  const [name, subresource] = resource.split("/");
  return { verb, group, resource: name, ...(subresource !== undefined && { subresource }) };
}

function read<Schema extends z.ZodType>(
  api: ApiClient,
  request: ApiRequest,
  schema: Schema,
  answer: Awaited<ReturnType<ApiClient["call"]>>,
): z.output<Schema> {
  if (answer.status >= 300) throw apiError(api.cluster, request, answer);
  const { success, data, error } = schema.safeParse(answer.body);
  if (success) return data;
  throw unintelligible(api.cluster, request, z.prettifyError(error));
}
