import { emptyState, fnv1a, type Pod, runTick, type TickRecord } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { aPod, aPolicy, aPoolNode, START } from "../builders/index.ts";
import { aWorld, SMALL } from "../sandbox/a-world.ts";

const NODE = aPoolNode(SMALL, "node").build();
const POLICY = aPolicy([SMALL]);

/** What the record of a tick says of pods that were bound, where these pods are listed, and those are gone. */
async function bound(
  pods: { readonly listed?: readonly Pod[]; readonly gone?: readonly Pod[] },
  before: { readonly waiting?: readonly Pod[]; readonly isFree?: boolean } = {},
) {
  const { ports } = aWorld();
  const { waiting = [], isFree = false } = before;
  const state = {
    ...emptyState(POLICY.cluster),
    waiting: waiting.map(({ uid }) => fnv1a(uid)),
    ...(isFree && { emptySince: { [NODE.instanceId ?? ""]: START } }),
  };
  const records: TickRecord[] = [];
  await runTick(
    {
      ...ports,
      stateStore: { load: async () => ({ state, version: 1 }), save: async () => 2 },
      decisionLog: { append: async (record) => void records.push(record) },
      clusterReader: {
        ...ports.clusterReader,
        readCluster: async () => ({
          ...(await ports.clusterReader.readCluster()),
          nodes: [NODE],
          pods: pods.listed ?? [],
          ...(pods.gone && { gonePods: pods.gone }),
        }),
      },
    },
    POLICY,
  );
  return records.flatMap((record) => record.bound ?? []);
}

const aGpuPod = (name: string) => aPod(name).gpu(1);

describe("a pod that was bound and is gone again, between two ticks", () => {
  const gone = [aGpuPod("short").on("node").build()];

  test("is told where it went, when it had waited", async () => {
    expect(await bound({ gone }, { waiting: gone })).toEqual([{ pod: "default/short", node: "node" }]);
  });

  test("is told where it went, when its node was free", async () => {
    expect(await bound({ gone }, { isFree: true })).toEqual([{ pod: "default/short", node: "node" }]);
  });

  test("is not told again, when it was on its node before", async () => {
    expect(await bound({ gone })).toEqual([]);
  });

  test("is told of nothing, when it was deleted before it had a node", async () => {
    const deleted = [aGpuPod("deleted").build()];
    expect(await bound({ gone: deleted }, { waiting: deleted })).toEqual([]);
  });
});

test("a pod that has ended and is listed still is told of when it had waited, and not tick by tick", async () => {
  const ended = { ...aGpuPod("ended").on("node").build(), phase: "Succeeded" as const };
  expect(await bound({ listed: [ended] }, { waiting: [ended], isFree: true })).toHaveLength(1);
  expect(await bound({ listed: [ended] }, { isFree: true })).toEqual([]);
});
