import { HOUR_MS, MINUTE_MS } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { aPool } from "../builders/index.ts";
import { aWorld, groupNamed, launch, pass, QUAD, SMALL, ZONE } from "./a-world.ts";

const SPOT = aPool("spot", ["g6.xlarge"], { capacityTypes: ["spot", "on-demand"] });

describe("LaunchInstances", () => {
  test("gives ids that are the same in every run, and counts them into the desired capacity", async () => {
    const [one, other] = [aWorld(), aWorld()];
    const { launched, errors } = await launch(one, "small-on-demand", 3, "us-east-1b");
    expect(launched.map((each) => each.id)).toEqual(
      (await launch(other, "small-on-demand", 3)).launched.map((each) => each.id),
    );
    expect(launched).toHaveLength(3);
    for (const each of launched) {
      expect(each).toMatchObject({ zone: "us-east-1b", instanceType: "g6.xlarge" });
      expect(each.id).toMatch(/^i-[0-9a-f]{17}$/);
    }
    expect(errors).toEqual([]);
    expect(await groupNamed(one, "small-on-demand")).toMatchObject({ desired: 3, min: 0, max: 1000 });
  });

  test("takes the cheapest type of the group, and the next one where EC2 has none of it", async () => {
    const world = aWorld([aPool("one", ["g6.2xlarge", "g6.xlarge"])], {
      capacity: [{ instanceType: "g6.xlarge", remaining: 1 }],
    });
    const { launched, errors } = await launch(world, "one-on-demand", 3);
    expect(launched.map((each) => each.instanceType)).toEqual(["g6.xlarge", "g6.2xlarge", "g6.2xlarge"]);
    expect(errors).toMatchObject([{ code: "InsufficientInstanceCapacity", instanceType: "g6.xlarge" }]);
  });

  test("launches in part what EC2 has, in the window and offering where it lacks", async () => {
    const world = aWorld([SMALL], {
      capacity: [
        { zone: ZONE, remaining: 2, fromMs: HOUR_MS, untilMs: 2 * HOUR_MS, code: "UnfulfillableCapacity" },
      ],
    });
    expect((await launch(world, "small-on-demand", 5)).launched).toHaveLength(5);
    world.advanceTo(world.now + HOUR_MS);
    const lacking = await launch(world, "small-on-demand", 5);
    expect(lacking.launched).toHaveLength(2);
    expect(lacking.errors).toMatchObject([{ code: "UnfulfillableCapacity", instanceType: "g6.xlarge" }]);
    expect(await groupNamed(world, "small-on-demand")).toMatchObject({ desired: 7 });
    expect((await launch(world, "small-on-demand", 5, "us-east-1b")).launched).toHaveLength(5);
    world.advanceTo(world.now + HOUR_MS);
    expect((await launch(world, "small-on-demand", 5)).launched).toHaveLength(5);
  });

  test("of a reservation gives what it holds, and costs nothing more", async () => {
    const pool = aPool("reserved", ["g6.xlarge"], { capacityTypes: ["reserved"] });
    const world = aWorld([pool], { groups: { "reserved-reserved": { reservedInstances: 2 } } });
    const { launched, errors } = await launch(world, "reserved-reserved", 3);
    expect(launched).toHaveLength(2);
    expect(errors).toMatchObject([{ code: "ReservationCapacityExceeded" }]);
    expect(await groupNamed(world, "reserved-reserved")).toMatchObject({ reservedAvailable: 0 });
    pass(world, { minutes: 60 });
    expect(world.result().nanoDollars).toBe(0);
  });

  const refused: Record<
    string,
    { group?: string; zone?: string; count?: number; token?: string; want: RegExp }
  > = {
    "a group that is not there": { group: "other", want: /no Auto Scaling group other/ },
    "a zone that the group is not in": { zone: "us-east-1f", want: /no zone us-east-1f/ },
    "no instance at all": { count: 0, want: /1 to 100/ },
    "more than 100 instances": { count: 101, want: /1 to 100/ },
    "more than MaxSize": { count: 6, want: /MaxSize of 5/ },
    "an empty token": { token: "", want: /ClientToken/ },
  };
  test.each(Object.entries(refused))("refuses %s as a whole", async (_, { want, ...changes }) => {
    const world = aWorld([aPool("small", ["g6.xlarge"], { group: { maxNodes: 5 } })]);
    const request = { group: "small-on-demand", zone: ZONE, count: 1, token: "a", ...changes };
    await expect(world.ports.capacityWriter.launchInstances(request)).rejects.toThrow(want);
    expect((await groupNamed(world, "small-on-demand")).instances).toEqual([]);
  });
});

describe("the Spot share of each instance type", () => {
  test("refuses Spot beyond 60 % of the type's nodes, rounded up to a node", async () => {
    const world = aWorld([SPOT, QUAD], { spotShareMilli: 600 });
    await launch(world, "quad-on-demand", 20);
    const counts = async () => {
      const sizes = await Promise.all(["spot-spot", "spot-on-demand"].map((name) => groupNamed(world, name)));
      return sizes.map((each) => each.desired);
    };
    // 1 of 1 and 2 of 2 are within ceil(0.6 × all); 3 of 3 is not, however many others run.
    const { launched, errors } = await launch(world, "spot-spot", 3);
    expect(launched).toHaveLength(2);
    expect(errors).toMatchObject([{ code: "MaxSpotInstanceCountExceeded", instanceType: "g6.xlarge" }]);
    await launch(world, "spot-on-demand", 2);
    // 5 of 7 are within ceil(4.2), 6 of 8 beyond ceil(4.8).
    expect((await launch(world, "spot-spot", 4)).launched).toHaveLength(3);
    expect(await counts()).toEqual([5, 2]);
  });

  test("counts running nodes alone", async () => {
    const world = aWorld([SPOT], { spotShareMilli: 600 });
    const { launched } = await launch(world, "spot-on-demand", 4);
    await launch(world, "spot-spot", 2);
    await world.ports.capacityWriter.terminateInstances(
      "spot-on-demand",
      launched.map((each) => each.id),
    );
    expect((await launch(world, "spot-spot")).launched).toEqual([]);
  });
});

describe("SetDesiredCapacity", () => {
  test("is filled some seconds later, the zones in balance", async () => {
    const world = aWorld([SMALL]);
    await world.ports.capacityWriter.setDesiredCapacity("small-on-demand", 4);
    pass(world, { seconds: 4 });
    expect(await groupNamed(world, "small-on-demand")).toMatchObject({ desired: 4, instances: [] });
    pass(world, { seconds: 12 });
    const zones = (await groupNamed(world, "small-on-demand")).instances.map((each) => each.zone);
    expect(zones).toEqual(["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1a"]);
  });

  test("stays above what exists while EC2 lacks capacity, and is filled when it has it", async () => {
    const world = aWorld([SMALL], { capacity: [{ remaining: 1, untilMs: 10 * MINUTE_MS }] });
    await world.ports.capacityWriter.setDesiredCapacity("small-on-demand", 3);
    pass(world, { minutes: 9 });
    expect(await groupNamed(world, "small-on-demand")).toMatchObject({ desired: 3, instances: [{}] });
    pass(world, { minutes: 3 });
    expect((await groupNamed(world, "small-on-demand")).instances).toHaveLength(3);
  });

  test("is not filled when it was lowered in time, and takes no instance away", async () => {
    const world = aWorld([SMALL]);
    await launch(world, "small-on-demand", 2);
    await world.ports.capacityWriter.setDesiredCapacity("small-on-demand", 5);
    await world.ports.capacityWriter.setDesiredCapacity("small-on-demand", 1);
    pass(world, { minutes: 5 });
    expect(await groupNamed(world, "small-on-demand")).toMatchObject({ desired: 1, instances: [{}, {}] });
  });

  test("keeps to MinSize and MaxSize", async () => {
    const pool = aPool("small", ["g6.xlarge"], { group: { maxNodes: 5 } });
    const world = aWorld([pool], { groups: { "small-on-demand": { minSize: 1 } } });
    const { setDesiredCapacity, terminateInstances } = world.ports.capacityWriter;
    await expect(setDesiredCapacity("small-on-demand", 6)).rejects.toThrow(/from 1 to 5/);
    await expect(setDesiredCapacity("small-on-demand", 0)).rejects.toThrow(/from 1 to 5/);
    pass(world, { minutes: 1 });
    const [instance] = (await groupNamed(world, "small-on-demand")).instances;
    await expect(terminateInstances("small-on-demand", [instance?.id ?? ""])).rejects.toThrow(/MinSize of 1/);
  });

  test("of an adopted group is filled again when an instance dies", async () => {
    const world = aWorld([aPool("adopted", ["g6.xlarge"], { group: { adopted: true } })]);
    await world.ports.capacityWriter.setDesiredCapacity("adopted-on-demand", 1);
    pass(world, { minutes: 6 });
    const [before] = (await groupNamed(world, "adopted-on-demand")).instances;
    world.verbs.killInstance(before?.id ?? "");
    expect((await groupNamed(world, "adopted-on-demand")).instances).toEqual([]);
    pass(world, { minutes: 1 });
    expect((await groupNamed(world, "adopted-on-demand")).instances).toHaveLength(1);
  });
});
