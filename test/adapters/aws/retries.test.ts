import type { AwsCall } from "@gpu-autoscaler/adapters";
import { afterEach, describe, expect, test } from "vitest";
import {
  ec2Empty,
  groupsOf,
  LAUNCHED,
  type LoopbackAws,
  portsAt,
  queryError,
  startLoopbackAws,
} from "./a-loopback-aws.ts";

const REQUEST = { group: "group", zone: "us-east-1a", count: 1, token: "token" };

let aws: LoopbackAws | undefined;
afterEach(() => aws?.stop());

describe("calls are attempted again", () => {
  test("while they may pass, with rests that grow", async () => {
    aws = await startLoopbackAws((_, nth) => (nth < 4 ? queryError("Throttling") : LAUNCHED));
    const limits = { firstRestMs: 100, longestRestMs: 10_000 };
    const { launched } = await portsAt(aws.endpoint, { limits }).capacityWriter.launchInstances(REQUEST);
    expect(launched).toEqual([{ id: "i-1", zone: "us-east-1a", instanceType: "" }]);
    const times = aws.calls.map(({ at }) => at);
    const rests = times.slice(1).map((at, i) => at - (times[i] ?? 0));
    // Half of each rest is by chance: 50 to 100, 100 to 200, 200 to 400 ms.
    expect(rests.map((rest, i) => rest >= 48 * 2 ** i)).toEqual([true, true, true]);
  });

  test("not when they cannot pass", async () => {
    aws = await startLoopbackAws(() => queryError("ValidationError"));
    const heard: AwsCall[] = [];
    const { capacityWriter } = portsAt(aws.endpoint, { onCall: (call) => heard.push(call) });
    await expect(capacityWriter.launchInstances(REQUEST)).rejects.toThrow();
    expect(aws.calls).toHaveLength(1);
    expect(heard).toEqual([{ service: "autoscaling", operation: "LaunchInstances", region: "us-east-1" }]);
  });

  test("not beyond the tick's deadline, which also ends an attempt", async () => {
    aws = await startLoopbackAws(() => "no-answer");
    const began = Date.now();
    const deadline = () => began + 1_000;
    const { capacityWriter } = portsAt(aws.endpoint, { deadline });
    await expect(capacityWriter.launchInstances(REQUEST)).rejects.toMatchObject({ code: "aws-timeout" });
    expect(Date.now() - began).toBeLessThan(5_000);
    await expect(capacityWriter.launchInstances(REQUEST)).rejects.toMatchObject({ code: "aws-timeout" });
    expect(aws.calls).toHaveLength(1);
  });

  test("and an attempt that the end of the time cuts short hides nothing of the one before", async () => {
    aws = await startLoopbackAws((_, nth) => (nth === 1 ? queryError("Throttling") : "no-answer"));
    const limits = { budgetMs: 500, firstRestMs: 10, longestRestMs: 10 };
    const { capacityWriter } = portsAt(aws.endpoint, { limits });
    await expect(capacityWriter.launchInstances(REQUEST)).rejects.toMatchObject({ code: "throttled" });
    expect(aws.calls).toHaveLength(2);
  });

  test("not for ever by a clock that stands still", async () => {
    aws = await startLoopbackAws(() => queryError("InternalFailure", 500));
    const limits = { budgetMs: 100, firstRestMs: 10, longestRestMs: 10 };
    const { capacityWriter } = portsAt(aws.endpoint, { clock: { now: () => 0 }, limits });
    await expect(capacityWriter.launchInstances(REQUEST)).rejects.toMatchObject({ code: "InternalFailure" });
    expect(aws.calls.length).toBeGreaterThan(5);
  });

  test("and while one is throttled the others of the service wait", async () => {
    aws = await startLoopbackAws((_, nth) => (nth === 1 ? queryError("Throttling") : LAUNCHED));
    const limits = { firstRestMs: 2_000, longestRestMs: 2_000 };
    const { capacityWriter } = portsAt(aws.endpoint, { limits });
    const first = capacityWriter.launchInstances(REQUEST);
    await new Promise((resolve) => setTimeout(resolve, 700));
    await Promise.all([first, capacityWriter.launchInstances({ ...REQUEST, token: "other" })]);
    const [throttled = 0, ...later] = aws.calls.map(({ at }) => at);
    expect(later).toHaveLength(2);
    for (const at of later) expect(at - throttled).toBeGreaterThan(950);
  });

  test("a termination without an answer is not: the next tick looks first", async () => {
    const group = `<AutoScalingGroupName>group</AutoScalingGroupName><Instances><member><InstanceId>i-1</InstanceId><LifecycleState>InService</LifecycleState></member></Instances>`;
    aws = await startLoopbackAws((operation) =>
      operation === "DescribeAutoScalingGroups" ? groupsOf(group) : "hang-up",
    );
    const { capacityWriter } = portsAt(aws.endpoint);
    await expect(capacityWriter.terminateInstances("group", ["i-1"])).rejects.toMatchObject({
      code: "aws-unreachable",
    });
    expect(aws.calls.map(({ operation }) => operation)).toEqual([
      "DescribeAutoScalingGroups",
      "TerminateInstanceInAutoScalingGroup",
    ]);
  });
});

describe("answers with fields missing", () => {
  const instances = `<Instances>
    <member><InstanceId>i-1</InstanceId><AvailabilityZone>us-east-1a</AvailabilityZone></member>
    <member><InstanceId>i-2</InstanceId></member>
    <member><AvailabilityZone>us-east-1a</AvailabilityZone></member>
  </Instances>`;

  test("what can be counted is, and the rest is told of", async () => {
    aws = await startLoopbackAws((operation) =>
      operation === "DescribeAutoScalingGroups"
        ? groupsOf(`<AutoScalingGroupName>group</AutoScalingGroupName>${instances}`, "<MinSize>1</MinSize>")
        : ec2Empty(operation),
    );
    const { groups, gaps } = await portsAt(aws.endpoint, {
      clock: { now: () => 5_000 },
    }).capacityReader.readGroups();
    expect(groups).toMatchObject([
      {
        name: "group",
        desired: 1,
        min: 0,
        max: 1000,
        tags: {},
        shapes: [{ instanceType: "g6.xlarge" }],
        instances: [
          {
            id: "i-1",
            zone: "us-east-1a",
            instanceType: "",
            lifecycle: "in-service",
            healthy: true,
            launchedAt: 5_000,
          },
        ],
      },
    ]);
    expect(gaps).toEqual(["group group: 2 instances without an id or a zone are left out"]);
  });

  test("an announcement without an instance is none, one without a time counts from now", async () => {
    const request = (inner: string) =>
      `<item>${inner}<status><code>marked-for-termination</code></status></item>`;
    const body = `<DescribeSpotInstanceRequestsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><spotInstanceRequestSet>${request("")}${request("<instanceId>i-1</instanceId>")}</spotInstanceRequestSet></DescribeSpotInstanceRequestsResponse>`;
    aws = await startLoopbackAws((operation) =>
      operation === "DescribeSpotInstanceRequests" ? { status: 200, body } : ec2Empty(operation),
    );
    const { interruptionFeed } = portsAt(aws.endpoint, { clock: { now: () => 5_000 } });
    expect((await interruptionFeed.readInterruptions()).interruptions).toEqual([
      { instanceId: "i-1", kind: "spot-interruption", noticedAt: 5_000, deadline: 125_000 },
    ]);
  });

  test("a product that cannot be read is told of, and the table stands in", async () => {
    aws = await startLoopbackAws((operation) =>
      operation === "GetProducts"
        ? { status: 200, body: JSON.stringify({ PriceList: ['{"product":{}}', "no JSON"] }) }
        : ec2Empty(operation),
    );
    const { prices, gaps } = await portsAt(aws.endpoint).priceList.readPrices();
    expect(prices.onDemand["g6.xlarge"]).toBe(804_800_000);
    expect(gaps).toEqual([
      expect.stringMatching(/^a product of the price list is not as expected: product\.attributes: /),
      expect.stringMatching(/^a product of the price list is not as expected: : /),
      expect.stringMatching(/shipped table of 2026-07-20: the Pricing API does not tell them$/),
    ]);
  });
});
