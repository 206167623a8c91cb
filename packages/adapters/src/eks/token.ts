import { Sha256 } from "@aws-crypto/sha256-js";
import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { AutoscalerError, type EpochMs, MINUTE_MS } from "@gpu-autoscaler/core";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import type { AwsAccess } from "../aws/access.ts";

/** A bearer token for an EKS cluster's API server, and until when it is used. */
export interface EksToken {
  readonly token: string;
  readonly renewAt: EpochMs;
}

/**
 * The API server takes a token for 15 min from its X-Amz-Date (aws-iam-authenticator, "API
 * Authorization from Outside a Cluster"); a minute is left for the clocks to differ.
 */
const USED_FOR_MS = 14 * MINUTE_MS;
/** Of the URL itself, which nobody opens but the API server's authenticator. */
const URL_EXPIRES_SECONDS = 60;

/**
 * Signs a token offline: a presigned `sts:GetCallerIdentity` of the region, with the cluster's name
 * among the signed headers, so that it is good for no other cluster. Throws `aws-credentials`.
 */
export async function signEksToken(
  cluster: string,
  { region, clock, credentials }: AwsAccess,
): Promise<EksToken> {
  const now = clock.now();
  const identity = await identityOf(credentials);
  const host = `sts.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
  const signer = new SignatureV4({ credentials: identity, region, service: "sts", sha256: Sha256 });
  const request = new HttpRequest({
    method: "GET",
    protocol: "https:",
    hostname: host,
    path: "/",
    query: { Action: "GetCallerIdentity", Version: "2011-06-15" },
    headers: { host, "x-k8s-aws-id": cluster },
  });
  const { query } = await signer.presign(request, {
    expiresIn: URL_EXPIRES_SECONDS,
    signingDate: new Date(now),
  });
  const parameters = Object.entries(query ?? {}).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`,
  );
  const url = `https://${host}/?${parameters.join("&")}`;
  // The API server asks STS at once, and again after its own cache: the role's credentials must last.
  const expiration = identity.expiration?.getTime() ?? Number.POSITIVE_INFINITY;
  return {
    token: `k8s-aws-v1.${Buffer.from(url).toString("base64url")}`,
    renewAt: Math.min(now + USED_FOR_MS, expiration),
  };
}

async function identityOf(credentials: AwsAccess["credentials"]) {
  try {
    const provider = credentials ?? defaultProvider();
    return typeof provider === "function" ? await provider() : provider;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AutoscalerError(
      "aws-credentials",
      `no AWS credentials to sign a token for the API server with (${why}): in Lambda they are the function's role; elsewhere set a profile or the AWS environment variables`,
      { retryable: true, cause },
    );
  }
}
