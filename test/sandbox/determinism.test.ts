import { MINUTE_MS } from "@gpu-autoscaler/core";
import type { World } from "@gpu-autoscaler/sandbox";
import { expect, test } from "vitest";
import { aPod, aPool } from "../builders/index.ts";
import { aRow, aWorld, launch, pass, podsOf, ZONE } from "./a-world.ts";

const POOL = aPool("pool", ["g6.xlarge", "g6.2xlarge"], { capacityTypes: ["spot", "on-demand"] });

/** Everything that the ports say, every five minutes of ten hours in bad weather. */
async function story(seed: number, readEachMinute = false): Promise<string> {
  const rows = Array.from({ length: 60 }, (_, i) =>
    aRow(`row-${i}`, {
      submitMs: i * 7 * MINUTE_MS,
      class: i % 3 === 0 ? "serving" : "training",
      durationMs: 40 * MINUTE_MS,
    }),
  );
  const world = aWorld([POOL], { rows, seed, weather: "bad", spotShareMilli: 600 });
  const pages: string[] = [];
  for (let step = 0; step < 120; step++) {
    if (step % 6 === 0) await launch(world, step % 4 === 0 ? "pool-spot" : "pool-on-demand", 3);
    for (let minute = 0; minute < 5; minute++) {
      pass(world, { minutes: 1 });
      if (readEachMinute) await read(world);
    }
    pages.push(await read(world));
  }
  return [...pages, JSON.stringify(world.result())].join("\n");
}

async function read({ ports }: World): Promise<string> {
  return JSON.stringify([
    await ports.clusterReader.readCluster(),
    await ports.capacityReader.readGroups(),
    await ports.gpuMetrics.readMeasurements(),
    await ports.interruptionFeed.readInterruptions(),
  ]);
}

test("the same seed tells the same story to the byte, another seed another", async () => {
  expect(await story(1)).toBe(await story(1));
  expect(await story(1)).not.toBe(await story(2));
});

test("reading more often changes nothing", async () => {
  expect(await story(5, true)).toBe(await story(5));
});

test("the count of changes stands still exactly while the ports say the same", async () => {
  const world = aWorld([POOL]);
  world.verbs.addRunningNode("pool-on-demand", ZONE);
  world.verbs.submit(aPod("pod").gpu(1).build(), { durationMs: 10 * MINUTE_MS });
  pass(world, { minutes: 1 });
  const [changes, pods] = [world.changes, await podsOf(world)];
  pass(world, { minutes: 8 });
  expect(world.changes).toBe(changes);
  expect(await podsOf(world)).toBe(pods);
  pass(world, { minutes: 2 });
  expect(world.changes).toBeGreaterThan(changes);
  expect(world.changedAt).toBe(world.now - MINUTE_MS);
  expect(await podsOf(world)).toEqual([]);
});

test("time does not run backward", () => {
  const world = aWorld();
  pass(world, { minutes: 1 });
  expect(() => world.advanceTo(world.now - 1)).toThrow(/time runs forward/);
});
