import {
  type GroupStatus,
  MINUTE_MS,
  type Policy,
  runTick,
  type Tick,
  ZONE_LABEL,
} from "@gpu-autoscaler/core";
import { createWorld, type World } from "@gpu-autoscaler/sandbox";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aPolicy, pricesOf } from "../builders/index.ts";
import { FALLING_THROUGH, POOLS, play, rowsOf } from "./plays.ts";
import { runs } from "./runs.ts";
import { sum } from "./tally.ts";

/** Plays a quarter of an hour minute by minute. Gives how often the check found something to look at. */
async function watch(check: (tick: Tick, world: World, policy: Policy) => Promise<boolean>): Promise<number> {
  let seen = 0;
  await fc.assert(
    fc.asyncProperty(play, async ({ jobs, capacity, seed, maxLaunchesPerTick }) => {
      const plain = aPolicy(POOLS);
      const policy = { ...plain, scaleUp: { ...plain.scaleUp, maxLaunchesPerTick } };
      const prices = pricesOf(policy);
      const world = createWorld({
        cluster: "test",
        pools: POOLS,
        prices,
        rows: rowsOf(jobs),
        capacity,
        seed,
      });
      for (let minute = 0; minute < 15; minute++) {
        world.advanceTo(world.now + MINUTE_MS);
        const tick = await runTick(world.ports, policy);
        if (tick && (await check(tick, world, policy))) seen += 1;
      }
    }),
    { ...runs(50), examples: FALLING_THROUGH.map((each) => [each]) },
  );
  return seen;
}

describe("tick by tick, where capacity lacks", () => {
  test("a gang's launch stands whole or is rolled back", async () => {
    let rolledBack = 0;
    const launched = await watch(async ({ effects, outcomes }) => {
      const gangs = effects.flatMap((effect) =>
        effect.kind === "LaunchInstances" && effect.gang ? effect : [],
      );
      for (const { key, count } of gangs) {
        // Each launch has a ClientToken of its own, and so one answer.
        const answers = outcomes.filter((outcome) => outcome.key === key);
        expect(answers).toHaveLength(1);
        for (const { launch } of answers) {
          expect([0, count]).toContain(launch?.launched.length);
          if (launch?.rolledBack) rolledBack += 1;
        }
      }
      return gangs.length > 0;
    });
    expect(launched).toBeGreaterThan(60);
    expect(rolledBack).toBeGreaterThan(4);
  });

  test("what is launched is what is there, less what was rolled back", async () => {
    const seen = new Map<World, ReadonlySet<string>>();
    const launched = await watch(async ({ outcomes }, world) => {
      const { groups } = await world.ports.capacityReader.readGroups();
      const living = groups.flatMap(({ instances }) =>
        instances.filter(({ lifecycle }) => lifecycle !== "terminating").map(({ id }) => id),
      );
      const known = outcomes.flatMap(({ launch }) => launch?.launched.map(({ id }) => id) ?? []);
      const fresh = living.filter((id) => !seen.get(world)?.has(id));
      seen.set(world, new Set(living));
      expect(fresh.toSorted()).toEqual(known.filter((id) => living.includes(id)).toSorted());
      return known.length > 0;
    });
    expect(launched).toBeGreaterThan(60);
  });

  test("the pods of a gang are bound together, in one zone", async () => {
    const bound = await watch(async (_, world) => {
      const { pods, nodes } = await world.ports.clusterReader.readCluster();
      const zoneOf = new Map(nodes.map(({ name, labels }) => [name, labels[ZONE_LABEL]]));
      const gangs = Map.groupBy(
        pods.filter(({ annotations }) => "gpu-autoscaler.io/gang" in annotations),
        ({ annotations }) => annotations["gpu-autoscaler.io/gang"],
      );
      for (const [gang, members] of gangs) {
        const zones = new Set(members.map(({ nodeName }) => nodeName && zoneOf.get(nodeName)));
        expect(zones.size, gang).toBe(1);
      }
      return pods.some(({ nodeName }) => nodeName !== null);
    });
    expect(bound).toBeGreaterThan(60);
  });

  test("no more is launched in a tick than may be, however often it falls through", async () => {
    const launched = await watch(async ({ outcomes }, _, policy) => {
      const count = sum(outcomes, ({ launch }) => launch?.launched.length ?? 0);
      expect(count).toBeLessThanOrEqual(policy.scaleUp.maxLaunchesPerTick);
      return count > 0;
    });
    expect(launched).toBeGreaterThan(60);
  });

  test("no pool or group outgrows its maximum", async () => {
    const grown = await watch(async (_, world, { pools }) => {
      const { groups } = await world.ports.capacityReader.readGroups();
      const living = ({ instances }: GroupStatus) =>
        instances.filter(({ lifecycle }) => lifecycle !== "terminating").length;
      const sizeOf = (name: string) =>
        sum(
          groups.filter((group) => group.name === name),
          living,
        );
      for (const pool of pools) {
        const sizes = pool.groups.map(({ name, maxNodes }) => ({ size: sizeOf(name), maxNodes }));
        for (const { size, maxNodes } of sizes) expect(size).toBeLessThanOrEqual(maxNodes);
        expect(sum(sizes, ({ size }) => size)).toBeLessThanOrEqual(pool.maxNodes);
      }
      return groups.some(({ instances }) => instances.length > 2);
    });
    expect(grown).toBeGreaterThan(30);
  });
});
