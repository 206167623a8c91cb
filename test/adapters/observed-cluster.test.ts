import { type ClusterObjects, reason, runTick } from "@gpu-autoscaler/core";
import { expect, test } from "vitest";
import { aPolicy } from "../builders/index.ts";
import { aWorld, SMALL } from "../sandbox/a-world.ts";

/** The problems of a tick that sees a cluster with these faults. */
async function problemsOf(faults: Partial<ClusterObjects>) {
  const { ports } = aWorld();
  const readCluster = async () => ({ ...(await ports.clusterReader.readCluster()), ...faults });
  const clusterReader = { ...ports.clusterReader, readCluster };
  return (await runTick({ ...ports, clusterReader }, aPolicy([SMALL])))?.plan.problems;
}

test("budgets that cannot be read are a part of their own that is stale", async () => {
  const budgetsProblem = "list poddisruptionbudgets: it is forbidden";
  expect(await problemsOf({ budgets: [], budgetsProblem })).toEqual([reason("BudgetsStale", budgetsProblem)]);
});

test("an object that cannot be read is told once", async () => {
  const gap = "Pod default/broken: spec.containers: Invalid input";
  expect(await problemsOf({ gaps: [gap] })).toEqual([reason("PartIncomplete", gap)]);
});
