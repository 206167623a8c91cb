import { MINUTE_MS, previewTick, runTick } from "@gpu-autoscaler/core";
import { expect, test } from "vitest";
import { aPod, aPolicy, aPool } from "../builders/index.ts";
import { aWorld, pass } from "../sandbox/a-world.ts";

test("a preview is what a dry run records and remembers, tick after tick, and touches nothing", async () => {
  const pools = [aPool("small", ["g6.xlarge"], { dryRun: true, keepTimeMs: 2 * MINUTE_MS })];
  const policy = aPolicy(pools);
  const [previewed, run] = [aWorld(pools), aWorld(pools)];
  for (const world of [previewed, run]) {
    world.verbs.addRunningNode("small-on-demand", "us-east-1a");
    world.verbs.submit(aPod("giant").gpu(8).classed("training").build());
  }
  let remembered = null;
  for (let minute = 0; minute < 5; minute++) {
    for (const world of [previewed, run]) pass(world, { minutes: 1 });
    const state = remembered;
    const stateStore = { load: async () => state && { state, version: 1 } };
    const preview = await previewTick({ ...previewed.ports, stateStore }, policy);
    await runTick(run.ports, policy);
    expect(preview.state).toEqual((await run.ports.stateStore.load(policy.cluster))?.state);
    const recorded = run.records.find(({ decidedAt }) => decidedAt === run.now);
    if (recorded) expect(preview.record).toEqual(recorded);
    remembered = preview.state;
  }
  expect(run.records.flatMap(({ effects }) => effects.map(({ kind }) => kind))).toContain(
    "TerminateInstances",
  );
  expect(previewed.records).toEqual([]);
  expect(await previewed.ports.stateStore.load(policy.cluster)).toBeNull();
});
