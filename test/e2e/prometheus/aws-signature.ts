import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { ProxiedCall } from "../loopback-proxy.ts";

/** Who may call, and where. */
export interface Signer {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly service: string;
}

const MOST_SKEW_MS = 5 * 60_000;

/**
 * Computes AWS's Signature Version 4 of a call anew and gives what AWS would say against it; null
 * when it is good. Source: AWS General Reference, "Create a signed AWS API request". Written for
 * the tests, apart from the library that signs.
 */
export function whyUnsigned(call: ProxiedCall, signer: Signer, now: number): string | null {
  const authorization =
    /^AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      call.headers.authorization ?? "",
    );
  if (!authorization) return "Missing Authentication Token";
  const [, credential = "", signedHeaders = "", signature = ""] = authorization;
  const [accessKeyId, day = "", region, service] = credential.split("/");
  if (region !== signer.region) return "Credential should be scoped to a valid region. ";
  if (service !== signer.service)
    return `Credential should be scoped to correct service: '${signer.service}'. `;
  if (accessKeyId !== signer.accessKeyId) return "The security token included in the request is invalid";
  const time = headerOf(call, "x-amz-date");
  if (Math.abs(timeOf(time) - now) > MOST_SKEW_MS) return `Signature expired: ${time} is too far from now`;
  const bodyHash = sha256(call.body);
  if (headerOf(call, "x-amz-content-sha256") !== bodyHash)
    return "The provided x-amz-content-sha256 does not match";
  for (const name of ["host", "x-amz-date", "x-amz-content-sha256"]) {
    if (!signedHeaders.split(";").includes(name)) return `The signature does not cover the header ${name}`;
  }

  const headers = signedHeaders.split(";").map((name) => `${name}:${headerOf(call, name).trim()}\n`);
  const [path = "", query = ""] = call.path.split("?");
  const canonical = [call.method, path, query, headers.join(""), signedHeaders, bodyHash].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", time, scope, sha256(Buffer.from(canonical))].join("\n");
  const key = [day, region, service, "aws4_request"].reduce<Buffer>(
    (secret, part) => hmac(secret, part),
    Buffer.from(`AWS4${signer.secretAccessKey}`),
  );
  const isRight = timingSafeEqual(hmac(key, toSign), Buffer.from(signature, "hex"));
  return isRight ? null : "The request signature we calculated does not match the signature you provided.";
}

function headerOf({ headers }: ProxiedCall, name: string): string {
  const value = headers[name];
  return typeof value === "string" ? value : "";
}

/** 20260101T000000Z. */
function timeOf(time: string): number {
  return Date.parse(time.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/, "$1-$2-$3:$4:$5"));
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
