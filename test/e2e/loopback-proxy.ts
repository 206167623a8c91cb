import { createServer, type IncomingHttpHeaders, request } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it came, with all of its body. */
export interface ProxiedCall {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What becomes of a call: it goes on, it meets nobody, it is done and its answer is lost, or it is answered here. */
export type Fate =
  | "forward"
  | "no-connection"
  | "answer-lost"
  | { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string };

export interface LoopbackProxy {
  /** Without a slash at its end. */
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Stands in front of a server of the tests, on a free port of 127.0.0.1, and decides the fate of each call. */
export async function startLoopbackProxy(
  target: string,
  fateOf: (call: ProxiedCall) => Fate | Promise<Fate>,
): Promise<LoopbackProxy> {
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method = "GET", url: path = "/", headers } = incoming;
    const call: ProxiedCall = { method, path, headers, body: Buffer.concat(chunks) };
    const fate = await fateOf(call);
    if (typeof fate === "object") outgoing.writeHead(fate.status, { ...fate.headers }).end(fate.body);
    else if (fate === "no-connection") incoming.socket.destroy();
    else {
      const onward = request(`${target}${path}`, { method, headers }, (answer) => {
        if (fate === "answer-lost") {
          answer.resume().on("end", () => incoming.socket.destroy());
          return;
        }
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      onward.on("error", () => incoming.socket.destroy());
      onward.end(call.body);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${portOf(server.address())}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("the proxy listens on no port");
  return address.port;
}
