import { AutoscalerError } from "@gpu-autoscaler/core";
import { Refusal } from "./answer.ts";

/** An answer that is not 200. */
export interface RefusedQuery {
  readonly status: number;
  /** AWS's code, from the header x-amzn-errortype; null where it is absent. */
  readonly errorType: string | null;
  readonly text: string;
  readonly endpoint: string;
  readonly region: string;
}

/** AMP often names no code: then these are in its words. */
const BY_WORDS: readonly (readonly [RegExp, string])[] = [
  [/expired/i, "ExpiredTokenException"],
  [/not authorized to perform/i, "AccessDeniedException"],
  [/missing authentication token/i, "MissingAuthenticationToken"],
  [/security token/i, "UnrecognizedClientException"],
  [/signature/i, "InvalidSignatureException"],
];

/**
 * What to throw for an answer that is not 200: an AutoscalerError where the mend is Prometheus'
 * own, else an error in the shape of the SDK's, for `awsError` to judge.
 */
export function refusalOf({ status, errorType, text, endpoint, region }: RefusedQuery): Error {
  const said = saidIn(text);
  if (/scoped to a valid region/i.test(said)) {
    return new AutoscalerError(
      "aws-wrong-region",
      `aps:QueryMetrics in ${region}: ${said.trim()}; set the region of the workspace, that of its endpoint ${endpoint}`,
      { data: { status } },
    );
  }
  if (status === 404) {
    return new AutoscalerError(
      "amp-workspace-missing",
      `there is no workspace at ${endpoint}: deploy it, or correct its id and region`,
      { data: { status } },
    );
  }
  if (status === 400 || status === 422) {
    return new AutoscalerError(
      "amp-query-refused",
      `the workspace refused a query: ${said}; look at its query limits, or report the query as a fault of the autoscaler`,
      { data: { status } },
    );
  }
  const words = BY_WORDS.find(([pattern]) => pattern.test(said))?.[1];
  const name = errorType?.split(":")[0] ?? words ?? `HTTP ${status}`;
  return Object.assign(new Error(said), { name, $metadata: { httpStatusCode: status } });
}

/** The words of an error, which may come as JSON of either kind, or as text. */
function saidIn(text: string): string {
  try {
    const said = Refusal.safeParse(JSON.parse(text)).data;
    if (said) return said;
  } catch {
    // Not JSON: a proxy's words. They are told as they are.
  }
  return text.slice(0, 300);
}
