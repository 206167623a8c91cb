import { Agent, request as httpsRequest } from "node:https";
import { type OnWatchEvent, openWatch, type Watch } from "./watch.ts";

/** What the API server answered. */
interface ApiAnswer {
  readonly status: number;
  /** Parsed JSON, or the text where it is none. */
  readonly body: unknown;
}

/** JSON over kept-alive connections to one API server. */
export interface ApiClient {
  /** Any answer, whatever its status. Rejects where there is none within 60 s. */
  request(method: string, path: string, body?: unknown, contentType?: string): Promise<ApiAnswer>;
  /** These throw what is no 2xx, with the server's message. They give the body. */
  get(path: string): Promise<unknown>;
  create(path: string, object: unknown): Promise<unknown>;
  replace(path: string, object: unknown): Promise<unknown>;
  /** A merge patch. */
  patch(path: string, patch: unknown): Promise<unknown>;
  /** `options`: a DeleteOptions. */
  delete(path: string, options?: unknown): Promise<unknown>;
  /** Streams a watch (`?watch=1…`) until it is stopped, the client closed, or the server ends it. */
  watch(path: string, onEvent: OnWatchEvent): Watch;
  /** Closes its connections. */
  close(): void;
}

const TIMEOUT_MS = 60_000;

/** `ca`: as PEM. `token`: a bearer token. */
export function apiClient(url: string, ca: string, token: string): ApiClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 32, ca });
  const send: ApiClient["request"] = (method, path, body, contentType = "application/json") =>
    new Promise((resolve, reject) => {
      const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
      const headers = {
        authorization: `Bearer ${token}`,
        accept: "application/json",
        ...(bytes && { "content-type": contentType, "content-length": bytes.length }),
      };
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const outgoing = httpsRequest(`${url}${path}`, { agent, method, headers, signal }, (incoming) => {
        const parts: Buffer[] = [];
        incoming.on("data", (part: Buffer) => parts.push(part));
        incoming.on("error", reject);
        incoming.on("end", () => {
          resolve({ status: incoming.statusCode ?? 0, body: parsed(Buffer.concat(parts).toString()) });
        });
      });
      outgoing.on("error", (cause) => reject(new Error(`${method} ${path} had no answer`, { cause })));
      outgoing.end(bytes);
    });
  const expectOk = async (...args: Parameters<ApiClient["request"]>) => {
    const { status, body } = await send(...args);
    if (status >= 200 && status < 300) return body;
    throw new Error(`${args[0]} ${args[1]} was answered with ${status}: ${messageOf(body)}`);
  };
  return {
    request: send,
    get: (path) => expectOk("GET", path),
    create: (path, object) => expectOk("POST", path, object),
    replace: (path, object) => expectOk("PUT", path, object),
    patch: (path, patch) => expectOk("PATCH", path, patch, "application/merge-patch+json"),
    delete: (path, options) => expectOk("DELETE", path, options),
    watch: (path, onEvent) => openWatch(`${url}${path}`, agent, token, onEvent),
    close: () => agent.destroy(),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function messageOf(body: unknown): string {
  if (typeof body === "object" && body !== null && "message" in body) return String(body.message);
  return JSON.stringify(body);
}
