import { createServer } from "node:http";

/** Lambda as far as functions are invoked through it. */
export interface LambdaFront {
  readonly endpoint: string;
  /** "<function> <invocation type>" of each invocation, in order. */
  readonly invoked: readonly string[];
  stop(): void;
}

/** Takes every invocation as Lambda takes an asynchronous one, and runs nothing. */
export async function startLambdaFront(): Promise<LambdaFront> {
  const invoked: string[] = [];
  const server = createServer((incoming, outgoing) => {
    const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(incoming.url ?? "")?.[1];
    incoming.resume().on("end", () => {
      if (name !== undefined)
        invoked.push(`${decodeURIComponent(name)} ${incoming.headers["x-amz-invocation-type"]}`);
      outgoing.writeHead(name === undefined ? 404 : 202).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("Lambda listens on no port");
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    invoked,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
