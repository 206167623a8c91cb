import { createKubernetes, type Kubernetes } from "@gpu-autoscaler/adapters";
import { reason, type TickRecord } from "@gpu-autoscaler/core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { clusterReaderContract } from "../contract/cluster-reader.contract.ts";
import { clusterWriterContract } from "../contract/cluster-writer.contract.ts";
import {
  type ControlPlane,
  type ControlPlaneStart,
  FIRST_START_MS,
  startControlPlane,
} from "./control-plane/control-plane.ts";
import {
  accessTo,
  allowAllBut,
  applyRoles,
  clear,
  createBudget,
  createNode,
  createPod,
  watching,
} from "./kubernetes-cluster.ts";

/** A member of the group of deploy/rbac.yaml; one whose role lacks a permission; one without a role. */
const ALLOWED = "token-of-the-autoscaler";
const ALMOST = "token-of-one-that-reads-no-budgets";
const NOBODY = "token-of-nobody";

let started: ControlPlaneStart = { missing: "it was not started" };
const opened: Kubernetes[] = [];

beforeAll(async () => {
  started = await startControlPlane({
    users: [
      { token: ALLOWED, user: "autoscaler", groups: ["gpu-autoscaler"] },
      { token: ALMOST, user: "almost", groups: ["almost"] },
      { token: NOBODY, user: "nobody" },
    ],
  });
  if ("missing" in started) return;
  await applyRoles(started.controlPlane);
  await allowAllBut(started.controlPlane, "almost", "poddisruptionbudgets");
}, FIRST_START_MS);

afterAll(async () => {
  for (const kubernetes of opened) await kubernetes.close();
  if ("controlPlane" in started) await started.controlPlane.stop();
});

beforeEach(async ({ skip }) => {
  if ("missing" in started) return skip(started.missing);
  await clear(started.controlPlane);
});

function plane(): ControlPlane {
  if ("missing" in started) throw new Error(started.missing);
  return started.controlPlane;
}

/** The ports as the bearer of a token has them. Nothing is listed anew that can be watched. */
function kubernetesAs(token: string) {
  const { options, calls } = watching(accessTo(plane(), token));
  const kubernetes = createKubernetes(options);
  opened.push(kubernetes);
  return { ...kubernetes, calls };
}

// One for all tests, as a warm process has one: what it kept of the test before must not show.
let warm: ReturnType<typeof kubernetesAs> | undefined;
function warmKubernetes() {
  warm ??= kubernetesAs(ALLOWED);
  return warm;
}

clusterReaderContract("of the Kubernetes API", async () => {
  await createNode(plane(), "busy");
  await createNode(plane(), "idle");
  await createPod(plane(), "one", { node: "busy" });
  await createPod(plane(), "two", { node: "busy" });
  await createPod(plane(), "waiting");
  await createBudget(plane(), "budget", "one");
  return { reader: warmKubernetes().clusterReader, busy: "busy", idle: "idle" };
});

clusterWriterContract("of the Kubernetes API", async () => {
  await createNode(plane(), "node", [{ key: "dedicated", value: "gpu", effect: "NoSchedule" }]);
  await createPod(plane(), "free", { node: "node", isOwned: true });
  await createPod(plane(), "protected", { node: "node", isOwned: true });
  await createBudget(plane(), "budget", "protected");
  const { clusterWriter: writer, clusterReader: reader } = warmKubernetes();
  return { writer, reader, node: "node" };
});

describe("a warm reader of the Kubernetes API", () => {
  test("lists once, and then reads what changed until it is as new as the read began", async () => {
    await createNode(plane(), "node");
    await createPod(plane(), "before", { node: "node" });
    const { clusterReader, calls } = kubernetesAs(ALLOWED);
    await clusterReader.readCluster();
    calls.length = 0;
    for (const name of ["first", "second", "third"]) {
      await createPod(plane(), name, { node: "node" });
      const { pods } = await clusterReader.readCluster();
      expect(pods.map((pod) => pod.name)).toContain(name);
      expect(pods.find((pod) => pod.name === name)).toMatchObject({ phase: "Running", nodeName: "node" });
    }
    const listed = calls.filter(({ verb, bytes }) => verb === "list" && bytes > 200);
    expect(listed).toEqual([]);
    expect(calls.some(({ verb, resource }) => verb === "watch" && resource === "pods")).toBe(true);
  });

  test("forgets pods that ended, and those that are deleted", async () => {
    const { client } = plane();
    await createNode(plane(), "node");
    for (const name of ["ends", "is-deleted", "stays"]) await createPod(plane(), name, { node: "node" });
    const { clusterReader } = kubernetesAs(ALLOWED);
    await clusterReader.readCluster();
    await client.patch("/api/v1/namespaces/default/pods/ends/status", { status: { phase: "Succeeded" } });
    await client.delete("/api/v1/namespaces/default/pods/is-deleted", { gracePeriodSeconds: 0 });
    const { pods } = await clusterReader.readCluster();
    expect(pods.map(({ name }) => name)).toEqual(["stays"]);
    expect((await clusterReader.podsOnNode("node")).map(({ name }) => name)).toEqual(["stays"]);
  });

  test("knows what a claim demands as soon as it is bound", async () => {
    const { client } = plane();
    const { clusterReader, calls } = kubernetesAs(ALLOWED);
    await clusterReader.readCluster();
    expect(calls.map(({ resource }) => resource)).not.toContain("persistentvolumeclaims");
    await createPod(plane(), "trainer", { claim: "data" });
    const trainer = async () => (await clusterReader.readCluster()).pods[0];
    expect(await trainer()).toMatchObject({ volumeProblem: "claim data does not exist" });
    const claims = "/api/v1/namespaces/default/persistentvolumeclaims";
    await client.create(claims, {
      metadata: { name: "data" },
      spec: {
        accessModes: ["ReadWriteOnce"],
        storageClassName: "",
        resources: { requests: { storage: "1Gi" } },
      },
    });
    expect(await trainer()).toMatchObject({ volumeProblem: "claim data is not bound" });
    await client.delete(`${claims}/data`);
  });
});

describe("who may not", () => {
  test("has no token that is taken: it is told of the access entry", async () => {
    await expect(kubernetesAs("no-such-token").clusterReader.readCluster()).rejects.toMatchObject({
      code: "kubernetes-unauthorized",
      message: expect.stringContaining("access entry"),
    });
  });

  test("has no role: every permission that lacks is named at once, with the role to mend", async () => {
    await expect(kubernetesAs(NOBODY).clusterReader.readCluster()).rejects.toMatchObject({
      code: "kubernetes-forbidden",
      message: expect.stringMatching(/verb "list" on resource "nodes".*deploy\/rbac.*resource "daemonsets"/s),
    });
    await expect(
      kubernetesAs(NOBODY).clusterWriter.cordon(
        "node",
        "1",
        { key: "a", value: "", effect: "NoSchedule" },
        "NodeEmpty",
      ),
    ).rejects.toThrow('verb "get" on resource "nodes" of API group ""');
    await expect(
      kubernetesAs(NOBODY).clusterWriter.evict({
        namespace: "default",
        name: "pod",
        uid: "uid",
        gracePeriodSeconds: 0,
      }),
    ).rejects.toThrow('verb "create" on resource "pods/eviction" of API group ""');
  });

  test("lacks the budgets alone: the rest stays usable", async () => {
    await createNode(plane(), "node");
    const { nodes, budgets, budgetsProblem } = await kubernetesAs(ALMOST).clusterReader.readCluster();
    expect(nodes.map(({ name }) => name)).toEqual(["node"]);
    expect(budgets).toEqual([]);
    expect(budgetsProblem).toContain('verb "list" on resource "poddisruptionbudgets" of API group "policy"');
  });
});

test("a decision is told to the pod and the node that it is about, once", async () => {
  await createNode(plane(), "node");
  await createPod(plane(), "waiting");
  const { clusterReader, eventLog } = kubernetesAs(ALLOWED);
  await clusterReader.readCluster();
  await eventLog.append(RECORD);
  await eventLog.append({ ...RECORD, decidedAt: RECORD.decidedAt + 60_000 });
  const list = await plane().client.get("/api/v1/namespaces/default/events");
  const events: { reason: string; type: string; involvedObject: { name: string } }[] = JSON.parse(
    JSON.stringify(list),
  ).items;
  const told = events.map(({ reason: code, type, involvedObject: { name } }) => `${type} ${code} ${name}`);
  expect(told.sort()).toEqual(["Normal NodeEmpty node", "Warning NoCapacityLeft waiting"]);
});

const RECORD: TickRecord = {
  cluster: "test",
  decidedAt: Date.parse("2026-01-01T00:00:00Z"),
  effects: [
    {
      kind: "CordonNode",
      key: "cordon/node",
      pool: "pool",
      reason: reason("NodeEmpty"),
      node: "node",
      resourceVersion: "1",
      taint: { key: "gpu-autoscaler.io/draining", value: "", effect: "NoSchedule" },
    },
  ],
  demand: [
    {
      pods: ["default/waiting", "default/gone-already"],
      asksFor: "1 nvidia.com/gpu",
      gang: null,
      outcomes: [{ count: 2, reason: reason("NoCapacityLeft"), effect: null }],
      rejected: [],
    },
  ],
  nodes: [],
  problems: [],
  outcomes: [{ key: "cordon/node", status: "done", at: 0, reason: null, launch: null }],
};

test(
  "a reader whose resourceVersion is compacted away, and that gets no bookmarks, lists again",
  async () => {
    const start = await startControlPlane({
      apiServerFlags: ["--watch-cache=false", "--etcd-compaction-interval=1s"],
    });
    if ("missing" in start) throw new Error(start.missing);
    const { controlPlane: bare } = start;
    const { options, calls } = watching(accessTo(bare, bare.token));
    const kubernetes = createKubernetes(options);
    try {
      await createPod(bare, "before");
      await kubernetes.clusterReader.readCluster();
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      await createPod(bare, "after");
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      calls.length = 0;
      const { pods } = await kubernetes.clusterReader.readCluster();
      expect(pods.map(({ name }) => name)).toEqual(["after", "before"]);
      expect(
        calls.some(({ verb, resource, bytes }) => verb === "list" && resource === "pods" && bytes > 500),
      );
    } finally {
      await kubernetes.close();
      await bare.stop();
    }
  },
  FIRST_START_MS,
);
