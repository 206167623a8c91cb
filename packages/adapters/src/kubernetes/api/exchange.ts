import { type ApiRequest, type CallFigures, urlPath } from "./api-request.ts";
import type { Connections } from "./connections.ts";

/** An answer whose body has not been read yet. */
export interface Exchange {
  readonly status: number;
  readonly retryAfterMs: number | null;
  /** Its body, once. Whoever stops before the end closes the connection. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Sends a request once. Rejects with what undici says when no answer comes, or its body breaks off. */
export async function exchange(
  connections: Connections,
  request: ApiRequest,
  token: string,
  timeoutMs: number,
  onCall: (figures: CallFigures) => void,
): Promise<Exchange> {
  const { method, body, verb, resource, lane } = request;
  const answer = await connections.pool(lane).request({
    method,
    path: urlPath(request),
    headers: {
      authorization: `Bearer ${token}`,
      accept: "application/json",
      "user-agent": "gpu-autoscaler",
      ...(body && { "content-type": body.contentType }),
    },
    body: body ? JSON.stringify(body.value) : null,
    signal: AbortSignal.timeout(Math.ceil(timeoutMs)),
  });
  return {
    status: answer.statusCode,
    retryAfterMs: retryAfterMsOf(answer.headers["retry-after"]),
    chunks: counted(answer.body, (bytes) => onCall({ verb, resource, status: answer.statusCode, bytes })),
  };
}

/** Whole seconds; the API server never sends a date. */
function retryAfterMsOf(header: string | string[] | undefined): number | null {
  return typeof header === "string" && /^\d+$/.test(header) ? Number(header) * 1_000 : null;
}

async function* counted(
  body: AsyncIterable<Uint8Array>,
  onEnd: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      yield chunk;
    }
  } finally {
    onEnd(bytes);
  }
}
