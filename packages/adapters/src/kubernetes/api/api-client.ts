import { AutoscalerError } from "@gpu-autoscaler/core";
import { outOfTime, unintelligible, unreachable } from "./api-errors.ts";
import type { ApiAnswer, ApiRequest, CallFigures } from "./api-request.ts";
import type { ClusterAccess } from "./cluster-access.ts";
import { type Connections, createConnections } from "./connections.ts";
import { type Exchange, exchange } from "./exchange.ts";
import { linesOf } from "./lines.ts";
import { type Patience, waitToRetry } from "./patience.ts";

/** Speaks to the API server of one cluster. */
export interface ApiClient {
  /** The cluster's name, for errors. */
  readonly cluster: string;
  /**
   * The answer, whatever its status. What may go better the next time (no answer, 429, 5xx) is tried
   * again while it fits the time that is left. Throws `kubernetes-unreachable`,
   * `kubernetes-unintelligible`, `kubernetes-out-of-time`, and what looking the cluster up throws.
   */
  call(request: ApiRequest): Promise<ApiAnswer>;
  /** As `call`; but a 200 comes at once, and its lines follow until the answer ends, breaks off or takes too long. */
  watch(request: ApiRequest, timeoutMs: number): Promise<WatchAnswer>;
  /** Closes the connections. */
  close(): Promise<void>;
}

interface WatchAnswer extends ApiAnswer {
  readonly lines: AsyncIterable<string>;
}

export interface ApiClientOptions extends Patience {
  readonly access: ClusterAccess;
  readonly onCall: (figures: CallFigures) => void;
}

/** For a whole answer; a page of 500 pods is some MB. */
const CALL_TIMEOUT_MS = 10_000;

export function createApiClient(options: ApiClientOptions): ApiClient {
  const { access, remainingMs, onCall } = options;
  const cluster = access.name;
  let connections: Connections | null = null;

  const connected = async (): Promise<Connections> => {
    const server = await access.lookUp();
    if (connections?.isTo(server)) return connections;
    // Nothing is awaited in between: requests that begin together must find the same.
    const before = connections;
    const made = createConnections(server);
    connections = made;
    before?.destroy();
    return made;
  };

  /** One try; of 200 what `read` makes of it. */
  async function once<Answer>(
    request: ApiRequest,
    timeoutMs: number,
    read: (answer: Exchange) => Promise<Answer>,
  ): Promise<Answer> {
    if (remainingMs() <= 0) throw outOfTime(cluster, request);
    const [to, token] = await Promise.all([connected(), access.token()]);
    const fits = Math.max(1, Math.min(timeoutMs, remainingMs()));
    try {
      return await read(await exchange(to, request, token, fits, onCall));
    } catch (error) {
      if (error instanceof AutoscalerError) throw error;
      throw unreachable(cluster, to.endpoint, request, error);
    }
  }

  async function retried<Answer extends ApiAnswer>(
    request: ApiRequest,
    attempt: () => Promise<Answer>,
  ): Promise<Answer> {
    let isTokenFresh = false;
    for (let tries = 1; ; tries++) {
      const outcome = await settled(attempt);
      if ("answer" in outcome && outcome.answer.status === 401 && !isTokenFresh) {
        isTokenFresh = true;
        access.forget();
        continue;
      }
      if ("answer" in outcome && !isWorthRetrying(request, outcome.answer)) return outcome.answer;
      const retryAfterMs = "answer" in outcome ? outcome.answer.retryAfterMs : null;
      if (await waitToRetry(tries, retryAfterMs, options)) continue;
      if ("answer" in outcome) return outcome.answer;
      // The API server may have moved, or bear a new certificate.
      access.forget();
      throw outcome.error;
    }
  }

  const whole = async (request: ApiRequest, answer: Exchange): Promise<ApiAnswer> => {
    const read = await readWhole(answer);
    if (read.status < 300 && typeof read.body === "string")
      throw unintelligible(cluster, request, "it is no JSON");
    return read;
  };

  return {
    cluster,
    call: (request) =>
      retried(request, () => once(request, CALL_TIMEOUT_MS, (answer) => whole(request, answer))),
    watch: (request, timeoutMs) =>
      retried(request, () =>
        once(request, timeoutMs, async (answer) =>
          answer.status === 200
            ? { ...answer, body: null, bytes: 0, lines: untilItBreaks(answer.chunks) }
            : { ...(await whole(request, answer)), lines: NO_LINES },
        ),
      ),
    async close() {
      connections?.destroy();
      connections = null;
    },
  };
}

/** What `attempt` gives, or the error that may not come a second time. */
async function settled<Answer>(
  attempt: () => Promise<Answer>,
): Promise<{ readonly answer: Answer } | { readonly error: AutoscalerError }> {
  try {
    return { answer: await attempt() };
  } catch (error) {
    if (error instanceof AutoscalerError && error.retryable) return { error };
    throw error;
  }
}

function isWorthRetrying(request: ApiRequest, answer: ApiAnswer): boolean {
  return (answer.status === 429 || answer.status >= 500) && !request.isFinal?.(answer);
}

async function readWhole({ status, retryAfterMs, chunks }: Exchange): Promise<ApiAnswer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  const body = Buffer.concat(parts);
  return { status, retryAfterMs, body: parsed(body.toString()), bytes: body.length };
}

/** Proxies and dying servers answer with other than JSON: then it stays the text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const NO_LINES: AsyncIterable<string> = { async *[Symbol.asyncIterator]() {} };

/** A watch may end at any moment, and is taken up again where it ended: how it ended says nothing. */
async function* untilItBreaks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  try {
    yield* linesOf(chunks);
  } catch {
    // Whoever reads on sees by the last resourceVersion what is missing.
  }
}
