import type { ApiClient } from "../e2e/control-plane/api-client.ts";
import { benchPolicy, rawCluster } from "./raw-cluster.ts";

/** A pod of the load: whence it may be made anew. */
export interface LoadPod {
  readonly namespace: string;
  readonly name: string;
  readonly spec: unknown;
  readonly labels: unknown;
  readonly ownerReferences: unknown;
  readonly status: unknown;
}

interface RawObject<Spec = unknown> {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly ownerReferences?: unknown;
  };
  readonly spec: Spec;
  readonly status: unknown;
}

/** What a load makes of nodes, and of pods that hold GPUs. */
export interface Load {
  readonly nodes: readonly RawObject<{ readonly providerID: string; readonly taints: unknown }>[];
  readonly pods: readonly RawObject<{
    readonly nodeName?: string;
    readonly containers: readonly {
      readonly resources: { readonly requests: Readonly<Record<string, string>> };
    }[];
  }>[];
}

const AT_ONCE = 24;

/** The cluster of the bench of `decide`. */
export function loadOf(nodes: number): Load {
  return JSON.parse(JSON.stringify(rawCluster(benchPolicy(), nodes)));
}

/** Makes it on a real API server; gives its pods. */
export async function fillCluster(client: ApiClient, raw: Load): Promise<LoadPod[]> {
  const namespaces = new Set(raw.pods.map(({ metadata }) => metadata.namespace ?? ""));
  await sideBySide(
    [...namespaces].filter((name) => name.startsWith("team-")),
    (name) => client.create("/api/v1/namespaces", { metadata: { name } }),
  );
  await sideBySide(raw.nodes, async ({ metadata: { name, labels }, spec, status }) => {
    await client.create("/api/v1/nodes", { metadata: { name, labels }, spec, status });
    // Admission adds the taint not-ready to every new node.
    await client.patch(`/api/v1/nodes/${name}`, { spec: { taints: spec.taints } });
  });
  const pods = raw.pods.map(({ metadata, spec, status }): LoadPod => {
    const { name, namespace = "", labels, ownerReferences } = metadata;
    return { name, namespace, labels, ownerReferences, spec, status };
  });
  await sideBySide(pods, (pod) => createPod(client, pod));
  return pods;
}

async function createPod(client: ApiClient, pod: LoadPod): Promise<void> {
  const { name, namespace, labels, ownerReferences, spec, status } = pod;
  const path = `/api/v1/namespaces/${namespace}/pods`;
  await client.create(path, { metadata: { name, labels, ownerReferences }, spec });
  await client.patch(`${path}/${name}/status`, { status });
}

/** So many pods go, and as many come in their place: each is made, and its status is set. */
export async function replacePods(
  client: ApiClient,
  pods: LoadPod[],
  count: number,
  run: number,
): Promise<void> {
  const from = (run * count) % pods.length;
  const chosen = pods.slice(from, from + count);
  await sideBySide(chosen, async (pod) => {
    await client.delete(`/api/v1/namespaces/${pod.namespace}/pods/${pod.name}`, { gracePeriodSeconds: 0 });
    const next = { ...pod, name: `${pod.name}-r${run}` };
    await createPod(client, next);
    pods[pods.indexOf(pod)] = next;
  });
}

/** So many nodes get an annotation. */
export async function updateNodes(client: ApiClient, count: number, run: number): Promise<void> {
  const names = Array.from({ length: count }, (_, i) => nodeName(run * count + i));
  await sideBySide(names, (name) =>
    client.patch(`/api/v1/nodes/${name}`, { metadata: { annotations: { "bench/run": String(run) } } }),
  );
}

/** So many nodes report their status, as a kubelet does. */
export async function heartbeats(client: ApiClient, count: number, run: number): Promise<void> {
  const names = Array.from({ length: count }, (_, i) => nodeName((run * count + i) % 1_000));
  const lastHeartbeatTime = new Date(Date.UTC(2026, 0, 1, 0, run)).toISOString();
  await sideBySide(names, (name) =>
    client.request(
      "PATCH",
      `/api/v1/nodes/${name}/status`,
      { status: { conditions: [{ type: "Ready", lastHeartbeatTime }] } },
      "application/strategic-merge-patch+json",
    ),
  );
}

/** As `rawCluster` names the i-th. */
function nodeName(i: number): string {
  return `ip-10-${i >> 16}-${(i >> 8) & 255}-${i & 255}.ec2.internal`;
}

async function sideBySide<Item>(
  items: readonly Item[],
  act: (item: Item) => Promise<unknown>,
): Promise<void> {
  const rest = items[Symbol.iterator]();
  const work = async () => {
    for (let next = rest.next(); !next.done; next = rest.next()) await act(next.value);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
