import { DRAINING_TAINT, INTERRUPTED_TAINT } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { type Answer, aKubernetesApi, aStatus } from "./a-kubernetes-api.ts";

const TAINT = { key: DRAINING_TAINT, value: "", effect: "NoSchedule" } as const;
const FOREIGN = { key: "slow", effect: "NoExecute", timeAdded: "2026-01-01T00:00:00Z", later: { field: 1 } };

async function aNode(taints: readonly unknown[] | null, patched: Answer = {}) {
  const node = { metadata: { name: "n", resourceVersion: "5" }, spec: { taints } };
  return aKubernetesApi(({ method }) => (method === "GET" ? { json: node } : patched));
}

describe("a node", () => {
  test("is cordoned, tainted and annotated with why in one patch, which holds for the version that was read", async () => {
    const { clusterWriter, asked } = await aNode([FOREIGN]);
    expect(await clusterWriter.cordon("n", "5", TAINT, "NodeEmpty")).toEqual({ status: "done" });
    expect(asked.filter(({ method }) => method !== "GET").map(({ body }) => body)).toEqual([
      {
        metadata: { resourceVersion: "5", annotations: { "gpu-autoscaler.io/reason": "NodeEmpty" } },
        spec: { unschedulable: true, taints: [FOREIGN, TAINT] },
      },
    ]);
  });

  test("is uncordoned without our taints, and with those of others as they were", async () => {
    const { clusterWriter, asked } = await aNode([TAINT, FOREIGN, { ...TAINT, key: INTERRUPTED_TAINT }]);
    expect(await clusterWriter.uncordon("n", "5")).toEqual({ status: "done" });
    expect(asked.at(-1)?.body).toEqual({
      metadata: { resourceVersion: "5", annotations: { "gpu-autoscaler.io/reason": null } },
      spec: { unschedulable: null, taints: [FOREIGN] },
    });
  });

  test("is not patched once it has moved on", async () => {
    const { clusterWriter, asked } = await aNode(null);
    expect(await clusterWriter.cordon("n", "4", TAINT, "NodeEmpty")).toEqual({
      status: "precondition-failed",
      detail: "node n is at resourceVersion 5, no more at 4",
    });
    expect(asked).toHaveLength(1);
  });

  const REFUSALS: Record<string, [Answer, object]> = {
    "that moved on meanwhile": [
      { status: 409, json: aStatus("the object has been modified") },
      { status: "precondition-failed", detail: "the object has been modified" },
    ],
    "that went meanwhile": [{ status: 404, json: aStatus("not found") }, { status: "gone" }],
  };
  test.each(Object.entries(REFUSALS))("%s is left alone", async (_, [answer, want]) => {
    const { clusterWriter } = await aNode(null, answer);
    expect(await clusterWriter.cordon("n", "5", TAINT, "NodeEmpty")).toEqual(want);
  });
});

describe("an eviction", () => {
  const pod = { namespace: "shop", name: "web", uid: "uid-1", gracePeriodSeconds: 30 };

  test("names the pod by its uid, and the grace that it is given", async () => {
    const { clusterWriter, asked } = await aKubernetesApi(() => ({ status: 201 }));
    expect(await clusterWriter.evict(pod)).toEqual({ status: "done" });
    expect(asked).toMatchObject([
      {
        method: "POST",
        path: "/api/v1/namespaces/shop/pods/web/eviction",
        body: {
          apiVersion: "policy/v1",
          kind: "Eviction",
          metadata: { namespace: "shop", name: "web" },
          deleteOptions: { preconditions: { uid: "uid-1" }, gracePeriodSeconds: 30 },
        },
      },
    ]);
  });

  test("without a grace leaves the pod its own", async () => {
    const { clusterWriter, asked } = await aKubernetesApi(() => ({ status: 201 }));
    await clusterWriter.evict({ ...pod, gracePeriodSeconds: null });
    expect(asked[0]?.body).not.toHaveProperty("deleteOptions.gracePeriodSeconds");
  });

  const TWO_BUDGETS =
    "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
  const FINAL: Record<string, [Answer, object]> = {
    "done though it was asked for before": [{ status: 200 }, { status: "done" }],
    "void for a pod that is gone": [{ status: 404, json: aStatus("not found") }, { status: "gone" }],
    "refused for a pod of another uid": [
      { status: 409, json: aStatus("the UID in the precondition does not match") },
      { status: "precondition-failed", detail: "the UID in the precondition does not match" },
    ],
    "held back by a budget": [
      {
        status: 429,
        json: aStatus("Cannot evict pod", ["DisruptionBudget"]),
        headers: { "retry-after": "10" },
      },
      { status: "disruption-budget", detail: "Cannot evict pod" },
    ],
    "held back by two budgets, which it says": [
      { status: 500, json: aStatus(TWO_BUDGETS) },
      { status: "disruption-budget", detail: TWO_BUDGETS },
    ],
  };
  test.each(Object.entries(FINAL))("is %s, at once", async (_, [answer, want]) => {
    const { clusterWriter, asked } = await aKubernetesApi(() => answer);
    expect(await clusterWriter.evict(pod)).toEqual(want);
    expect(asked).toHaveLength(1);
  });

  test("that is throttled is asked for again, and then told from a budget", async () => {
    const throttled = { status: 429, json: aStatus("too many requests, please try again later") };
    const until = Date.now() + 4_000;
    const { clusterWriter, asked } = await aKubernetesApi(() => throttled, { deadline: () => until });
    expect(await clusterWriter.evict(pod)).toEqual({
      status: "throttled",
      detail: "too many requests, please try again later",
    });
    expect(asked.length).toBeGreaterThan(1);
  });

  test("that fails otherwise is an error", async () => {
    const { clusterWriter } = await aKubernetesApi(() => ({ status: 422, json: aStatus("is invalid") }));
    await expect(clusterWriter.evict(pod)).rejects.toThrow(
      "create pods/eviction: the API server answered 422",
    );
  });
});
