import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kubebuilderAssets } from "../../environment.ts";
import { KUBERNETES_VERSION } from "./binaries.ts";
import { type ControlPlane, FIRST_START_MS, startControlPlane } from "./control-plane.ts";

describe("a real control plane", () => {
  let plane: ControlPlane | undefined;
  let missing = "";

  beforeAll(async () => {
    const users = [{ token: "nobodys-token", user: "nobody" }];
    const start = await startControlPlane({ controllerManager: true, scheduler: true, users });
    if ("missing" in start) missing = start.missing;
    else plane = start.controlPlane;
  }, FIRST_START_MS);
  afterAll(() => plane?.stop());

  test("is of the version that is pinned", async ({ skip }) => {
    if (!plane) return skip(missing);
    if (kubebuilderAssets !== undefined) return skip("KUBEBUILDER_ASSETS names others");
    expect(await plane.client.get("/version")).toMatchObject({ gitVersion: `v${KUBERNETES_VERSION}` });
  });

  test("lets in whom it knows, and forbids what roles do not allow", async ({ skip }) => {
    if (!plane) return skip(missing);
    const statusFor = async (token: string) =>
      (await plane?.clientFor(token).request("GET", "/api/v1/nodes"))?.status;
    expect(await statusFor(plane.token)).toBe(200);
    expect(await statusFor("nobodys-token")).toBe(403);
    expect(await statusFor("a-token-that-nobody-gave")).toBe(401);
  });

  test("its controllers make a Job's pod, and its scheduler binds it to a node that fits", async ({
    skip,
  }) => {
    if (!plane) return skip(missing);
    const { client } = plane;
    await client.create("/api/v1/nodes", node("too-small", "500m"));
    await client.create("/api/v1/nodes", node("large-enough", "4"));
    await client.create("/apis/batch/v1/namespaces/default/jobs", JOB);
    const nodeNames = () => client.get("/api/v1/namespaces/default/pods").then(nodeNamesOf);
    await expect.poll(nodeNames, { timeout: 20_000 }).toEqual(["large-enough"]);
  });

  test("that does not start is told with the end of its log", async ({ skip }) => {
    if (!plane) return skip(missing);
    const start = startControlPlane({ apiServerFlags: ["--no-such-flag"] });
    await expect(start).rejects.toThrow(/kube-apiserver did not start[\s\S]*unknown flag: --no-such-flag/);
  });
});

/** Without the taint that new nodes are given until they are ready, which a condition takes off. */
function node(name: string, cpu: string): unknown {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name },
    status: {
      allocatable: { cpu, memory: "8Gi", pods: "10" },
      conditions: [{ type: "Ready", status: "True", lastHeartbeatTime: new Date().toISOString() }],
    },
  };
}

const JOB = {
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "train" },
  spec: {
    template: {
      spec: {
        restartPolicy: "Never",
        containers: [{ name: "main", image: "none", resources: { requests: { cpu: "1" } } }],
      },
    },
  },
};

function nodeNamesOf(list: unknown): unknown[] {
  return JSON.parse(JSON.stringify(list)).items.map(
    (pod: { spec: { nodeName?: string } }) => pod.spec.nodeName,
  );
}
