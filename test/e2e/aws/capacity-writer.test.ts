import { describe, expect, test } from "vitest";
import { launchIn, overTheWire } from "./wired.ts";

/** Rests that a test need not wait for. */
const HASTE = { limits: { firstRestMs: 20, longestRestMs: 40 } };

await overTheWire(({ aws, makeGroup, portsOf }) => {
  const instanceTypes = ["g6.xlarge"];

  describe("launching over the wire", () => {
    test("a launch whose answer was lost is repeated under its token, and launches once", async () => {
      const group = await makeGroup({ instanceTypes });
      aws.loseAnswerOf("autoscaling:LaunchInstances");
      expect(await launchIn(portsOf([group], HASTE), group, 2)).toHaveLength(2);
      expect(aws.calls.get("autoscaling:LaunchInstances")).toBe(2);
      expect(await aws.instancesOf(group.name)).toHaveLength(2);
    });

    test("an attempt without an answer in time is repeated, too", async () => {
      const group = await makeGroup({ instanceTypes });
      aws.delay("autoscaling:LaunchInstances", 1_000);
      const limits = { ...HASTE.limits, attemptMs: 400 };
      expect(await launchIn(portsOf([group], { limits }), group, 1)).toHaveLength(1);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      expect(await aws.instancesOf(group.name)).toHaveLength(1);
    });

    test.each(["IdempotentCallInProgress", "ResourceContention"])("waits while %s", async (code) => {
      const group = await makeGroup({ instanceTypes });
      aws.failOn("autoscaling:LaunchInstances", { code, message: "busy", status: 500 }, 2);
      expect(await launchIn(portsOf([group], HASTE), group, 1)).toHaveLength(1);
      expect(aws.calls.get("autoscaling:LaunchInstances")).toBe(3);
    });

    test("slows down while throttled, and launches when that is over", async () => {
      const group = await makeGroup({ instanceTypes });
      aws.throttle(1_500);
      expect(await launchIn(portsOf([group]), group, 1)).toHaveLength(1);
      expect(aws.calls.get("autoscaling:LaunchInstances")).toBeLessThan(8);
    });

    test("throttled for longer than the budget, it says so and nothing is launched", async () => {
      const group = await makeGroup({ instanceTypes });
      aws.throttle(60_000);
      const ports = portsOf([group], { limits: { budgetMs: 4_000, firstRestMs: 500 } });
      await expect(launchIn(ports, group, 1)).rejects.toMatchObject({ code: "throttled", retryable: true });
      expect(await aws.instancesOf(group.name)).toEqual([]);
    });

    test("each type that EC2 lacks is told with its code, and another of the group is launched", async () => {
      const group = await makeGroup({ instanceTypes: ["g6.xlarge", "g5.xlarge"] });
      aws.lackCapacity({ instanceType: "g6.xlarge", code: "MaxSpotInstanceCountExceeded" });
      aws.lackCapacity({ instanceType: "g5.xlarge", zone: "us-east-1a", remaining: 1 });
      const request = { group: group.name, zone: "us-east-1a", count: 2, token: "two" };
      expect(await portsOf([group]).capacityWriter.launchInstances(request)).toMatchObject({
        launched: [{ zone: "us-east-1a", instanceType: "g5.xlarge" }],
        errors: [
          { code: "MaxSpotInstanceCountExceeded", instanceType: "g6.xlarge" },
          { code: "InsufficientInstanceCapacity", instanceType: "g5.xlarge" },
        ],
      });
    });

    test("a call that is refused for want of capacity is an answer as well", async () => {
      const group = await makeGroup({ instanceTypes });
      aws.failOn("autoscaling:LaunchInstances", { code: "UnfulfillableCapacity", message: "none" });
      const request = { group: group.name, zone: "us-east-1a", count: 1, token: "none" };
      expect(await portsOf([group]).capacityWriter.launchInstances(request)).toMatchObject({
        launched: [],
        errors: [{ code: "UnfulfillableCapacity", instanceType: null }],
      });
    });
  });

  describe("desired capacity over the wire", () => {
    test("is lowered to what exists, and nothing is ended", async () => {
      const group = await makeGroup({ instanceTypes, adopted: true });
      const { capacityWriter, capacityReader } = portsOf([group]);
      await capacityWriter.setDesiredCapacity(group.name, 2);
      await aws.settle();
      aws.lackCapacity({});
      await capacityWriter.setDesiredCapacity(group.name, 5);
      aws.resetCalls();
      await capacityWriter.setDesiredCapacity(group.name, 2);
      expect(aws.calls.get("autoscaling:SetInstanceProtection")).toBe(1);
      expect((await capacityReader.readGroups()).groups[0]).toMatchObject({
        desired: 2,
        instances: [{}, {}],
      });
    });

    test("is not lowered below what exists, which would end some that nobody chose", async () => {
      const group = await makeGroup({ instanceTypes, adopted: true });
      const ports = portsOf([group]);
      await launchIn(ports, group, 3);
      await expect(ports.capacityWriter.setDesiredCapacity(group.name, 2)).rejects.toMatchObject({
        code: "would-terminate",
      });
      expect(await aws.instancesOf(group.name)).toHaveLength(3);
    });

    test.each(["ScalingActivityInProgress", "ResourceContention"])("waits while %s", async (code) => {
      const group = await makeGroup({ instanceTypes, adopted: true });
      aws.failOn("autoscaling:SetDesiredCapacity", { code, message: "busy" }, 2);
      await portsOf([group], HASTE).capacityWriter.setDesiredCapacity(group.name, 1);
      expect(aws.calls.get("autoscaling:SetDesiredCapacity")).toBe(3);
    });
  });

  describe("terminating over the wire", () => {
    test("ends 120 instances in two calls", async () => {
      const group = await makeGroup({ instanceTypes, max: 200 });
      const ports = portsOf([group]);
      const ids = [...(await launchIn(ports, group, 100)), ...(await launchIn(ports, group, 20))];
      aws.resetCalls();
      await ports.capacityWriter.terminateInstances(group.name, ids);
      expect(aws.calls.get("autoscaling:TerminateInstanceInAutoScalingGroup")).toBe(2);
      expect(await aws.instancesOf(group.name)).toEqual([]);
    });

    test("one that goes between the look and the call does not save the others", async () => {
      const group = await makeGroup({ instanceTypes });
      const ports = portsOf([group]);
      const ids = await launchIn(ports, group, 3);
      const gone = { code: "ValidationError", message: `Instance Id not found - ${ids[0]}` };
      aws.failOn("autoscaling:TerminateInstanceInAutoScalingGroup", gone, 2);
      await ports.capacityWriter.terminateInstances(group.name, ids);
      expect((await aws.instancesOf(group.name)).map((each) => each.InstanceId)).toEqual([ids[0]]);
    });

    test("what was ended without an answer is not ended again, nor is desired capacity lowered twice", async () => {
      const group = await makeGroup({ instanceTypes });
      const ports = portsOf([group], HASTE);
      const ids = await launchIn(ports, group, 3);
      const two = ids.slice(0, 2);
      aws.loseAnswerOf("autoscaling:TerminateInstanceInAutoScalingGroup");
      const { capacityWriter, capacityReader } = ports;
      await expect(capacityWriter.terminateInstances(group.name, two)).rejects.toMatchObject({
        retryable: true,
      });
      await capacityWriter.terminateInstances(group.name, two);
      expect(aws.calls.get("autoscaling:TerminateInstanceInAutoScalingGroup")).toBe(1);
      expect((await capacityReader.readGroups()).groups[0]?.desired).toBe(1);
    });

    test("protection from scale-in is taken away where it stands in the way", async () => {
      const group = await makeGroup({ instanceTypes });
      const ports = portsOf([group]);
      const ids = await launchIn(ports, group, 1);
      const isProtected = { code: "ValidationError", message: `${ids[0]} is protected from scale-in` };
      aws.failOn("autoscaling:TerminateInstanceInAutoScalingGroup", isProtected);
      await ports.capacityWriter.terminateInstances(group.name, ids);
      expect(aws.calls.get("autoscaling:SetInstanceProtection")).toBe(1);
      expect(await aws.instancesOf(group.name)).toEqual([]);
    });

    test("a group's MinSize is kept, and said so", async () => {
      const group = await makeGroup({ instanceTypes, min: 1 });
      const ports = portsOf([group]);
      const ids = (await aws.instancesOf(group.name)).map(({ InstanceId = "" }) => InstanceId);
      await expect(ports.capacityWriter.terminateInstances(group.name, ids)).rejects.toMatchObject({
        code: "ValidationError",
        message: expect.stringContaining("min size"),
      });
    });
  });
});
