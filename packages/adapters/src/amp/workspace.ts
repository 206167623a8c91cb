import { Sha256 } from "@aws-crypto/sha256-js";
import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { AutoscalerError, type EpochMs } from "@gpu-autoscaler/core";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import * as z from "zod";
import type { AwsAccess, CallLimits } from "../aws/access.ts";
import { createCaller } from "../aws/caller.ts";
import { QueryAnswer, type Series } from "./answer.ts";
import { refusalOf } from "./refusal.ts";

/** Measurements are wanted, not needed: a tick does not wait for them until its end. */
const LIMITS: Partial<CallLimits> = { attemptMs: 5_000, budgetMs: 10_000 };

/** A workspace of Amazon Managed Service for Prometheus, or a Prometheus that is routed like one. */
export interface AmpWorkspace {
  /** Evaluates an instant query of PromQL as of a time. */
  query(promql: string, at: EpochMs): Promise<readonly Series[]>;
}

/**
 * `workspaceUrl`: what AMP calls the workspace's prometheusEndpoint, such as
 * https://aps-workspaces.us-east-1.amazonaws.com/workspaces/ws-0123. Queries are signed for `aps`
 * and attempted again while budget and deadline last. Throws what `awsError` says, and
 * `amp-workspace-missing`, `amp-query-refused`, `amp-answer-unreadable`.
 */
export function openAmpWorkspace(access: AwsAccess, workspaceUrl: string): AmpWorkspace {
  const url = new URL(`${workspaceUrl.replace(/\/+$/, "")}/api/v1/query`);
  const endpoint = workspaceUrl;
  const { region } = access;
  const caller = createCaller(access, "aps");
  const signer = new SignatureV4({
    service: "aps",
    region,
    credentials: access.credentials ?? defaultProvider(),
    sha256: Sha256,
  });

  return {
    async query(promql, at) {
      const body = new URLSearchParams({ query: promql, time: String(at / 1_000) }).toString();
      const text = await caller(
        "QueryMetrics",
        async ({ abortSignal }) => {
          const { headers } = await signer.sign(requestTo(url, body));
          const answer = await fetchOnce(url, headers, body, abortSignal);
          if (answer.status === 200) return answer.text;
          throw refusalOf({ ...answer, endpoint, region });
        },
        { limits: LIMITS },
      );
      return seriesIn(text, endpoint);
    },
  };
}

function requestTo(url: URL, body: string): HttpRequest {
  return new HttpRequest({
    method: "POST",
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    headers: { host: url.host, "content-type": "application/x-www-form-urlencoded" },
    body,
  });
}

interface Fetched {
  readonly status: number;
  readonly errorType: string | null;
  readonly text: string;
}

/** Rejects with the error of the network itself, not with `fetch failed`. */
async function fetchOnce(
  url: URL,
  { host: _, ...headers }: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
): Promise<Fetched> {
  try {
    const answer = await fetch(url, { method: "POST", headers, body, signal });
    const errorType = answer.headers.get("x-amzn-errortype");
    return { status: answer.status, errorType, text: await answer.text() };
  } catch (error) {
    throw error instanceof TypeError && error.cause instanceof Error ? networkError(error.cause) : error;
  }
}

/** undici has codes of its own for connections that break off (UND_ERR_SOCKET, UND_ERR_CONNECT_TIMEOUT, …). */
function networkError(cause: Error): Error {
  const isUndici = "code" in cause && typeof cause.code === "string" && cause.code.startsWith("UND_ERR");
  return isUndici ? Object.assign(new Error(cause.message, { cause }), { code: "ECONNRESET" }) : cause;
}

function seriesIn(text: string, endpoint: string): readonly Series[] {
  let problem: string;
  try {
    const { data, error } = QueryAnswer.safeParse(JSON.parse(text));
    if (data) return data.data.result;
    problem = z.prettifyError(error);
  } catch (error) {
    problem = String(error);
  }
  throw new AutoscalerError(
    "amp-answer-unreadable",
    `${endpoint} does not answer like Prometheus: ${problem}; see that it is the workspace's prometheusEndpoint`,
    { data: { endpoint } },
  );
}
