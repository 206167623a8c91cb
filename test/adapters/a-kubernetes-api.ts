import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout } from "node:timers/promises";
import { createKubernetes, type KubernetesOptions } from "@gpu-autoscaler/adapters";
import { onTestFinished } from "vitest";

/** What a request to the API server asks. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly token: string | undefined;
  readonly body: unknown;
  /** Of the client: one for each connection. */
  readonly port: number | undefined;
}

/** How it is answered. `lines` are a watch, which ends `after` them, stays open, or is cut off. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly text?: string;
  readonly lines?: readonly unknown[];
  readonly after?: "end" | "cut" | "stay";
  readonly afterMs?: number;
}

/** null leaves the request to the empty cluster that stands behind. */
export type Handler = (asked: Asked) => Answer | null;

/** An API server of an empty cluster on 127.0.0.1, which a handler answers for where it will. */
export async function aKubernetesApi(handler: Handler, options: Partial<KubernetesOptions> = {}) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void readWhole(request).then((body) => {
      const url = new URL(request.url ?? "", "http://server");
      const each: Asked = {
        method: request.method ?? "",
        path: url.pathname,
        query: url.searchParams,
        token: request.headers.authorization?.replace("Bearer ", ""),
        body: body === "" ? undefined : JSON.parse(body),
        port: request.socket.remotePort,
      };
      asked.push(each);
      const answer = handler(each) ?? emptyCluster(each);
      void setTimeout(answer.afterMs ?? 0).then(() => respond(response, answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const forgotten: string[] = [];
  const kubernetes = createKubernetes({
    access: {
      name: "test",
      lookUp: async () => ({ endpoint: `http://127.0.0.1:${port}`, certificateAuthority: null }),
      token: async () => `token-${forgotten.length}`,
      forget: () => forgotten.push("token"),
    },
    clock: { now: () => Date.now() },
    random: () => 0,
    listAnewBytes: 0,
    ...options,
  });
  let open = 0;
  server.on("connection", (socket) => {
    open++;
    socket.on("close", () => open--);
  });
  /** Stops the server, and tells how many connections the client had left open by then. */
  const stop = async () => {
    await kubernetes.close();
    await setTimeout(50);
    const left = open;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    return left;
  };
  onTestFinished(async () => void (await stop()));
  return { ...kubernetes, asked, forgotten, stop };
}

async function readWhole(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}

function respond(response: ServerResponse, { status = 200, headers = {}, ...answer }: Answer): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  if (answer.lines === undefined) {
    response.end(answer.text ?? JSON.stringify(answer.json ?? {}));
    return;
  }
  for (const line of answer.lines) {
    response.write(typeof line === "string" ? line : `${JSON.stringify(line)}\n`);
  }
  if (answer.after === "cut") void setTimeout(20).then(() => response.destroy());
  else if (answer.after !== "stay") response.end();
}

function emptyCluster({ query }: Asked): Answer {
  return query.has("watch") ? { lines: [bookmark(1)] } : { json: aList(1) };
}

export function aList(version: number, items: readonly unknown[] = [], next?: string): unknown {
  return { metadata: { resourceVersion: String(version), ...(next && { continue: next }) }, items };
}

export function bookmark(version: number): unknown {
  return { type: "BOOKMARK", object: { metadata: { resourceVersion: String(version) } } };
}

export function changed(object: { readonly metadata: object }, version: number): unknown {
  return { type: "MODIFIED", object: withVersion(object, version) };
}

export function deleted(object: { readonly metadata: object }, version: number): unknown {
  return { type: "DELETED", object: withVersion(object, version) };
}

function withVersion(object: { readonly metadata: object }, version: number): unknown {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
}

/** A meta/v1 Status. */
export function aStatus(message: string, causes: readonly string[] = []): unknown {
  return { kind: "Status", message, details: { causes: causes.map((reason) => ({ reason, message })) } };
}

/** Whether it is the list of a resource, one page of it, and not the question how new it is. */
export function isList({ query }: Asked): boolean {
  return query.has("limit");
}

export function isWatch({ query }: Asked): boolean {
  return query.has("watch");
}
