import {
  AutoscalerError,
  type Clock,
  type ClusterObjects,
  type ClusterReader,
  type DaemonSet,
  type Pod,
} from "@gpu-autoscaler/core";
import type { ApiClient } from "../api/api-client.ts";
import { daemonSetFrom } from "../daemon-set.ts";
import { labelsOf } from "../empty.ts";
import { nodeFrom } from "../node.ts";
import { podReader } from "../pod.ts";
import { podDisruptionBudgetFrom } from "../pod-disruption-budget.ts";
import { readObject } from "../read-object.ts";
import { namespaceSchema } from "../schemas.ts";
import { NO_VOLUMES, type Volumes } from "../volumes.ts";
import { entryReader, type ReadEntry } from "./entries.ts";
import { createKeptList, type KeptList, LIST_ANEW_BYTES } from "./kept-list.ts";
import { createKeptVolumes } from "./kept-volumes.ts";
import { podsOnNode } from "./pods-on-node.ts";
import { BUDGETS, DAEMON_SETS, NAMESPACES, NODES, PODS, type Resource } from "./resources.ts";
import { settleAll } from "./settle-all.ts";
import { brokenBudget, brokenNamespace, brokenNode, brokenPod, type NamespaceLabels } from "./stand-ins.ts";
import { type WithClaims, withClaims } from "./with-claims.ts";

/** A reader that keeps what it read, and can tell the uids in it. */
export interface KeepingReader extends ClusterReader {
  /** null for what was not there when it was read last. */
  uidOf(kind: "Node" | "Pod", namespace: string, name: string): string | null;
}

/**
 * Reads a cluster at a cost that goes with what changed since the last time and not with its size,
 * as long as the process lives. What it gives is as new as the call or newer.
 */
export function createClusterReader(
  api: ApiClient,
  clock: Clock,
  listAnewBytes = LIST_ANEW_BYTES,
): KeepingReader {
  const kept = keptLists(api, listAnewBytes);
  const volumes = createKeptVolumes(api, listAnewBytes);

  async function readCluster(): Promise<ClusterObjects> {
    const at = clock.now();
    const budgetsProblem = kept.budgets.update().then(() => null, messageOf);
    const { nodes, pods, daemonSets, namespaces, budgets } = kept;
    await settleAll([...[nodes, pods, daemonSets, namespaces].map((list) => list.update()), budgetsProblem]);
    const whyNoBudgets = await budgetsProblem;
    const usesClaims = [...pods.items(), ...daemonSets.items()].some(({ claims }) => claims !== null);
    const knownVolumes = usesClaims ? await volumes.update() : NO_VOLUMES;
    const gaps = [
      ...Object.values(kept).flatMap((list) => list.gaps()),
      ...(usesClaims ? volumes.gaps() : []),
    ];
    const gonePods = pods.gone().map(({ item }) => item);
    return {
      at,
      nodes: nodes.items(),
      pods: pods.items().map((pod) => podWith(pod, knownVolumes)),
      ...(gonePods.length > 0 && { gonePods }),
      daemonSets: daemonSets.items().map((daemonSet) => daemonSetWith(daemonSet, knownVolumes)),
      namespaces: Object.fromEntries(namespaces.items().map(({ name, labels }) => [name, labels])),
      budgets: whyNoBudgets === null ? budgets.items() : [],
      ...(whyNoBudgets !== null && { budgetsProblem: whyNoBudgets }),
      ...(gaps.length > 0 && { gaps }),
    };
  }

  return {
    readCluster: oneByOne(readCluster),
    podsOnNode: (node) => podsOnNode(api, node),
    uidOf(kind, namespace, name) {
      const found =
        kind === "Node" ? kept.nodes.get(`/${name}`) : kept.pods.get(`${namespace}/${name}`)?.item;
      return found?.uid ?? null;
    },
  };
}

function keptLists(api: ApiClient, listAnewBytes: number) {
  const keep = <Item>(resource: Resource, read: ReadEntry<Item>): KeptList<Item> =>
    createKeptList(api, resource, read, listAnewBytes);
  const standIn = (raw: unknown) => ({ item: brokenPod(raw), claims: null });
  return {
    nodes: keep(NODES, entryReader(nodeFrom, brokenNode)),
    pods: keep(PODS, entryReader<WithClaims<Pod>>(withClaims(podReader()), standIn)),
    // New nodes are taken to carry all but the broken one.
    daemonSets: keep(
      DAEMON_SETS,
      entryReader(withClaims(daemonSetFrom), () => null),
    ),
    namespaces: keep(NAMESPACES, entryReader(namespaceFrom, brokenNamespace)),
    budgets: keep(BUDGETS, entryReader(podDisruptionBudgetFrom, brokenBudget)),
  };
}

function namespaceFrom(raw: unknown): NamespaceLabels {
  const { metadata } = readObject("Namespace", namespaceSchema, raw);
  return { name: metadata.name, labels: labelsOf(metadata.labels) };
}

function podWith({ item, claims }: WithClaims<Pod>, volumes: Volumes): Pod {
  if (claims === null) return item;
  const { topologies, problem } = volumes.of(item.namespace, item.name, claims);
  return { ...item, volumeTopologies: topologies, volumeProblem: problem };
}

function daemonSetWith({ item, claims }: WithClaims<DaemonSet>, volumes: Volumes): DaemonSet {
  if (claims === null) return item;
  const { topologies } = volumes.of(item.namespace, item.name, claims);
  return { ...item, template: { ...item.template, volumeTopologies: topologies } };
}

/** What a port raises on purpose, in its words. */
function messageOf(error: unknown): string {
  if (error instanceof AutoscalerError) return error.message;
  throw error;
}

/** Calls that come while another runs wait for it: it would answer with what was read before they came. */
function oneByOne<Result>(run: () => Promise<Result>): () => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return () => {
    const next = last.then(run, run);
    last = next;
    return next;
  };
}
