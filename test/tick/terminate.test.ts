import { decide, MINUTE_MS, type Pod, runTick } from "@gpu-autoscaler/core";
import { expect, test } from "vitest";
import { aPod, aPolicy, START } from "../builders/index.ts";
import { aWorld, SMALL, ZONE } from "../sandbox/a-world.ts";

/** What becomes of an empty node whose time is over, when these pods are found on it at the last moment. */
async function fateWith(pod: Pod) {
  const world = aWorld([SMALL]);
  world.verbs.addRunningNode(SMALL.groups[0]?.name ?? "", ZONE);
  const policy = aPolicy([SMALL]);
  world.advanceTo(START + MINUTE_MS);
  await runTick(world.ports, policy);
  world.advanceTo(START + 7 * MINUTE_MS);
  const clusterReader = { ...world.ports.clusterReader, podsOnNode: async () => [pod] };
  const tick = await runTick({ ...world.ports, clusterReader }, policy, decide);
  return tick?.outcomes.at(-1)?.status;
}

test("a GPU pod that is found on a node at the last moment saves it, unless it has ended", async () => {
  const late = aPod("late").gpu(1).build();
  expect(await fateWith(late)).toBe("skipped");
  expect(await fateWith({ ...late, phase: "Succeeded" })).toBe("done");
});
