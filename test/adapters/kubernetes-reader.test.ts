import { describe, expect, test } from "vitest";
import {
  type Answer,
  type Asked,
  aKubernetesApi,
  aList,
  aStatus,
  bookmark,
  changed,
  deleted,
  isList,
  isWatch,
} from "./a-kubernetes-api.ts";
import { rawClaim, rawPod } from "./raw.ts";

const PODS = "/api/v1/pods";
const NODES = "/api/v1/nodes";
const ONE = pod("one");
const TWO = pod("two");
const THREE = pod("three");

function pod(name: string, spec: object = {}) {
  return rawPod({ ...spec }, { metadata: { name, uid: `uid-${name}` } });
}

/** Answers about pods; `lists`, `versions` and `watches` are used up in turn, the last one stays. */
function podsBy(script: {
  readonly lists?: readonly Answer[];
  readonly versions?: readonly number[];
  readonly watches?: readonly Answer[];
}) {
  const lists = inTurn(script.lists ?? []);
  const versions = inTurn(script.versions ?? []);
  const watches = inTurn(script.watches ?? []);
  return (asked: Asked): Answer | null => {
    if (!asked.path.endsWith("/pods")) return null;
    if (isWatch(asked)) return watches();
    if (isList(asked)) return lists();
    const version = versions();
    return version === null ? null : { json: aList(version) };
  };
}

function inTurn<Item>(items: readonly Item[]): () => Item | null {
  let i = 0;
  return () => items[Math.min(i++, items.length - 1)] ?? null;
}

type Api = Awaited<ReturnType<typeof aKubernetesApi>>;

async function podNames({ clusterReader }: Api): Promise<string[]> {
  return (await clusterReader.readCluster()).pods.map(({ name }) => name);
}

function countOf({ asked }: Api, path: string, is: (asked: Asked) => boolean): number {
  return asked.filter((each) => each.path === path && is(each)).length;
}

describe("listing", () => {
  test("goes from page to page", async () => {
    const pages = [{ json: aList(7, [ONE], "next") }, { json: aList(7, [TWO]) }];
    const api = await aKubernetesApi(podsBy({ lists: pages }));
    expect(await podNames(api)).toEqual(["one", "two"]);
    const asked = api.asked.filter((each) => each.path === PODS);
    expect(asked.map(({ query }) => query.get("continue"))).toEqual([null, "next"]);
    expect(asked[0]?.query.get("fieldSelector")).toBe("status.phase!=Succeeded,status.phase!=Failed");
  });

  test("begins again when the continue token has expired, and keeps nothing of before", async () => {
    const expired = { status: 410, json: aStatus("The provided continue parameter is too old") };
    const lists = [{ json: aList(7, [ONE], "next") }, expired, { json: aList(9, [TWO]) }];
    const api = await aKubernetesApi(podsBy({ lists }));
    expect(await podNames(api)).toEqual(["two"]);
  });

  test("gives up on a continue token that expires each time", async () => {
    const expired = { status: 410, json: aStatus("too old") };
    const api = await aKubernetesApi(podsBy({ lists: [expired] }));
    await expect(api.clusterReader.readCluster()).rejects.toThrow("list pods: the API server answered 410");
    expect(countOf(api, PODS, isList)).toBe(3);
  });

  test("of a short list is done anew each time, without a watch", async () => {
    const lists = [{ json: aList(7, [ONE]) }, { json: aList(9, [TWO]) }];
    const api = await aKubernetesApi(podsBy({ lists, versions: [7] }), { listAnewBytes: 10_000 });
    expect([await podNames(api), await podNames(api)]).toEqual([["one"], ["two"]]);
    expect(countOf(api, PODS, isWatch)).toBe(0);
  });
});

describe("catching up", () => {
  test("applies what changed, until it is as new as the read began", async () => {
    const lines = [changed(THREE, 8), deleted(ONE, 9), bookmark(12)];
    const api = await aKubernetesApi(
      podsBy({
        lists: [{ json: aList(7, [ONE, TWO]) }],
        versions: [11],
        watches: [{ lines, after: "stay" }],
      }),
    );
    expect(await podNames(api)).toEqual(["one", "two"]);
    expect(await podNames(api)).toEqual(["three", "two"]);
    const [watch] = api.asked.filter((each) => each.path === PODS && isWatch(each));
    expect(watch?.query.get("resourceVersion")).toBe("7");
    expect(watch?.query.get("allowWatchBookmarks")).toBe("true");
    // On one connection, and so by one API server, whose own cache the question how new it is brings up to date.
    const question = api.asked.find(({ path }) => path === "/api/v1/namespaces/default/pods");
    expect(watch?.port).toBe(question?.port);
  });

  test("tells once of pods that went while it looked on, and on which node they had been", async () => {
    const bound = pod("three", { nodeName: "node" });
    const lines = [changed(THREE, 8), changed(bound, 9), deleted(bound, 10), deleted(ONE, 11)];
    const api = await aKubernetesApi(
      podsBy({
        lists: [{ json: aList(7, [ONE, TWO]) }],
        versions: [11],
        watches: [{ lines, after: "stay" }],
      }),
    );
    const gone = async () => {
      const { gonePods = [] } = await api.clusterReader.readCluster();
      return gonePods.map(({ name, nodeName }) => [name, nodeName]);
    };
    expect(await gone()).toEqual([]);
    expect(await gone()).toEqual([
      ["three", "node"],
      ["one", null],
    ]);
    expect(await gone()).toEqual([]);
  });

  test("asks for no watch when nothing happened at all", async () => {
    const api = await aKubernetesApi(podsBy({ lists: [{ json: aList(7, [ONE]) }], versions: [7] }));
    expect([await podNames(api), await podNames(api)]).toEqual([["one"], ["one"]]);
    expect(countOf(api, PODS, isWatch)).toBe(0);
  });

  test("goes on where a stream was cut off, half an event and all", async () => {
    const half = JSON.stringify(changed(THREE, 9)).slice(0, 40);
    const api = await aKubernetesApi(
      podsBy({
        lists: [{ json: aList(7, [ONE]) }],
        versions: [9],
        watches: [
          { lines: [changed(TWO, 8), half], after: "cut" },
          { lines: [changed(THREE, 9)], after: "stay" },
        ],
      }),
    );
    await podNames(api);
    expect(await podNames(api)).toEqual(["one", "three", "two"]);
    const watches = api.asked.filter((each) => each.path === PODS && isWatch(each));
    expect(watches.map(({ query }) => query.get("resourceVersion"))).toEqual(["7", "8"]);
    expect(countOf(api, PODS, isList)).toBe(1);
  });

  const LISTS_AGAIN: Record<string, { versions?: number[]; watch: Answer }> = {
    "a watch is answered with 410": { watch: { status: 410, json: aStatus("too old resource version") } },
    "a watch ends with an ERROR": {
      watch: { lines: [{ type: "ERROR", object: { code: 410, message: "too old resource version" } }] },
    },
    "an event is no JSON": { watch: { lines: ["<html>\n"] } },
    "an event has no resourceVersion": { watch: { lines: [{ type: "ADDED", object: TWO }] } },
    "watches end before they have caught up": { watch: { lines: [bookmark(8)] } },
    "the cluster is older than what was seen of it": { versions: [3], watch: {} },
  };
  test.each(Object.entries(LISTS_AGAIN))("lists again when %s", async (_, { versions = [9], watch }) => {
    const lists = [{ json: aList(7, [ONE]) }, { json: aList(9, [TWO]) }];
    const api = await aKubernetesApi(podsBy({ lists, versions, watches: [watch] }));
    expect([await podNames(api), await podNames(api)]).toEqual([["one"], ["two"]]);
  });

  test("takes reads that come together one after the other", async () => {
    const watches = [
      { lines: [changed(TWO, 8)], after: "stay" as const },
      { lines: [changed(THREE, 9)], after: "stay" as const },
    ];
    const api = await aKubernetesApi(
      podsBy({ lists: [{ json: aList(7, [ONE]) }], versions: [8, 9], watches }),
    );
    await podNames(api);
    const [first, second] = await Promise.all([podNames(api), podNames(api)]);
    expect([first, second]).toEqual([
      ["one", "two"],
      ["one", "three", "two"],
    ]);
  });

  test("keeps what it had when the API server fails, and catches up at the next tick", async () => {
    let fails = false;
    const good = podsBy({
      lists: [{ json: aList(7, [ONE]) }],
      versions: [8],
      watches: [{ lines: [changed(TWO, 8)], after: "stay" }],
    });
    const api = await aKubernetesApi((asked) =>
      fails && asked.path.endsWith("/pods") ? { status: 403, json: aStatus("no") } : good(asked),
    );
    await podNames(api);
    fails = true;
    await expect(podNames(api)).rejects.toThrow("forbidden");
    fails = false;
    expect(await podNames(api)).toEqual(["one", "two"]);
    expect(countOf(api, PODS, isList)).toBe(1);
  });
});

describe("an object that cannot be read", () => {
  const brokenPod = rawPod({ nodeName: "n", containers: "none" }, { metadata: { name: "broken" } });

  async function clusterWith(path: string, ...items: unknown[]) {
    const api = await aKubernetesApi((asked) =>
      asked.path === path && isList(asked) ? { json: aList(5, items) } : null,
    );
    return api.clusterReader.readCluster();
  }

  test("is named, and the others stand", async () => {
    const { pods, gaps } = await clusterWith(PODS, ONE, brokenPod);
    expect(pods.map(({ name }) => name)).toEqual(["broken", "one"]);
    expect(gaps).toEqual([expect.stringContaining("Pod default/broken: spec.containers: Invalid input")]);
  });

  test("that is a pod holds its node", async () => {
    const { pods } = await clusterWith(PODS, brokenPod);
    expect(pods).toMatchObject([
      { nodeName: "n", annotations: { "cluster-autoscaler.kubernetes.io/safe-to-evict": "false" } },
    ]);
  });

  test("that is a node stays and takes no pods", async () => {
    const broken = {
      metadata: { name: "n", resourceVersion: "5", labels: 7 },
      spec: { providerID: "aws:///us-east-1a/i-0abc" },
      status: { allocatable: { cpu: "48" } },
    };
    const { nodes, gaps } = await clusterWith(NODES, broken);
    expect(nodes).toMatchObject([
      {
        name: "n",
        instanceId: "i-0abc",
        unschedulable: true,
        annotations: { "cluster-autoscaler.kubernetes.io/scale-down-disabled": "true" },
      },
    ]);
    expect(gaps).toEqual([expect.stringContaining("Node n: metadata.labels")]);
  });

  test("that is a node of which not even the instance can be told leaves no node readable", async () => {
    const broken = { metadata: { name: "n" }, spec: { providerID: 5 } };
    await expect(clusterWith(NODES, broken)).rejects.toThrow("Node n: spec.providerID");
  });

  test("that is a pod of which not even the node can be told leaves no pod readable", async () => {
    const broken = rawPod({ nodeName: 5 }, { metadata: { name: "broken" } });
    await expect(clusterWith(PODS, broken)).rejects.toThrow("Pod default/broken: spec.nodeName");
  });

  test("that is a budget lets nothing of its namespace be evicted", async () => {
    const path = "/apis/policy/v1/poddisruptionbudgets";
    const broken = { metadata: { name: "web", namespace: "shop" }, spec: { selector: "web" } };
    const { budgets, gaps } = await clusterWith(path, broken);
    expect(budgets).toEqual([{ namespace: "shop", name: "web", selector: [], disruptionsAllowed: 0 }]);
    expect(gaps).toHaveLength(1);
  });

  test("that is a namespace or a DaemonSet is named alone", async () => {
    const namespaces = await clusterWith("/api/v1/namespaces", { metadata: { name: "shop", labels: "x" } });
    expect(namespaces).toMatchObject({ namespaces: { shop: {} }, gaps: [expect.stringContaining("shop")] });
    const daemonSets = await clusterWith("/apis/apps/v1/daemonsets", { metadata: { name: "dcgm" } });
    expect(daemonSets).toMatchObject({ daemonSets: [], gaps: [expect.stringContaining("dcgm")] });
  });

  test("that is a volume is named, and the others stand", async () => {
    const trainer = pod("trainer", {
      volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
    });
    const broken = { metadata: { name: "pv-1" }, spec: { capacity: { storage: "much" } } };
    const whole = { metadata: { name: "pv-2" }, spec: { capacity: { storage: "1Gi" } } };
    const claim = rawClaim("data", { volumeName: "pv-2" }, { status: { phase: "Bound" } });
    const api = await aKubernetesApi(({ path }) => {
      if (path === PODS) return { json: aList(7, [trainer]) };
      if (path === "/api/v1/persistentvolumeclaims") return { json: aList(7, [claim]) };
      return path === "/api/v1/persistentvolumes" ? { json: aList(7, [broken, whole]) } : null;
    });
    const { pods, gaps } = await api.clusterReader.readCluster();
    expect(pods[0]?.volumeProblem).toBeNull();
    expect(gaps).toEqual([
      expect.stringContaining('PersistentVolume pv-1: storage: "much" is not a Kubernetes quantity'),
    ]);
  });

  test("is no gap any more once it is whole", async () => {
    const whole = rawPod({}, { metadata: { name: "broken" } });
    const api = await aKubernetesApi(
      podsBy({
        lists: [{ json: aList(7, [brokenPod]) }],
        versions: [8],
        watches: [{ lines: [changed(whole, 8)], after: "stay" }],
      }),
    );
    expect((await api.clusterReader.readCluster()).gaps).toHaveLength(1);
    expect((await api.clusterReader.readCluster()).gaps).toBeUndefined();
  });
});

test("the pods of one node are asked for by quorum, without those that have ended", async () => {
  const api = await aKubernetesApi(({ path }) => (path === PODS ? { json: aList(7, [ONE]) } : null));
  expect((await api.clusterReader.podsOnNode("n")).map(({ name }) => name)).toEqual(["one"]);
  const fieldSelector = "spec.nodeName=n,status.phase!=Succeeded,status.phase!=Failed";
  expect(api.asked.map(({ query }) => Object.fromEntries(query))).toEqual([{ fieldSelector }]);
});

test("a pod of the node that cannot be read is an error: it may be what the node must stay for", async () => {
  const broken = rawPod({ containers: "none" });
  const api = await aKubernetesApi(({ path }) => (path === PODS ? { json: aList(7, [ONE, broken]) } : null));
  await expect(api.clusterReader.podsOnNode("n")).rejects.toMatchObject({ code: "InvalidKubernetesObject" });
});

describe("parts of a cluster", () => {
  const trainer = pod("trainer", {
    volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
  });
  const forbidden = { status: 403, json: aStatus("is forbidden") };

  test("that are budgets may be missing alone, and old ones do not stand in for them", async () => {
    const web = { metadata: { name: "web", namespace: "shop" }, spec: { selector: {} } };
    let mayReadBudgets = true;
    const api = await aKubernetesApi(({ path }) => {
      if (!path.includes("poddisruptionbudgets")) return null;
      return mayReadBudgets ? { json: aList(5, [web]) } : forbidden;
    });
    expect(await api.clusterReader.readCluster()).toMatchObject({ budgets: [{ name: "web" }] });
    mayReadBudgets = false;
    const { budgets, budgetsProblem } = await api.clusterReader.readCluster();
    expect(budgets).toEqual([]);
    expect(budgetsProblem).toContain('verb "list" on resource "poddisruptionbudgets" of API group "policy"');
  });

  test("that are volumes are not read while no pod uses claims", async () => {
    const api = await aKubernetesApi(podsBy({ lists: [{ json: aList(7, [ONE]) }] }));
    await api.clusterReader.readCluster();
    expect(api.asked.map(({ path }) => path).sort()).toEqual([
      "/api/v1/namespaces",
      NODES,
      PODS,
      "/apis/apps/v1/daemonsets",
      "/apis/policy/v1/poddisruptionbudgets",
    ]);
  });

  test("that are volumes keep only pods with claims waiting when they cannot be read", async () => {
    const lists = podsBy({ lists: [{ json: aList(7, [ONE, trainer]) }] });
    const api = await aKubernetesApi((asked) =>
      asked.path.endsWith("/persistentvolumes") ? forbidden : lists(asked),
    );
    const { pods, gaps } = await api.clusterReader.readCluster();
    expect(pods.map(({ volumeProblem }) => volumeProblem)).toEqual([
      null,
      expect.stringContaining("claims cannot be read: cluster test: list persistentvolumes"),
    ]);
    expect(gaps).toHaveLength(1);
  });

  test("that are volumes change under pods that do not", async () => {
    const volume = { metadata: { name: "pv-1", labels: { "topology.kubernetes.io/zone": "a" } }, spec: {} };
    const claim = (phase: string) => rawClaim("data", { volumeName: "pv-1" }, { status: { phase } });
    const pods = podsBy({ lists: [{ json: aList(7, [trainer]) }], versions: [7] });
    const api = await aKubernetesApi((asked) => {
      if (asked.path === "/api/v1/persistentvolumes") return { json: aList(7, [volume]) };
      if (!asked.path.endsWith("/persistentvolumeclaims")) return pods(asked);
      if (isWatch(asked)) return { lines: [changed(claim("Bound"), 8)] };
      return isList(asked) ? { json: aList(7, [claim("Pending")]) } : { json: aList(8) };
    });
    const trainerNow = async () => (await api.clusterReader.readCluster()).pods[0];
    expect(await trainerNow()).toMatchObject({ volumeProblem: "claim data is not bound" });
    const bound = await trainerNow();
    expect(bound?.volumeProblem).toBeNull();
    expect(bound?.volumeTopologies).toHaveLength(1);
  });

  test("that cannot be read are all named at once", async () => {
    const api = await aKubernetesApi(({ path }) => (path === NODES || path === PODS ? forbidden : null));
    await expect(api.clusterReader.readCluster()).rejects.toThrow(/resource "nodes".*resource "pods"/s);
  });
});
