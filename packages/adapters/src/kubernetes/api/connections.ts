import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type RequestOptions,
} from "node:http";
import { type AgentOptions, Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { isDeepStrictEqual } from "node:util";
import type { ApiServer } from "./cluster-access.ts";

/** Connections to one API server, by lane. */
export interface Connections {
  readonly endpoint: string;
  isTo(server: ApiServer): boolean;
  /** Begins a request over a connection of its lane; what is sent, and heard of it, is the caller's. */
  open(lane: string | undefined, path: string, options: RequestOptions): ClientRequest;
  destroy(): void;
}

const CONNECT_TIMEOUT_MS = 3_000;
/** Longer than the minute between ticks; kube-apiserver drops idle connections after 90 s. */
const KEEP_ALIVE_MS = 75_000;
/** For requests without a lane, such as evictions side by side. */
const SHARED_CONNECTIONS = 10;

/**
 * Kept alive from tick to tick. Node.js' own client and not `@kubernetes/client-node`: that one
 * opens a connection for each request unless it is given an agent, has no time-outs of its own,
 * drops the fields its types do not know, and is 0.98 MB of a function's bundle; undici, which
 * would do, is half of that. Plain HTTP is for tests.
 */
export function createConnections(to: ApiServer): Connections {
  const { endpoint } = to;
  const agents = new Map<string, HttpAgent>();
  const url = new URL(endpoint);
  const base = url.pathname.replace(/\/+$/, "");
  const isTls = url.protocol === "https:";
  const request = isTls ? httpsRequest : httpRequest;

  function agentOf(lane: string | undefined): HttpAgent {
    const known = agents.get(lane ?? "");
    if (known) return known;
    const options = {
      keepAlive: true,
      maxSockets: lane === undefined ? SHARED_CONNECTIONS : 1,
      // Of idle connections: each request brings a time-out of its own for all of its answer.
      timeout: KEEP_ALIVE_MS,
    };
    const agent = isTls ? new HttpsAgent({ ...options, ...tlsOptions(to) }) : new HttpAgent(options);
    agents.set(lane ?? "", agent);
    return agent;
  }

  return {
    endpoint,
    isTo: (server) => isDeepStrictEqual(server, to),
    open(lane, path, options) {
      const opened = request(url, { ...options, path: base + path, agent: agentOf(lane) });
      connectInTime(opened, isTls ? "secureConnect" : "connect");
      return opened;
    },
    destroy() {
      for (const agent of agents.values()) agent.destroy();
      agents.clear();
    },
  };
}

function tlsOptions({ certificateAuthority, tls = {} }: ApiServer): AgentOptions {
  const { clientCertificate, serverName, skipsVerification } = tls;
  return {
    ...(certificateAuthority !== null && { ca: certificateAuthority }),
    ...(clientCertificate && { cert: clientCertificate.certificate, key: clientCertificate.key }),
    ...(serverName !== undefined && { servername: serverName }),
    ...(skipsVerification && { rejectUnauthorized: false }),
  };
}

/** A connection that is not there soon is given up, so that another try still fits into the tick. */
function connectInTime(opened: ClientRequest, connected: "connect" | "secureConnect"): void {
  opened.once("socket", (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(
      () => opened.destroy(new Error(`no connection within ${CONNECT_TIMEOUT_MS} ms`)),
      CONNECT_TIMEOUT_MS,
    );
    const stop = () => clearTimeout(timer);
    socket.once(connected, stop);
    opened.once("close", stop);
  });
}
