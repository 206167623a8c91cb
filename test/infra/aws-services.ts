import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import * as z from "zod";
import { ACCOUNT } from "./world.ts";

/** What SST keeps for each account and region: where its state and its zips are. */
const BOOTSTRAP = {
  version: 5,
  asset: "sst-asset",
  state: "sst-state",
  assetEcrRegistryId: ACCOUNT,
  assetEcrUrl: "none",
  appsyncHttp: "none",
  appsyncRealtime: "none",
};

const ParameterCall = z.object({ Name: z.string(), Value: z.string().optional() });

export interface AwsServices {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Parameter Store and S3, all that SST's CLI itself calls, on the loopback address. */
export async function startAwsServices(): Promise<AwsServices> {
  const parameters = new Map([["/sst/bootstrap", JSON.stringify(BOOTSTRAP)]]);
  const objects = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    bodyOf(request).then(
      (body) => {
        const target = request.headers["x-amz-target"];
        if (typeof target === "string") answerParameter(parameters, target, body, response);
        else answerObject(objects, request, body, response);
      },
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("the server has no port");
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function answerParameter(
  parameters: Map<string, string>,
  target: string,
  body: Buffer,
  response: ServerResponse,
): void {
  const { Name, Value } = ParameterCall.parse(JSON.parse(body.toString()));
  if (target.endsWith("PutParameter") && Value !== undefined) parameters.set(Name, Value);
  const value = parameters.get(Name);
  response.writeHead(value === undefined ? 400 : 200);
  response.end(
    JSON.stringify(value === undefined ? { __type: "ParameterNotFound" } : { Parameter: { Value: value } }),
  );
}

function answerObject(
  objects: Map<string, Buffer>,
  { method, url = "" }: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): void {
  const [key = ""] = url.split("?");
  if (method === "PUT") objects.set(key, body);
  if (method === "DELETE") objects.delete(key);
  if (method !== "GET") {
    response.writeHead(200).end();
    return;
  }
  const found = objects.get(key);
  if (found) response.end(found);
  else response.writeHead(404).end("<Error><Code>NoSuchKey</Code></Error>");
}
