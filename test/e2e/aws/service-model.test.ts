import { beforeAll, describe, expect, test } from "vitest";
import { writeAnswer } from "./answer.ts";
import { findMoto } from "./moto.ts";
import { readRequest } from "./request.ts";
import { readServiceModels, type ServiceModels } from "./service-model.ts";
import { startAws } from "./start-aws.ts";

const LAUNCH = {
  Action: "LaunchInstances",
  Version: "2011-01-01",
  AutoScalingGroupName: "group",
  RequestedCapacity: "2",
  ClientToken: "token",
  "AvailabilityZones.member.1": "us-east-1a",
  RetryStrategy: "none",
};

const cases: Record<string, { change: Record<string, string>; want: string }> = {
  "an operation that there is not": { change: { Action: "StartInstances" }, want: "no such operation" },
  "another version of the API": { change: { Version: "2010-01-01" }, want: "Version: must be 2011-01-01" },
  "an unknown parameter": { change: { AvailabilityZone: "us-east-1a" }, want: "AvailabilityZone: unknown" },
  "an unknown parameter within a list": {
    change: { "AvailabilityZones.member.1.Name": "us-east-1a" },
    want: "is a value and a branch",
  },
  "a list without its numbers": { change: { "SubnetIds.1": "subnet-1" }, want: "SubnetIds: must be a list" },
  "a list that is too long": {
    change: { "AvailabilityZones.member.2": "us-east-1b" },
    want: "AvailabilityZones: must be at most 1 items, not 2",
  },
  "a text that is too long": {
    change: { ClientToken: "t".repeat(65) },
    want: "ClientToken: must be at most 64 characters, not 65",
  },
  "a text of another pattern": { change: { ClientToken: "a b" }, want: "ClientToken: must match" },
  "a value of no enum": { change: { RetryStrategy: "NONE" }, want: "RetryStrategy: must be one of" },
  "a word for a number": { change: { RequestedCapacity: "two" }, want: "must be a whole number, not two" },
  "a number that is too small": { change: { RequestedCapacity: "0" }, want: "must be at least 1 , not 0" },
};

describe("requests are held against AWS's service models", () => {
  let models: ServiceModels | undefined;
  let missing = "";
  beforeAll(async () => {
    const moto = await findMoto();
    if ("missing" in moto) missing = moto.missing;
    else models = await readServiceModels(moto.modelFolder, ["autoscaling", "ec2", "pricing"]);
  });

  function problemsOf(service: string, parameters: Record<string, string>): string {
    const read = readRequest(models ?? new Map(), signedFor(service), `${new URLSearchParams(parameters)}`);
    return "problems" in read ? read.problems.join("; ") : "";
  }

  test("one that is as it should be passes", ({ skip }) => {
    if (!models) return skip(missing);
    const read = readRequest(models, signedFor("autoscaling"), `${new URLSearchParams(LAUNCH)}`);
    expect(read).toMatchObject({
      request: {
        operation: "LaunchInstances",
        input: { AutoScalingGroupName: "group", RequestedCapacity: 2, AvailabilityZones: ["us-east-1a"] },
      },
    });
  });

  test.for(Object.entries(cases))("%s does not", ([, { change, want }], { skip }) => {
    if (!models) return skip(missing);
    expect(problemsOf("autoscaling", { ...LAUNCH, ...change })).toContain(want);
  });

  test("nor one without what is required, or for a service that is not known", ({ skip }) => {
    if (!models) return skip(missing);
    const { ClientToken: _, ...without } = LAUNCH;
    expect(problemsOf("autoscaling", without)).toBe("ClientToken: missing");
    expect(problemsOf("s3", LAUNCH)).toContain("no service that is known");
  });

  test("nor a filter of EC2 that the operation has not", ({ skip }) => {
    if (!models) return skip(missing);
    const request = { Action: "DescribeInstanceStatus", Version: "2016-11-15", "Filter.1.Value.1": "x" };
    expect(problemsOf("ec2", { ...request, "Filter.1.Name": "event.code" })).toBe("");
    expect(problemsOf("ec2", { ...request, "Filter.1.Name": "event-code" })).toContain("unknown filter");
  });

  test("nor JSON with a field too many", ({ skip }) => {
    if (!models) return skip(missing);
    const headers = { ...signedFor("pricing"), "x-amz-target": "AWSPriceListService.GetProducts" };
    const read = (body: object) => readRequest(models ?? new Map(), headers, JSON.stringify(body));
    expect(read({ ServiceCode: "AmazonEC2" })).toHaveProperty("request");
    expect(read({ ServiceCode: "AmazonEC2", Region: "x" })).toMatchObject({
      problems: ["Region: unknown parameter"],
    });
  });

  test("and the double's own answers have no field that AWS's have not", ({ skip }) => {
    const model = models?.get("autoscaling");
    if (!model) return skip(missing);
    expect(() => writeAnswer(model, "LaunchInstances", { InstanceIds: [] })).toThrow(
      "has no member InstanceIds",
    );
  });

  test("a test that leaves a wrong request behind fails when it stops", async ({ skip }) => {
    const aws = await startAws();
    if ("missing" in aws) return skip(aws.missing);
    const body = `${new URLSearchParams({ ...LAUNCH, Zone: "us-east-1a" })}`;
    const answer = await fetch(aws.endpoint, { method: "POST", headers: signedFor("autoscaling"), body });
    expect(answer.status).toBe(400);
    await expect(aws.stop()).rejects.toThrow("autoscaling:LaunchInstances: Zone: unknown parameter");
  });
});

function signedFor(service: string): { authorization: string } {
  return {
    authorization: `AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/${service}/aws4_request, Signature=x`,
  };
}
