import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Agent, request } from "node:https";
import type { AddressInfo } from "node:net";

/** A request that came for the API server. */
export interface ApiCall {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly isWatch: boolean;
  /** A list of nothing, by which a reader asks how new the cluster is. */
  readonly asksVersion: boolean;
}

/**
 * What becomes of it: it goes on; it is let in as a watch, and its events are kept back; or it is
 * answered here with a Status.
 */
export type ApiFate =
  | "forward"
  | "silence"
  | { readonly status: number; readonly reason: string; readonly retryAfterSeconds?: number };

/** In front of an EKS cluster's API server: checks tokens as EKS's authenticator does, and can disturb callers. */
export interface ApiFront {
  readonly endpoint: string;
  readonly calls: readonly ApiCall[];
  /** Decides the fate of calls from now on; null lets all pass. */
  disturb(fateOf: ((call: ApiCall) => ApiFate | Promise<ApiFate>) | null): void;
  stop(): Promise<void>;
}

/** The API server that it stands before. */
interface Behind {
  readonly url: string;
  readonly ca: string;
  /** The bearer token of the user that the access entry of the role stands for. */
  readonly token: string;
}

export async function startApiFront({ url, ca, token }: Behind): Promise<ApiFront> {
  const agent = new Agent({ keepAlive: true, ca });
  const calls: ApiCall[] = [];
  let fate: ((call: ApiCall) => ApiFate | Promise<ApiFate>) | null = null;

  const forward = (incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse, isSilent: boolean) => {
    const { method, url: path = "/", headers } = incoming;
    const { host: _, authorization: __, ...rest } = headers;
    const onward = request(
      `${url}${path}`,
      { agent, method, headers: { ...rest, authorization: `Bearer ${token}` } },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        outgoing.flushHeaders();
        answer.on("error", () => outgoing.destroy());
        if (isSilent) answer.resume().on("end", () => outgoing.end());
        else answer.pipe(outgoing);
      },
    );
    onward.on("error", () => outgoing.destroy());
    outgoing.on("close", () => onward.destroy());
    onward.end(body);
  };

  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    if (!isEksToken(incoming.headers.authorization)) return refuse(outgoing, 401, "Unauthorized");
    const call = callOf(incoming);
    calls.push(call);
    const decided = fate === null ? "forward" : await fate(call);
    if (typeof decided === "object") {
      return refuse(outgoing, decided.status, decided.reason, decided.retryAfterSeconds);
    }
    forward(incoming, Buffer.concat(chunks), outgoing, decided === "silence");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${portOf(server.address())}`,
    calls,
    disturb: (fateOf) => {
      fate = fateOf;
    },
    stop: () =>
      new Promise((resolve) => {
        agent.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A presigned GetCallerIdentity that names its cluster among the signed headers. */
function isEksToken(authorization: string | undefined): boolean {
  const text = /^Bearer k8s-aws-v1\.([\w-]+)$/.exec(authorization ?? "")?.[1];
  if (text === undefined) return false;
  const query = new URL(Buffer.from(text, "base64url").toString()).searchParams;
  const isSigned = query.get("X-Amz-SignedHeaders")?.includes("x-k8s-aws-id") === true;
  return isSigned && query.get("Action") === "GetCallerIdentity";
}

function callOf({ method = "GET", url = "/" }: IncomingMessage): ApiCall {
  const { pathname: path, searchParams: query } = new URL(url, "http://api");
  const isWatch = query.get("watch") === "true";
  const asksVersion = query.get("fieldSelector")?.startsWith("metadata.name=") === true;
  return { method, path, isWatch, asksVersion };
}

function refuse(outgoing: ServerResponse, code: number, reason: string, retryAfterSeconds?: number): void {
  const body = { kind: "Status", apiVersion: "v1", status: "Failure", message: reason, reason, code };
  const retryAfter = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  outgoing.writeHead(code, { "content-type": "application/json", ...retryAfter });
  outgoing.end(JSON.stringify(body));
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("the front listens on no port");
  return address.port;
}
