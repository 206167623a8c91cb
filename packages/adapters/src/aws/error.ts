import { AutoscalerError } from "@gpu-autoscaler/core";
import type { AwsCall } from "./access.ts";

/** AWS's codes for "too many calls". Source: the SDK's own list (@smithy/core, service-error-classification). */
const THROTTLED: ReadonlySet<string> = new Set([
  "BandwidthLimitExceeded",
  "EC2ThrottledException",
  "LimitExceededException",
  "PriorRequestNotComplete",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "SlowDown",
  "ThrottledException",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
]);

const DENIED: ReadonlySet<string> = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "UnauthorizedAccess",
  "UnauthorizedOperation",
]);

const CREDENTIALS: ReadonlySet<string> = new Set([
  "AuthFailure",
  "CredentialsProviderError",
  "ExpiredToken",
  "ExpiredTokenException",
  "IncompleteSignature",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "MissingAuthenticationToken",
  "NotAuthorized",
  "OptInRequired",
  "RequestExpired",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch",
  "TokenProviderError",
  "UnrecognizedClientException",
]);

/** The same call succeeds once what is in its way is done. */
const PASSING: ReadonlySet<string> = new Set([
  "IdempotentCallInProgress",
  "InternalError",
  "InternalErrorException",
  "InternalFailure",
  "ResourceContention",
  "ScalingActivityInProgress",
  "ServiceUnavailable",
  "Unavailable",
]);

const NO_SUCH_HOST: ReadonlySet<string> = new Set(["ENOTFOUND", "EINVAL"]);

const UNREACHABLE: ReadonlySet<string> = new Set([
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EPIPE",
  "ERR_SSL_WRONG_VERSION_NUMBER",
]);

const TIMED_OUT: ReadonlySet<string> = new Set(["AbortError", "ETIMEDOUT", "TimeoutError"]);

interface Verdict {
  readonly code: string;
  readonly retryable: boolean;
  readonly mend: string;
}

/**
 * The error of the program for an error of the SDK: `throttled`, `aws-access-denied`,
 * `aws-credentials`, `aws-wrong-region`, `aws-unreachable`, `aws-timeout`, else AWS's own code. Its
 * message names the call, what AWS said, and the mend; it is the same for the same fault, so that
 * a fault that lasts is recorded once.
 */
export function awsError(call: AwsCall, cause: unknown): AutoscalerError {
  const code = codeOf(cause);
  // EC2 adds a blob that differs each time and that only an administrator can decode.
  const said = (textOf(cause, "message") ?? String(cause)).split(" Encoded authorization")[0] ?? "";
  const verdict = verdictOf(call, code, statusOf(cause));
  const detail = said === "" || said === code ? code : `${code}: ${said.replace(/\.$/, "")}`;
  return new AutoscalerError(
    verdict.code,
    `${call.service}:${call.operation} in ${call.region}: ${detail}${verdict.mend && `; ${verdict.mend}`}`,
    { retryable: verdict.retryable, data: { ...call, awsCode: code }, cause },
  );
}

function verdictOf(call: AwsCall, code: string, status: number | null): Verdict {
  const { service, operation, region } = call;
  if (THROTTLED.has(code) || status === 429) {
    return { code: "throttled", retryable: true, mend: "the next tick tries again" };
  }
  if (DENIED.has(code)) {
    const mend = `allow ${service}:${operation} for the role that makes the call`;
    return { code: "aws-access-denied", retryable: false, mend };
  }
  if (CREDENTIALS.has(code)) {
    const mend = `the credentials are not valid for ${region}: renew them, enable the region for the account, and check the machine's clock`;
    return { code: "aws-credentials", retryable: false, mend };
  }
  if (NO_SUCH_HOST.has(code)) {
    const mend = `AWS has no such endpoint: correct the region "${region}" in the configuration, or the DNS of the network`;
    return { code: "aws-wrong-region", retryable: false, mend };
  }
  if (UNREACHABLE.has(code)) {
    const mend = `let the function reach ${service} in ${region}: a NAT gateway or a VPC endpoint, and its security group`;
    return { code: "aws-unreachable", retryable: true, mend };
  }
  if (TIMED_OUT.has(code)) {
    const mend = `no answer in time; if it lasts, let the function reach ${service} in ${region}`;
    return { code: "aws-timeout", retryable: true, mend };
  }
  const passes = PASSING.has(code) || (status !== null && status >= 500);
  return { code, retryable: passes, mend: "" };
}

/** AWS's code of an error, as the service names it, or that of the network. */
function codeOf(error: unknown): string {
  return textOf(error, "Code") ?? textOf(error, "code") ?? textOf(error, "name") ?? "UnknownError";
}

function statusOf(error: unknown): number | null {
  const metadata = fieldOf(error, "$metadata");
  const status = fieldOf(metadata, "httpStatusCode");
  return typeof status === "number" ? status : null;
}

function textOf(value: unknown, name: string): string | null {
  const field = fieldOf(value, name);
  return typeof field === "string" ? field : null;
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Reflect.get(value, name);
}
