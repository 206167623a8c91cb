import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import * as z from "zod";
import type { Raw } from "./drafts.ts";

/** What kube-scheduler sends to the filter call of an extender that caches nodes (ExtenderArgs). */
const extenderArgs = z.object({
  Pod: z.object({ metadata: z.object({ uid: z.string() }) }),
  NodeNames: z.array(z.string()),
});

/**
 * An extender of kube-scheduler on a free port of 127.0.0.1. It notes which nodes passed all
 * plugins' filters, and lets none pass, so that nothing is ever bound.
 */
export interface Extender {
  /** By the pod's uid. A pod that no node is feasible for is never asked about. */
  readonly feasible: Map<string, ReadonlySet<string>>;
  /** Fields of a KubeSchedulerConfiguration. */
  readonly configuration: Raw;
  stop(): Promise<void>;
}

export async function startExtender(): Promise<Extender> {
  const feasible = new Map<string, ReadonlySet<string>>();
  const server = createServer(async (request, response) => {
    const { Pod, NodeNames } = extenderArgs.parse(JSON.parse(await textOf(request)));
    feasible.set(Pod.metadata.uid, new Set(NodeNames));
    const failed = Object.fromEntries(NodeNames.map((name) => [name, "feasible, said the other plugins"]));
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ NodeNames: [], FailedNodes: failed }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    feasible,
    configuration: configurationFor(`http://127.0.0.1:${port}`),
    stop: () => closed(server),
  };
}

function configurationFor(urlPrefix: string): Raw {
  return {
    // Every node is looked at, however many are feasible.
    percentageOfNodesToScore: 100,
    extenders: [{ urlPrefix, filterVerb: "filter", nodeCacheCapable: true, httpTimeout: "30s" }],
    // Nobody is preempted: that would only take time.
    profiles: [
      { schedulerName: "default-scheduler", plugins: { postFilter: { disabled: [{ name: "*" }] } } },
    ],
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

function closed(server: ReturnType<typeof createServer>): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
