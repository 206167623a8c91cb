import { Pool } from "undici";
import type { ApiServer } from "./cluster-access.ts";

/** Connections to one API server, by lane. */
export interface Connections {
  readonly endpoint: string;
  isTo(server: ApiServer): boolean;
  pool(lane: string | undefined): Pool;
  destroy(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 3_000;
/** Longer than the minute between ticks; kube-apiserver drops idle connections after 90 s. */
const KEEP_ALIVE_MS = 75_000;
/** For requests without a lane, such as evictions side by side. */
const SHARED_CONNECTIONS = 10;

/**
 * Kept alive from tick to tick. undici and not `@kubernetes/client-node`: that one opens a
 * connection for each request unless it is given an agent, has no time-outs of its own, drops the
 * fields its types do not know, and is 0.98 MB of a function's bundle.
 */
export function createConnections({ endpoint, certificateAuthority }: ApiServer): Connections {
  const pools = new Map<string, Pool>();
  return {
    endpoint,
    isTo: (server) => server.endpoint === endpoint && server.certificateAuthority === certificateAuthority,
    pool(lane) {
      const known = pools.get(lane ?? "");
      if (known) return known;
      const pool = new Pool(endpoint, {
        connections: lane === undefined ? SHARED_CONNECTIONS : 1,
        connect: {
          timeout: CONNECT_TIMEOUT_MS,
          ...(certificateAuthority !== null && { ca: certificateAuthority }),
        },
        keepAliveTimeout: KEEP_ALIVE_MS,
        // Each request brings a time-out of its own for all of its answer.
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      pools.set(lane ?? "", pool);
      return pool;
    },
    async destroy() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
      pools.clear();
    },
  };
}
