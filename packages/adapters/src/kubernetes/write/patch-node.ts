import {
  CLOSED_TAINT,
  DRAINING_TAINT,
  INTERRUPTED_TAINT,
  REASON_ANNOTATION,
  type ReasonCode,
  type Taint,
  type WriteResult,
} from "@gpu-autoscaler/core";
import * as z from "zod";
import type { ApiClient } from "../api/api-client.ts";
import { apiError, statusOf, unintelligible } from "../api/api-errors.ts";
import type { ApiAnswer, ApiRequest } from "../api/api-request.ts";

const OUR_TAINTS: ReadonlySet<string> = new Set([DRAINING_TAINT, INTERRUPTED_TAINT, CLOSED_TAINT]);

/** Taints whole, with the fields that the model has not: what is not ours is written back as it was. */
const nodeSchema = z.object({
  metadata: z.object({ resourceVersion: z.string() }),
  spec: z.object({ taints: z.array(z.looseObject({ key: z.string() })).nullish() }).nullish(),
});
type RawTaints = readonly Readonly<Record<string, unknown> & { key: string }>[];

/** What a merge patch sets, or takes away by null. */
interface Mark {
  readonly unschedulable: true | null;
  readonly why: ReasonCode | null;
}

/** Makes a node unschedulable, taints it and annotates it with why, in one patch. */
export function cordon(
  api: ApiClient,
  node: string,
  resourceVersion: string,
  { key, value, effect }: Taint,
  why: ReasonCode,
): Promise<WriteResult> {
  return patchNode(api, node, resourceVersion, { unschedulable: true, why }, (taints) => [
    ...taints.filter((taint) => taint.key !== key),
    { key, value, effect },
  ]);
}

/** Makes a node schedulable and takes our taints and our annotation away, and no others, in one patch. */
export function uncordon(api: ApiClient, node: string, resourceVersion: string): Promise<WriteResult> {
  return patchNode(api, node, resourceVersion, { unschedulable: null, why: null }, (taints) =>
    taints.filter(({ key }) => !OUR_TAINTS.has(key)),
  );
}

/**
 * The node is read first, because every kind of patch but one by index replaces `spec.taints` as a
 * whole (`listType=atomic` in k8s.io/api/core/v1 NodeSpec), and the model does not keep all that
 * is in a taint. The resourceVersion in the patch is its precondition.
 */
async function patchNode(
  api: ApiClient,
  node: string,
  resourceVersion: string,
  { unschedulable, why }: Mark,
  edit: (taints: RawTaints) => RawTaints,
): Promise<WriteResult> {
  const about = { path: `/api/v1/nodes/${encodeURIComponent(node)}`, group: "", resource: "nodes" };
  const get: ApiRequest = { ...about, method: "GET", verb: "get" };
  const read = await api.call(get);
  if (read.status !== 200) return refused(api, get, read);
  const { data, error } = nodeSchema.safeParse(read.body);
  if (!data) throw unintelligible(api.cluster, get, z.prettifyError(error));
  const found = data.metadata.resourceVersion;
  if (found !== resourceVersion) {
    const detail = `node ${node} is at resourceVersion ${found}, no more at ${resourceVersion}`;
    return { status: "precondition-failed", detail };
  }
  const taints = edit(data.spec?.taints ?? []);
  const patch: ApiRequest = {
    ...about,
    method: "PATCH",
    verb: "patch",
    body: {
      contentType: "application/merge-patch+json",
      value: {
        metadata: { resourceVersion, annotations: { [REASON_ANNOTATION]: why } },
        spec: { unschedulable, taints },
      },
    },
  };
  const answer = await api.call(patch);
  return answer.status === 200 ? { status: "done" } : refused(api, patch, answer);
}

function refused(api: ApiClient, request: ApiRequest, answer: ApiAnswer): WriteResult {
  switch (answer.status) {
    case 404:
      return { status: "gone" };
    case 409:
      return { status: "precondition-failed", detail: statusOf(answer).message };
    case 429:
      return { status: "throttled", detail: statusOf(answer).message };
    default:
      throw apiError(api.cluster, request, answer);
  }
}
