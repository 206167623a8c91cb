import type { ClientRequest, IncomingMessage } from "node:http";
import { type ApiRequest, type CallFigures, urlPath } from "./api-request.ts";
import type { Connections } from "./connections.ts";

/** An answer whose body has not been read yet. */
export interface Exchange {
  readonly status: number;
  readonly retryAfterMs: number | null;
  /** Its body, once. Whoever stops before the end closes the connection. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Sends a request once. Rejects with what Node.js says when no answer comes, or its body breaks off. */
export async function exchange(
  connections: Connections,
  request: ApiRequest,
  token: string,
  timeoutMs: number,
  onCall: (figures: CallFigures) => void,
): Promise<Exchange> {
  const { method, body, verb, resource, lane } = request;
  const signal = AbortSignal.timeout(Math.ceil(timeoutMs));
  const opened = connections.open(lane, urlPath(request), {
    method,
    headers: {
      ...(token !== "" && { authorization: `Bearer ${token}` }),
      accept: "application/json",
      "user-agent": "gpu-autoscaler",
      ...(body && { "content-type": body.contentType }),
    },
    signal,
  });
  const answer = await answerTo(opened, body && JSON.stringify(body.value), signal);
  const status = answer.statusCode ?? 0;
  return {
    status,
    retryAfterMs: retryAfterMsOf(answer.headers["retry-after"]),
    chunks: counted(answer, signal, (bytes) => onCall({ verb, resource, status, bytes })),
  };
}

function answerTo(
  opened: ClientRequest,
  body: string | undefined,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // Errors may follow the answer, too: then its body tells them.
    opened.on("error", (error) => reject(reasonOf(error, signal)));
    opened.once("response", resolve);
    opened.end(body);
  });
}

/** Node.js tells of any request whose time was over that it was aborted, and not why. */
function reasonOf(error: unknown, signal: AbortSignal): unknown {
  return signal.aborted ? signal.reason : error;
}

/** Whole seconds; the API server never sends a date. */
function retryAfterMsOf(header: string | undefined): number | null {
  return header !== undefined && /^\d+$/.test(header) ? Number(header) * 1_000 : null;
}

async function* counted(
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  onEnd: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      yield chunk;
    }
  } catch (error) {
    throw reasonOf(error, signal);
  } finally {
    onEnd(bytes);
  }
}
