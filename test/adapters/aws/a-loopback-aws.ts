import { createServer } from "node:http";
import { type AwsAccess, createAwsPorts } from "@gpu-autoscaler/adapters";
import { aPolicy, aPool } from "../../builders/index.ts";

/** What the server does with a call: an XML or JSON body with its status, or nothing at all. */
export type Reply = { readonly status: number; readonly body: string } | "no-answer" | "hang-up";

/** A server on 127.0.0.1 that answers each call as `reply` says. */
export interface LoopbackAws {
  readonly endpoint: string;
  /** The operation of each call so far, with the time it came at. */
  readonly calls: readonly { readonly operation: string; readonly at: number }[];
  stop(): Promise<void>;
}

export async function startLoopbackAws(
  reply: (operation: string, nth: number) => Reply,
): Promise<LoopbackAws> {
  const calls: { operation: string; at: number }[] = [];
  const server = createServer(async (incoming, outgoing) => {
    let body = "";
    for await (const chunk of incoming) body += String(chunk);
    const target = String(incoming.headers["x-amz-target"] ?? "").split(".")[1];
    const operation = target ?? new URLSearchParams(body).get("Action") ?? "";
    calls.push({ operation, at: Date.now() });
    const answer = reply(operation, calls.filter((call) => call.operation === operation).length);
    if (answer === "hang-up") incoming.socket.destroy();
    else if (answer !== "no-answer") {
      const contentType = target === undefined ? "text/xml" : "application/x-amz-json-1.1";
      outgoing.writeHead(answer.status, { "content-type": contentType }).end(answer.body);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server listens on no port");
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    calls,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The adapters with one group, `group` of g6.xlarge, and short rests. */
export function portsAt(endpoint: string, access: Partial<AwsAccess> = {}) {
  const pool = aPool("pool", ["g6.xlarge"], { group: { name: "group" } });
  return createAwsPorts(
    {
      region: "us-east-1",
      endpoint,
      clock: { now: Date.now },
      credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
      limits: { firstRestMs: 20, longestRestMs: 40 },
      ...access,
    },
    aPolicy([pool]),
  );
}

/** Auto Scaling's form of an error. */
export function queryError(code: string, status = 400, message = "what AWS says"): Reply {
  return {
    status,
    body: `<ErrorResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
  };
}

/** EC2's form of an error. */
export function ec2Error(code: string, status = 400, message = "what AWS says"): Reply {
  return {
    status,
    body: `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>1</RequestID></Response>`,
  };
}

export const LAUNCHED: Reply = {
  status: 200,
  body: `<LaunchInstancesResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/"><LaunchInstancesResult><Instances><member><InstanceIds><member>i-1</member></InstanceIds></member></Instances></LaunchInstancesResult></LaunchInstancesResponse>`,
};

/** An answer of Auto Scaling with groups, each as XML. */
export function groupsOf(...groups: readonly string[]): Reply {
  const members = groups.map((group) => `<member>${group}</member>`).join("");
  return {
    status: 200,
    body: `<DescribeAutoScalingGroupsResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/"><DescribeAutoScalingGroupsResult><AutoScalingGroups>${members}</AutoScalingGroups></DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>`,
  };
}

/** An empty answer of EC2. */
export function ec2Empty(operation: string): Reply {
  const body = `<${operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"></${operation}Response>`;
  return { status: 200, body };
}
