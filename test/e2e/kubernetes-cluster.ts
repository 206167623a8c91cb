import { readFileSync } from "node:fs";
import { request } from "node:https";
import type { CallFigures, ClusterAccess, KubernetesOptions } from "@gpu-autoscaler/adapters";
import type { ControlPlane } from "./control-plane/control-plane.ts";

/** Objects on a real API server, as the tests of the Kubernetes adapter need them. */

const RBAC = new URL("../../deploy/rbac.yaml", import.meta.url);

/** The roles that the documentation says to install, as YAML and word for word. */
export async function applyRoles(plane: ControlPlane): Promise<void> {
  for (const document of readFileSync(RBAC, "utf8").split(/^---$/m)) {
    const kind = document.includes("kind: ClusterRoleBinding") ? "clusterrolebindings" : "clusterroles";
    const status = await postYaml(plane, `/apis/rbac.authorization.k8s.io/v1/${kind}`, document);
    if (status !== 201) throw new Error(`${kind} of deploy/rbac.yaml: the API server answered ${status}`);
  }
}

function postYaml({ url, ca, token }: ControlPlane, path: string, body: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/yaml" };
  return new Promise((resolve, reject) => {
    request(`${url}${path}`, { ca, method: "POST", headers }, (answer) => {
      answer.resume();
      answer.on("end", () => resolve(answer.statusCode ?? 0));
    })
      .on("error", reject)
      .end(body);
  });
}

/** The way in as the bearer of a token. */
export function accessTo({ url, ca }: ControlPlane, token: string): ClusterAccess {
  return {
    name: "test",
    lookUp: async () => ({ endpoint: url, certificateAuthority: ca }),
    token: async () => token,
    forget() {},
  };
}

/** Options of an adapter that watches even the shortest lists, and its calls. */
export function watching(access: ClusterAccess): { options: KubernetesOptions; calls: CallFigures[] } {
  const calls: CallFigures[] = [];
  const clock = { now: () => Date.now() };
  return { options: { access, clock, listAnewBytes: 0, onCall: (call) => calls.push(call) }, calls };
}

/** A group that may read everything but one resource. */
export async function allowAllBut({ client }: ControlPlane, group: string, resource: string): Promise<void> {
  const path = "/apis/rbac.authorization.k8s.io/v1";
  const all = ["nodes", "pods", "namespaces", "daemonsets", "poddisruptionbudgets"];
  await client.create(`${path}/clusterroles`, {
    metadata: { name: group },
    rules: [
      { apiGroups: ["*"], resources: all.filter((each) => each !== resource), verbs: ["list", "watch"] },
    ],
  });
  await client.create(`${path}/clusterrolebindings`, {
    metadata: { name: group },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: group },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: group }],
  });
}

/** Takes away what the subjects of the contracts make. */
export async function clear({ client }: ControlPlane): Promise<void> {
  const now = { gracePeriodSeconds: 0 };
  await client.delete("/api/v1/namespaces/default/pods", now);
  await client.delete("/apis/policy/v1/namespaces/default/poddisruptionbudgets", now);
  await client.delete("/api/v1/nodes", now);
}

/** A ready node with GPUs, and no taints but these. */
export async function createNode(
  { client }: ControlPlane,
  name: string,
  taints: readonly unknown[] = [],
): Promise<void> {
  await client.create("/api/v1/nodes", {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { "kubernetes.io/hostname": name } },
    spec: { providerID: `aws:///us-east-1a/i-${name}` },
    status: {
      allocatable: { cpu: "48", memory: "192Gi", pods: "110", "nvidia.com/gpu": "4" },
      conditions: [{ type: "Ready", status: "True", lastTransitionTime: "2026-01-01T00:00:00Z" }],
    },
  });
  // Admission adds the taint not-ready to every new node.
  await client.patch(`/api/v1/nodes/${name}`, { spec: { taints: taints.length === 0 ? null : taints } });
}

interface PodOptions {
  readonly node?: string;
  readonly app?: string;
  readonly isOwned?: boolean;
  /** The name of a PersistentVolumeClaim that it uses. */
  readonly claim?: string;
}

/** A pod that asks for one GPU: it runs on its node, or is unschedulable. */
export async function createPod(
  { client }: ControlPlane,
  name: string,
  { node, app = name, isOwned = false, claim }: PodOptions = {},
): Promise<void> {
  const owner = {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    name: app,
    uid: `uid-of-${app}`,
    controller: true,
  };
  const path = "/api/v1/namespaces/default/pods";
  const resources = { requests: { cpu: "1" }, limits: { "nvidia.com/gpu": "1" } };
  const volumes = [{ name: "data", persistentVolumeClaim: { claimName: claim } }];
  await client.create(path, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { app }, ...(isOwned && { ownerReferences: [owner] }) },
    spec: {
      containers: [{ name: "main", image: "none", resources }],
      ...(node && { nodeName: node }),
      ...(claim && { volumes }),
    },
  });
  await client.patch(`${path}/${name}/status`, { status: node ? RUNNING : UNSCHEDULABLE });
}

const CHANGED = "2026-01-01T00:00:00Z";
const RUNNING = {
  phase: "Running",
  conditions: [
    { type: "PodScheduled", status: "True", lastTransitionTime: CHANGED },
    { type: "Ready", status: "True", lastTransitionTime: CHANGED },
  ],
};
const UNSCHEDULABLE = {
  phase: "Pending",
  conditions: [
    { type: "PodScheduled", status: "False", reason: "Unschedulable", lastTransitionTime: CHANGED },
  ],
};

/** A budget for pods of the app, whose status is up to date and allows no disruption. */
export async function createBudget({ client }: ControlPlane, name: string, app: string): Promise<void> {
  const path = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
  await client.create(path, {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name },
    spec: { minAvailable: 1, selector: { matchLabels: { app } } },
  });
  await client.patch(`${path}/${name}/status`, {
    status: {
      observedGeneration: 1,
      disruptionsAllowed: 0,
      currentHealthy: 1,
      desiredHealthy: 1,
      expectedPods: 1,
    },
  });
}
