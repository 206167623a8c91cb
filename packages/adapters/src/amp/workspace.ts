import { Sha256 } from "@aws-crypto/sha256-js";
import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { AutoscalerError, type EpochMs } from "@gpu-autoscaler/core";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import * as z from "zod";
import { type AwsAccess, type CallLimits, CONNECT_WITHIN_MS } from "../aws/access.ts";
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
  const connections = new NodeHttpHandler({ connectionTimeout: CONNECT_WITHIN_MS });

  return {
    async query(promql, at) {
      const body = new URLSearchParams({ query: promql, time: String(at / 1_000) }).toString();
      const text = await caller(
        "QueryMetrics",
        async ({ abortSignal }) => {
          const signed = new HttpRequest(await signer.sign(requestTo(url, body)));
          const answer = await answerTo(signed, connections, abortSignal);
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
    ...(url.port !== "" && { port: Number(url.port) }),
    path: url.pathname,
    headers: { host: url.host, "content-type": "application/x-www-form-urlencoded" },
    body,
  });
}

interface Answer {
  readonly status: number;
  readonly errorType: string | null;
  readonly text: string;
}

/** By the handler of AWS's own clients, and not by `fetch`, which brings an HTTP client of its own. */
async function answerTo(
  request: HttpRequest,
  connections: NodeHttpHandler,
  abortSignal: AbortSignal,
): Promise<Answer> {
  const { response } = await connections.handle(request, { abortSignal });
  const parts: Uint8Array[] = [];
  for await (const part of response.body) parts.push(part);
  const errorType = response.headers["x-amzn-errortype"] ?? null;
  return { status: response.statusCode, errorType, text: Buffer.concat(parts).toString() };
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
