import { afterEach, describe, expect, test } from "vitest";
import {
  ec2Empty,
  ec2Error,
  type LoopbackAws,
  portsAt,
  queryError,
  type Reply,
  startLoopbackAws,
} from "./a-loopback-aws.ts";

const REQUEST = { group: "group", zone: "us-east-1a", count: 1, token: "token" };
/** The first rest does not fit into the budget, so that what may pass is not waited for. */
const AT_ONCE = { budgetMs: 10_000, firstRestMs: 60_000, longestRestMs: 60_000 };

let aws: LoopbackAws | undefined;
afterEach(() => aws?.stop());

async function launching(reply: Reply) {
  aws = await startLoopbackAws(() => reply);
  const limits = reply === "no-answer" ? { ...AT_ONCE, attemptMs: 300 } : AT_ONCE;
  return portsAt(aws.endpoint, { limits }).capacityWriter.launchInstances(REQUEST);
}

describe("an error of AWS is told by what mends it", () => {
  const cases: Record<string, { reply: Reply; code: string; retryable: boolean; message: RegExp }> = {
    "too many calls": {
      reply: queryError("Throttling", 400, "Rate exceeded"),
      code: "throttled",
      retryable: true,
      message: /LaunchInstances in us-east-1: Throttling: Rate exceeded; the next tick tries again$/,
    },
    "a missing permission": {
      reply: queryError(
        "AccessDenied",
        403,
        "User: x is not authorized to perform: autoscaling:LaunchInstances",
      ),
      code: "aws-access-denied",
      retryable: false,
      message: /; allow autoscaling:LaunchInstances for the role that makes the call$/,
    },
    "an expired token": {
      reply: queryError("ExpiredToken", 403, "The security token included in the request is expired"),
      code: "aws-credentials",
      retryable: false,
      message: /token included in the request is expired; the credentials are not valid for us-east-1: renew/,
    },
    "a region that is not enabled": {
      reply: queryError(
        "InvalidClientTokenId",
        403,
        "The security token included in the request is invalid.",
      ),
      code: "aws-credentials",
      retryable: false,
      message: /is invalid; .*enable the region for the account/,
    },
    "a fault of the service": {
      reply: queryError("InternalFailure", 500),
      code: "InternalFailure",
      retryable: true,
      message: /^autoscaling:LaunchInstances in us-east-1: InternalFailure: what AWS says$/,
    },
    "a gateway without a code": {
      reply: { status: 502, body: "<html>Bad Gateway</html>" },
      code: expect.any(String),
      retryable: true,
      message: /^autoscaling:LaunchInstances in us-east-1: /,
    },
    "a launch that is under way": {
      reply: queryError("IdempotentCallInProgress", 500),
      code: "IdempotentCallInProgress",
      retryable: true,
      message: /what AWS says$/,
    },
    "a request that is wrong": {
      reply: queryError("ValidationError", 400, "AutoScalingGroup name not found"),
      code: "ValidationError",
      retryable: false,
      message: /ValidationError: AutoScalingGroup name not found$/,
    },
    "no answer in time": {
      reply: "no-answer",
      code: "aws-timeout",
      retryable: true,
      message: /no answer in time; if it lasts, let the function reach autoscaling in us-east-1$/,
    },
    "a connection that breaks": {
      reply: "hang-up",
      code: "aws-unreachable",
      retryable: true,
      message: /let the function reach autoscaling in us-east-1: a NAT gateway or a VPC endpoint/,
    },
  };
  test.each(Object.entries(cases))("%s", async (_, { reply, code, retryable, message }) => {
    await expect(launching(reply)).rejects.toMatchObject({
      name: "AutoscalerError",
      code,
      retryable,
      message: expect.stringMatching(message),
      data: { service: "autoscaling", operation: "LaunchInstances", region: "us-east-1" },
    });
  });

  test("no endpoint of that name: the region is wrong", async () => {
    const region = "us-esat-1";
    const credentials = async () => {
      const cause = new Error(`getaddrinfo ENOTFOUND autoscaling.${region}.amazonaws.com`);
      throw Object.assign(cause, { code: "ENOTFOUND" });
    };
    const { capacityWriter } = portsAt("http://127.0.0.1:9", { region, credentials });
    await expect(capacityWriter.launchInstances(REQUEST)).rejects.toMatchObject({
      code: "aws-wrong-region",
      retryable: false,
      message: expect.stringContaining('correct the region "us-esat-1" in the configuration'),
    });
  });

  test("no credentials at all", async () => {
    const credentials = async () => {
      throw Object.assign(new Error("Could not load credentials from any providers"), {
        name: "CredentialsProviderError",
      });
    };
    const { capacityWriter } = portsAt("http://127.0.0.1:9", { credentials });
    await expect(capacityWriter.launchInstances(REQUEST)).rejects.toMatchObject({ code: "aws-credentials" });
  });

  test("EC2's blob for administrators is left out, so that the same fault reads the same", async () => {
    const message =
      "You are not authorized to perform this operation. Encoded authorization failure message: aGVsbG8";
    aws = await startLoopbackAws(() => ec2Error("UnauthorizedOperation", 403, message));
    await expect(portsAt(aws.endpoint).interruptionFeed.readInterruptions()).rejects.toMatchObject({
      code: "aws-access-denied",
      message:
        "ec2:DescribeSpotInstanceRequests in us-east-1: UnauthorizedOperation: You are not authorized to perform this operation; allow ec2:DescribeSpotInstanceRequests for the role that makes the call",
    });
  });

  test("the Pricing API's error, in JSON, from the nearest region that has the API", async () => {
    aws = await startLoopbackAws((operation) =>
      operation === "GetProducts"
        ? {
            status: 400,
            body: JSON.stringify({ __type: "AccessDeniedException", message: "not authorized" }),
          }
        : ec2Empty(operation),
    );
    const { gaps } = await portsAt(aws.endpoint, { region: "eu-west-2" }).priceList.readPrices();
    expect(gaps).toEqual([
      "On-Demand prices of g6.xlarge are those of the shipped table of 2026-01-21: pricing:GetProducts in eu-central-1: AccessDeniedException: not authorized; allow pricing:GetProducts for the role that makes the call",
    ]);
  });

  test("a type that neither the Pricing API nor the table knows has no price, and is named", async () => {
    aws = await startLoopbackAws((operation) =>
      operation === "GetProducts"
        ? { status: 200, body: JSON.stringify({ PriceList: [] }) }
        : ec2Empty(operation),
    );
    const { prices, gaps } = await portsAt(aws.endpoint, { region: "eu-west-1" }).priceList.readPrices();
    expect(prices.onDemand).toEqual({});
    expect(gaps).toEqual([
      "On-Demand prices of g6.xlarge are unknown, the shipped table of 2026-01-21 not having them: the Pricing API does not tell them",
    ]);
  });
});
