import { daemonsOf, instanceShape, nodeTemplate } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { aPool } from "../../builders/index.ts";
import { aGroup, launchIn, overTheWire } from "./wired.ts";

const GIB = 1024 ** 3;

await overTheWire(({ aws, clock, makeGroup, portsOf }) => {
  describe("capacity reader over the wire", () => {
    test("reads 50 groups with 1,000 instances in seven calls when cold, in one when warm", async () => {
      const groups = [];
      for (let i = 0; i < 50; i++) {
        groups.push(await makeGroup({ instanceTypes: ["g6.xlarge", "g5.xlarge"], max: 100 }));
      }
      const launcher = portsOf(groups);
      for (const group of groups) await launchIn(launcher, group, 20);
      const { capacityReader } = portsOf(groups);

      aws.resetCalls();
      const cold = await capacityReader.readGroups();
      expect(cold.groups.map((group) => group.instances.length)).toEqual(groups.map(() => 20));
      expect(cold.gaps).toEqual([]);
      expect(Object.fromEntries(aws.calls)).toEqual({
        "autoscaling:DescribeAutoScalingGroups": 1,
        "ec2:DescribeInstances": 5,
        "ec2:DescribeInstanceTypes": 1,
      });

      aws.resetCalls();
      await capacityReader.readGroups();
      expect(Object.fromEntries(aws.calls)).toEqual({ "autoscaling:DescribeAutoScalingGroups": 1 });

      aws.resetCalls();
      await launchIn(launcher, groups[0] ?? aGroup({ name: "", instanceTypes: [] }), 1);
      const { groups: after } = await capacityReader.readGroups();
      expect(after[0]?.instances).toHaveLength(21);
      expect(aws.calls.get("ec2:DescribeInstances")).toBe(1);
    }, 240_000);

    test("tells when each instance was launched, not when it was first seen", async () => {
      const group = await makeGroup({ instanceTypes: ["g6.xlarge"] });
      const before = Date.now();
      const ports = portsOf([group]);
      await launchIn(ports, group, 1);
      clock.aheadMs = 600_000;
      const { groups } = await ports.capacityReader.readGroups();
      const launchedAt = groups[0]?.instances[0]?.launchedAt ?? 0;
      expect(Math.abs(launchedAt - before)).toBeLessThan(60_000);
    });

    test("shapes by EC2 are those of the catalog", async () => {
      const instanceTypes = ["g5g.16xlarge", "g6.12xlarge", "g6e.48xlarge", "p5.48xlarge"];
      const group = await makeGroup({ instanceTypes });
      const { groups } = await portsOf([group]).capacityReader.readGroups();
      expect(groups[0]?.shapes).toEqual(instanceTypes.map((type) => instanceShape(type)));
    });

    test("an adopted group is scaled from zero by its launch template and tags", async () => {
      const tags = {
        "k8s.io/cluster-autoscaler/node-template/label/team": "vision",
        "k8s.io/cluster-autoscaler/node-template/taint/dedicated": "vision:NoSchedule",
        "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu": "4",
      };
      const made = { instanceTypes: ["g5.12xlarge"], adopted: true, rootVolumeGib: 300, tags };
      const group = await makeGroup(made);
      const { groups, gaps } = await portsOf([group]).capacityReader.readGroups();
      expect(gaps).toEqual([]);
      const [status] = groups;
      expect(status?.shapes[0]?.allocatable.ephemeralStorageBytes).toBe(300 * GIB - GIB - 30 * GIB);
      const daemons = daemonsOf({ daemonSets: [], namespaces: {} });
      const pool = aPool("pool", [], { groups: [group] });
      const template = nodeTemplate(pool, group, status?.shapes ?? [], status?.tags ?? {}, daemons);
      expect(template).toMatchObject({
        gpus: 4,
        labels: { team: "vision", "node.kubernetes.io/instance-type": "g5.12xlarge" },
        taints: [{ key: "dedicated", value: "vision", effect: "NoSchedule" }],
      });
    });

    test("an adopted group that launches what the configuration does not name is told of", async () => {
      const made = await makeGroup({ instanceTypes: ["g5.xlarge"], adopted: true });
      const { gaps } = await portsOf([{ ...made, instanceTypes: ["g6.xlarge"] }]).capacityReader.readGroups();
      expect(gaps).toEqual([
        expect.stringMatching(/launches g5\.xlarge, of which the configuration does not know: add it/),
      ]);
    });

    test("tells why desired capacity is unfilled, and no longer when it is filled", async () => {
      const group = await makeGroup({ instanceTypes: ["g5.xlarge"], adopted: true, zones: ["us-east-1a"] });
      const { capacityReader, capacityWriter } = portsOf([group]);
      aws.lackCapacity({ instanceType: "g5.xlarge" });
      await capacityWriter.setDesiredCapacity(group.name, 2);
      await aws.settle();
      const { groups: unfilled } = await capacityReader.readGroups();
      expect(unfilled[0]).toMatchObject({ desired: 2, instances: [] });
      expect(unfilled[0]?.launchFailure).toMatch(/do not have sufficient g5\.xlarge capacity/);
      aws.restoreCapacity();
      await aws.settle();
      const { groups: filled } = await capacityReader.readGroups();
      expect(filled[0]?.instances).toHaveLength(2);
      expect(filled[0]).not.toHaveProperty("launchFailure");
    });

    test("counts what capacity reservations can still start, and one that is gone as used up", async () => {
      const reserved = (id: string) => ({
        ...aGroup({ name: `cluster-pool-reserved-${id}`, instanceTypes: ["p5.48xlarge"] }),
        capacityType: "reserved" as const,
      });
      const [there, expired, gone] = ["cr-0aaaaaaaa", "cr-0bbbbbbbb", "cr-0cccccccc"].map(reserved);
      if (!there || !expired || !gone) throw new Error("three groups");
      const groups = [there, expired, gone];
      for (const { name } of groups) await makeGroup({ name, instanceTypes: ["p5.48xlarge"] });
      const amount = { TotalInstanceCount: 4, AvailableInstanceCount: 3 };
      aws.setReservation({ CapacityReservationId: "cr-0aaaaaaaa", State: "active", ...amount });
      aws.setReservation({ CapacityReservationId: "cr-0bbbbbbbb", State: "expired", ...amount });
      const read = await portsOf(groups).capacityReader.readGroups();
      expect(read.groups.map((group) => group.reservedAvailable)).toEqual([3, 0, 0]);
      expect(read.gaps).toEqual([
        expect.stringMatching(/'cr-0cccccccc' does not exist; correct capacityReserv/),
      ]);
    });
  });

  describe("what cannot be read leaves the rest usable", () => {
    test("a group that is not there is left out, and all of them missing names the region", async () => {
      const here = await makeGroup({ instanceTypes: ["g6.xlarge"] });
      const nowhere = aGroup({ name: "nowhere", instanceTypes: ["g6.xlarge"] });
      const some = await portsOf([here, nowhere]).capacityReader.readGroups();
      expect(some).toMatchObject({ groups: [{ name: here.name }], gaps: [] });
      const none = await portsOf([nowhere]).capacityReader.readGroups();
      expect(none.gaps).toEqual([
        "Auto Scaling in us-east-1 has none of the 1 groups of the configuration: deploy them, or correct the region or the account",
      ]);
    });

    test("without permission for EC2 the catalog and the first sight stand in", async () => {
      const group = await makeGroup({ instanceTypes: ["g6.xlarge"] });
      const ports = portsOf([group]);
      await launchIn(ports, group, 1);
      const denied = { code: "UnauthorizedOperation", message: "You are not authorized.", status: 403 };
      aws.failOn("ec2:DescribeInstances", denied);
      aws.failOn("ec2:DescribeInstanceTypes", denied);
      const { groups, gaps } = await ports.capacityReader.readGroups();
      expect(groups[0]?.shapes).toEqual([instanceShape("g6.xlarge")]);
      expect(groups[0]?.instances).toHaveLength(1);
      expect(gaps?.toSorted()).toEqual([
        expect.stringMatching(/^instance types.*allow ec2:DescribeInstanceTypes for the role/),
        expect.stringMatching(/^launch times.*allow ec2:DescribeInstances for the role/),
      ]);
    });

    test("an instance type that does not exist is named", async () => {
      const group = await makeGroup({ instanceTypes: ["g6.xlarge"] });
      const types = ["g6.xlarge", "g9.xlarge"];
      const { groups, gaps } = await portsOf([
        { ...group, instanceTypes: types },
      ]).capacityReader.readGroups();
      expect(groups[0]?.shapes.map((shape) => shape.instanceType)).toEqual(["g6.xlarge"]);
      expect(gaps).toEqual([expect.stringContaining("g9.xlarge: EC2 in this region does not have it")]);
    });

    test("without the groups themselves it throws, and names the permission", async () => {
      const group = await makeGroup({ instanceTypes: ["g6.xlarge"] });
      const denied = { code: "AccessDenied", message: "User is not authorized", status: 403 };
      aws.failOn("autoscaling:DescribeAutoScalingGroups", denied);
      await expect(portsOf([group]).capacityReader.readGroups()).rejects.toMatchObject({
        code: "aws-access-denied",
        message: expect.stringContaining("allow autoscaling:DescribeAutoScalingGroups for the role"),
      });
    });
  });
});
