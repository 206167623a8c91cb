import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { type Answer, Refusal, writeAnswer, writeFault } from "./answer.ts";
import { describeScalingActivities, setDesiredCapacity } from "./desired-capacity.ts";
import {
  describeCapacityReservations,
  describeInstanceStatus,
  describeSpotInstanceRequests,
  describeSpotPriceHistory,
} from "./ec2-answers.ts";
import { befalls, type Faults } from "./faults.ts";
import { describeAutoScalingGroups } from "./groups.ts";
import { launchInstances } from "./launch-instances.ts";
import { getProducts } from "./pricing-answers.ts";
import { type AwsRequest, readRequest } from "./request.ts";
import type { ServiceModels } from "./service-model.ts";
import { type AwsState, REGION } from "./state.ts";
import { terminateInstances } from "./terminate-instances.ts";

type Handler = (state: AwsState, input: unknown) => Promise<object>;

/** What is answered here, since moto lacks it or says too little; everything else is moto's. */
const HANDLERS: Readonly<Record<string, Handler>> = {
  "autoscaling:DescribeAutoScalingGroups": describeAutoScalingGroups,
  "autoscaling:DescribeScalingActivities": describeScalingActivities,
  "autoscaling:LaunchInstances": launchInstances,
  "autoscaling:SetDesiredCapacity": setDesiredCapacity,
  "autoscaling:TerminateInstanceInAutoScalingGroup": terminateInstances,
  "ec2:DescribeCapacityReservations": describeCapacityReservations,
  "ec2:DescribeInstanceStatus": describeInstanceStatus,
  "ec2:DescribeSpotInstanceRequests": describeSpotInstanceRequests,
  "ec2:DescribeSpotPriceHistory": describeSpotPriceHistory,
  "pricing:GetProducts": getProducts,
};

interface Front {
  readonly endpoint: string;
  stop(): Promise<void>;
}

interface FrontParts {
  readonly models: ServiceModels;
  readonly state: AwsState;
  readonly faults: Faults;
  readonly motoEndpoint: string;
  /** What requests had that AWS's models do not: a test that leaves one fails. */
  readonly violations: string[];
}

/** Listens on a free port of 127.0.0.1, for every service, as the SDK's `endpoint`. */
export async function startFront(parts: FrontParts): Promise<Front> {
  const server = createServer((incoming, outgoing) => {
    serve(parts, incoming, outgoing).catch((error: unknown) => {
      parts.violations.push(`the loopback server failed: ${error instanceof Error ? error.stack : error}`);
      incoming.socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the front listens on no port");
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(parts: FrontParts, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const read = readRequest(parts.models, incoming.headers, body.toString());
  if ("problems" in read) {
    const message = `${read.what}: ${read.problems.join("; ")}`;
    parts.violations.push(message);
    outgoing.writeHead(400, { "content-type": "text/plain" }).end(message);
    return;
  }
  const { request } = read;
  const fate = await befalls(parts.faults, request.service, request.operation);
  if (fate !== null && fate !== "answer-lost") return send(outgoing, writeFault(request.model, fate));
  const handler = HANDLERS[`${request.service}:${request.operation}`];
  const answer = handler ? await answered(parts.state, handler, request) : null;
  if (fate === "answer-lost") {
    if (!answer) await forward(parts.motoEndpoint, incoming, body, null);
    incoming.socket.destroy();
  } else if (answer) send(outgoing, answer);
  else await forward(parts.motoEndpoint, incoming, body, outgoing);
}

async function answered(state: AwsState, handler: Handler, request: AwsRequest): Promise<Answer> {
  const { model, operation, input, region, service } = request;
  // The price list is asked for elsewhere; all else is in one region.
  if (region !== REGION && service !== "pricing") {
    return writeFault(model, { status: 401, code: "AuthFailure", message: `${region} is not enabled` });
  }
  try {
    return writeAnswer(model, operation, await state.inTurn(() => handler(state, input)));
  } catch (error) {
    if (error instanceof Refusal) return writeFault(model, error.fault);
    throw error;
  }
}

function send(outgoing: ServerResponse, { status, contentType, body }: Answer): void {
  outgoing.writeHead(status, { "content-type": contentType, "x-amzn-requestid": "test" }).end(body);
}

function forward(
  endpoint: string,
  { method, url, headers }: IncomingMessage,
  body: Buffer,
  outgoing: ServerResponse | null,
): Promise<void> {
  return new Promise((resolve, reject) => {
    // moto may be closing a connection that is kept just as it is used again.
    const once = { method, headers: { ...headers, connection: "close" }, agent: false };
    const onward = httpRequest(`${endpoint}${url}`, once, (answer) => {
      answer.on("end", resolve);
      if (outgoing) answer.pipe(outgoing.writeHead(answer.statusCode ?? 502, answer.headers));
      else answer.resume();
    });
    onward.on("error", reject);
    onward.end(body);
  });
}
