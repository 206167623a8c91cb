import { createServer } from "node:http";

/** EKS as far as a cluster is looked up in it. */
export interface EksFront {
  readonly endpoint: string;
  stop(): void;
}

/** Answers DescribeCluster: every cluster has this API server. */
export async function startEksFront(apiServer: { endpoint: string; ca: string }): Promise<EksFront> {
  const server = createServer((incoming, outgoing) => {
    const name = /^\/clusters\/([^/?]+)$/.exec(incoming.url ?? "")?.[1];
    const cluster = {
      name,
      status: "ACTIVE",
      endpoint: apiServer.endpoint,
      certificateAuthority: { data: Buffer.from(apiServer.ca).toString("base64") },
    };
    outgoing.writeHead(name === undefined ? 404 : 200, { "content-type": "application/json" });
    outgoing.end(JSON.stringify(name === undefined ? {} : { cluster }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("EKS listens on no port");
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
