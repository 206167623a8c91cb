import {
  type DemandDecision,
  type Effect,
  type Outcome,
  reason,
  type TickRecord,
} from "@gpu-autoscaler/core";
import { expect, test } from "vitest";
import { type Asked, aKubernetesApi, aList, aStatus, isList } from "./a-kubernetes-api.ts";
import { rawPod } from "./raw.ts";

const REFUSES_NONE = (_: Asked): boolean => false;

/** An API with the nodes n-0, n-1, … and the pods default/p-0, … of a cluster that was read. */
async function anEventLog({ pods = 0, refuses = REFUSES_NONE } = {}) {
  const nodes = [{ metadata: { name: "n-0", uid: "uid-n-0" } }];
  const all = Array.from({ length: pods }, (_, i) =>
    rawPod({}, { metadata: { name: `p-${i}`, uid: `uid-p-${i}` } }),
  );
  const api = await aKubernetesApi((asked) => {
    if (asked.method === "POST")
      return refuses(asked) ? { status: 403, json: aStatus("no") } : { status: 201 };
    if (!isList(asked)) return null;
    if (asked.path === "/api/v1/nodes") return { json: aList(1, nodes) };
    return asked.path === "/api/v1/pods" ? { json: aList(1, all) } : null;
  });
  await api.clusterReader.readCluster();
  const told = () => api.asked.filter(({ method }) => method === "POST").map(({ body }) => body);
  return { append: api.eventLog.append, told, asked: api.asked };
}

const AT = Date.parse("2026-01-01T00:00:00Z");

function aRecord(parts: Partial<TickRecord> = {}): TickRecord {
  return {
    cluster: "test",
    decidedAt: AT,
    effects: [],
    demand: [],
    nodes: [],
    problems: [],
    outcomes: [],
    ...parts,
  };
}

const CORDON: Effect = {
  kind: "CordonNode",
  key: "cordon/n-0",
  pool: "pool",
  reason: reason("NodeEmpty"),
  node: "n-0",
  resourceVersion: "1",
  taint: { key: "gpu-autoscaler.io/draining", value: "", effect: "NoSchedule" },
};
const EVICT: Effect = {
  kind: "EvictPod",
  key: "evict/p-0",
  pool: "pool",
  reason: reason("NodeUnderused"),
  node: "n-0",
  namespace: "default",
  name: "p-0",
  uid: "uid-p-0",
  gracePeriodSeconds: null,
};

function outcomeOf({ key }: Effect, parts: Partial<Outcome> = {}): Outcome {
  return { key, status: "done", at: AT, reason: null, launch: null, ...parts };
}

function demandFor(count: number, parts: Partial<DemandDecision> = {}): DemandDecision {
  return {
    pods: Array.from({ length: count }, (_, i) => `default/p-${i}`),
    asksFor: "1 nvidia.com/gpu",
    gang: null,
    outcomes: [{ count, reason: reason("NoCapacityLeft"), effect: null }],
    rejected: [],
    ...parts,
  };
}

test("what is done to a node is an Event of the node, in namespace default", async () => {
  const { append, told } = await anEventLog();
  await append(aRecord({ effects: [CORDON], outcomes: [outcomeOf(CORDON)] }));
  expect(told()).toEqual([
    {
      apiVersion: "v1",
      kind: "Event",
      metadata: { namespace: "default", name: expect.stringMatching(/^n-0\.[0-9a-f]{8}$/) },
      involvedObject: { apiVersion: "v1", kind: "Node", name: "n-0", uid: "uid-n-0" },
      type: "Normal",
      reason: "NodeEmpty",
      message:
        "cordoned under the taint gpu-autoscaler.io/draining: No GPU pod has been on the node for the pool's keep time.",
      source: { component: "gpu-autoscaler" },
      reportingComponent: "gpu-autoscaler",
      firstTimestamp: "2026-01-01T00:00:00.000Z",
      lastTimestamp: "2026-01-01T00:00:00.000Z",
      count: 1,
    },
  ]);
});

test("what could not be done is a warning that says why", async () => {
  const { append, told } = await anEventLog({ pods: 1 });
  const outcome = outcomeOf(EVICT, { status: "skipped", reason: reason("NotEnoughPdb", "shop/web") });
  await append(aRecord({ effects: [EVICT], outcomes: [outcome] }));
  expect(told()).toMatchObject([
    {
      involvedObject: { kind: "Pod", namespace: "default", name: "p-0", uid: "uid-p-0" },
      type: "Warning",
      reason: "NodeUnderused",
      message:
        "to be evicted from node n-0: Little of the node has been used for long, and its pods fit elsewhere. Not done: A PodDisruptionBudget allows no disruption now. (shop/web)",
    },
  ]);
});

test("pods without a node are told what is done for them, and which groups were not taken", async () => {
  const { append, told } = await anEventLog({ pods: 2 });
  const demand = demandFor(2, {
    outcomes: [
      { count: 1, reason: reason("Launching"), effect: "launch/1" },
      { count: 1, reason: reason("NoCapacityLeft"), effect: null },
    ],
    rejected: [{ pool: "l4", group: "l4-spot", zone: null, reasons: [reason("SpotShareReached")] }],
  });
  await append(aRecord({ demand: [demand] }));
  expect(told()).toMatchObject([{ involvedObject: { name: "p-0" } }, { involvedObject: { name: "p-1" } }]);
  expect(told()[0]).toMatchObject({
    type: "Warning",
    reason: "NoCapacityLeft",
    message:
      "1 of 2 such pods: A node is being launched for the pod. 1 of 2 such pods: Groups that could take the pod are at a limit, or lack capacity for now. l4-spot: Spot already holds its share of the interruptible GPUs.",
  });
});

test("of many equivalent pods the oldest ten are told, and that there are more", async () => {
  const { append, told } = await anEventLog({ pods: 14 });
  await append(aRecord({ demand: [demandFor(14)] }));
  expect(told()).toHaveLength(10);
  expect(told()[0]).toMatchObject({
    message: expect.stringContaining("The same holds for 4 more pods like this one."),
  });
});

test("the same is told once in a row, and again after something else", async () => {
  const { append, told } = await anEventLog({ pods: 1 });
  const waiting = aRecord({ demand: [demandFor(1)] });
  const launching = aRecord({
    demand: [demandFor(1, { outcomes: [{ count: 1, reason: reason("Launching"), effect: "launch/1" }] })],
  });
  for (const record of [waiting, waiting, launching, waiting]) await append(record);
  expect(told().map((event) => JSON.stringify(event).match(/"reason":"(\w+)"/)?.[1])).toEqual([
    "NoCapacityLeft",
    "Launching",
    "NoCapacityLeft",
  ]);
});

test("a hundred Events are sent at a time, and what was left out with the next record", async () => {
  const { append, told } = await anEventLog({ pods: 150 });
  const demand = Array.from({ length: 150 }, (_, i) => demandFor(1, { pods: [`default/p-${i}`] }));
  await append(aRecord({ demand }));
  expect(told()).toHaveLength(100);
  await append(aRecord({ demand }));
  expect(told()).toHaveLength(150);
});

test("pods that are gone are told nothing", async () => {
  const { append, told } = await anEventLog();
  await append(aRecord({ demand: [demandFor(1)] }));
  expect(told()).toEqual([]);
});

test("an Event that is refused keeps no other back, is an error in the end, and comes with the next record", async () => {
  let isRefused = true;
  const { append, told } = await anEventLog({
    pods: 1,
    refuses: ({ body }) => isRefused && JSON.stringify(body).includes("uid-n-0"),
  });
  const record = aRecord({ effects: [CORDON], outcomes: [outcomeOf(CORDON)], demand: [demandFor(1)] });
  await expect(append(record)).rejects.toThrow('verb "create" on resource "events"');
  expect(told()).toHaveLength(2);
  isRefused = false;
  await append(record);
  expect(told()).toHaveLength(3);
});
