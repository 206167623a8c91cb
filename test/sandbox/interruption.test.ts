import { HOUR_MS, MINUTE_MS, SECOND_MS } from "@gpu-autoscaler/core";
import type { World } from "@gpu-autoscaler/sandbox";
import { describe, expect, test } from "vitest";
import { createWeathercock } from "../../packages/sandbox/src/world/weather.ts";
import { aPod, aPool } from "../builders/index.ts";
import { aWorld, groupNamed, launch, nodesOf, pass, podsOf, SMALL, ZONE } from "./a-world.ts";

const SPOT = aPool("spot", ["g6.xlarge"], { capacityTypes: ["spot"] });

async function announced(world: World) {
  return (await world.ports.interruptionFeed.readInterruptions()).interruptions;
}

describe("a Spot interruption", () => {
  test("is announced two minutes before, then takes instance, node and pods", async () => {
    const world = aWorld([SPOT]);
    const name = world.verbs.addRunningNode("spot-spot", ZONE);
    world.verbs.submit(aPod("job").gpu(1).ownedBy("Job", "job").build());
    pass(world, { minutes: 1 });
    const [before] = await podsOf(world);
    world.verbs.announce(name, "spot-interruption");
    const noticedAt = world.now;
    const { instances } = await groupNamed(world, "spot-spot");
    const instanceId = instances[0]?.id;
    expect(await announced(world)).toEqual([
      { instanceId, kind: "spot-interruption", noticedAt, deadline: noticedAt + 2 * MINUTE_MS },
    ]);
    expect(world.wakeAt).toBe(noticedAt + SECOND_MS);

    pass(world, { seconds: 119 });
    expect(await podsOf(world)).toMatchObject([{ uid: before?.uid, phase: "Running" }]);
    pass(world, { seconds: 1 });
    expect(await nodesOf(world)).toEqual([]);
    expect(await announced(world)).toEqual([]);
    const [replacement] = await podsOf(world);
    expect(replacement).toMatchObject({ phase: "Pending", owner: before?.owner, createdAt: world.now });
    expect(replacement?.uid).not.toBe(before?.uid);
    expect(await groupNamed(world, "spot-spot")).toMatchObject({
      desired: 1,
      instances: [{ healthy: false }],
    });
    expect(world.result()).toMatchObject({ interruptions: 1, evictions: 0, replacements: 1 });

    await world.ports.capacityWriter.terminateInstances("spot-spot", [instanceId ?? ""]);
    expect(await groupNamed(world, "spot-spot")).toMatchObject({ desired: 0 });
    pass(world, { minutes: 1 });
    expect(await groupNamed(world, "spot-spot")).toMatchObject({ instances: [] });
  });

  test("is announced once, however often EC2 says it", async () => {
    const world = aWorld([SPOT]);
    const name = world.verbs.addRunningNode("spot-spot", ZONE);
    world.verbs.announce(name, "spot-interruption");
    pass(world, { seconds: 30 });
    world.verbs.announce(name, "spot-interruption");
    expect(await announced(world)).toHaveLength(1);
    expect(world.result().interruptions).toBe(1);
  });

  test("leaves the feed with an instance that was terminated before its deadline", async () => {
    const world = aWorld([SPOT]);
    const name = world.verbs.addRunningNode("spot-spot", ZONE);
    world.verbs.announce(name, "spot-interruption");
    const [node] = await nodesOf(world);
    await world.ports.capacityWriter.terminateInstances("spot-spot", [node?.instanceId ?? ""]);
    expect(await announced(world)).toEqual([]);
    pass(world, { minutes: 5 });
    expect(await groupNamed(world, "spot-spot")).toMatchObject({ desired: 0, instances: [] });
  });

  test("a rebalance recommendation takes nothing away", async () => {
    const world = aWorld([SPOT]);
    const name = world.verbs.addRunningNode("spot-spot", ZONE);
    world.verbs.announce(name, "rebalance-recommendation");
    pass(world, { minutes: 30 });
    expect(await announced(world)).toMatchObject([{ kind: "rebalance-recommendation", deadline: null }]);
    expect(await nodesOf(world)).toHaveLength(1);
  });
});

describe("the weather", () => {
  const rates = { quiet: 0.001, usual: 0.01, bad: 0.05 } as const;
  test.each(Object.keys(rates) as (keyof typeof rates)[])(
    "%s interrupts its share of Spot nodes an hour",
    (weather) => {
      // Nodes that live until they are interrupted: interruptions over node-hours.
      let [count, hours] = [0, 0];
      for (let seed = 0; seed < 400; seed++) {
        const weathercock = createWeathercock(seed, weather, 0);
        for (let ordinal = 0; ordinal < 20; ordinal++) {
          const at = weathercock.interruptionAt("g6.xlarge", ZONE, ordinal, ordinal * HOUR_MS);
          count += 1;
          hours += (at - ordinal * HOUR_MS) / HOUR_MS;
        }
      }
      expect(count / hours / rates[weather]).toBeGreaterThan(0.9);
      expect(count / hours / rates[weather]).toBeLessThan(1.1);
    },
  );

  test("bad takes many nodes of one type and zone within three minutes, usual hardly two", () => {
    const together = (weather: "usual" | "bad") => {
      const weathercock = createWeathercock(7, weather, 0);
      const times = Array.from({ length: 100 }, (_, i) =>
        weathercock.interruptionAt("g6.xlarge", ZONE, i, 0),
      ).sort((a, b) => a - b);
      return Math.max(
        ...times.map((at) => times.filter((each) => each >= at && each <= at + 3 * MINUTE_MS).length),
      );
    };
    expect(together("bad")).toBeGreaterThan(20);
    expect(together("usual")).toBeLessThan(5);
  });

  test("is the same for the same launch, whatever else was launched", () => {
    const [one, other] = [createWeathercock(3, "bad", 0), createWeathercock(3, "bad", 0)];
    for (let i = 0; i < 50; i++) other.interruptionAt("g6.12xlarge", ZONE, i, i * HOUR_MS);
    expect(one.interruptionAt("g6.xlarge", ZONE, 4, HOUR_MS)).toBe(
      other.interruptionAt("g6.xlarge", ZONE, 4, HOUR_MS),
    );
  });

  test("leaves On-Demand nodes alone", async () => {
    const world = aWorld([SMALL], { weather: "bad" });
    await launch(world, "small-on-demand", 50);
    pass(world, { minutes: 60 * 24 * 30 });
    expect(world.result().interruptions).toBe(0);
    expect(await nodesOf(world)).toHaveLength(50);
  });
});
