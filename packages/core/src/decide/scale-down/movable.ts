import { MOVABLE_ANNOTATION } from "../../model/keys.ts";
import type { Pod } from "../../model/pod.ts";
import { type Reason, reason } from "../../model/reason.ts";
import { asksForGpu } from "../../model/resources.ts";
import { gangOf, isMovableKind, NEVER_MOVED } from "../../model/workload.ts";

/** How many pods of a ReplicaSet are ready, less those that this plan evicts. */
export interface Replicas {
  ready(owner: string): number;
  evict(pod: Pod): void;
}

/** `pods`: GPU pods on nodes, since of others nobody asks how many there are. */
export function createReplicas(pods: readonly Pod[]): Replicas {
  // Counted when somebody asks: most ticks move nothing.
  let counted: Map<string, number> | null = null;
  const ready = (): Map<string, number> => {
    counted ??= readyByOwner(pods);
    return counted;
  };
  return {
    ready: (owner) => ready().get(owner) ?? 0,
    evict({ owner, ready: isReady }) {
      if (owner && isReady) ready().set(owner.uid, (ready().get(owner.uid) ?? 0) - 1);
    },
  };
}

function readyByOwner(pods: readonly Pod[]): Map<string, number> {
  const ready = new Map<string, number>();
  for (const { owner, ready: isReady, deletedAt } of pods) {
    if (owner?.kind !== "ReplicaSet" || !isReady || deletedAt !== null) continue;
    ready.set(owner.uid, (ready.get(owner.uid) ?? 0) + 1);
  }
  return ready;
}

/**
 * What keeps a GPU pod where it is: only pods of Deployments with two or more ready replicas, or
 * annotated movable, are moved; pods of Jobs, GPUWorkloads, gangs and StatefulSets and bare ones
 * never are.
 */
function whyNotMovable(pod: Pod, replicas: Replicas): Reason | null {
  const { owner } = pod;
  const name = `${pod.namespace}/${pod.name}`;
  if (owner === null) return reason("NotReplicated", name);
  if (gangOf(pod)) return reason("NotMovable", `${name} is of a gang`);
  if (!isMovableKind(pod)) return reason("NotMovable", `${name} is of a ${owner.kind}`);
  if (pod.annotations[MOVABLE_ANNOTATION] === "true") return null;
  const ready = replicas.ready(owner.uid);
  const isReplicated = owner.kind === "ReplicaSet" && ready >= LEAST_REPLICAS;
  return isReplicated ? null : reason("NotMovable", `${name} has ${ready} ready replicas`);
}

/**
 * What keeps any pod on a node that goes with GPU pods on it: the above for GPU pods. Others need no
 * second replica, but pods that lose their work or identity stay, whatever they ask for.
 */
export function whyNotMoved(pod: Pod, replicas: Replicas): Reason | null {
  if (asksForGpu(pod.requests)) return whyNotMovable(pod, replicas);
  const { owner, namespace, name } = pod;
  return owner !== null && NEVER_MOVED.has(owner.kind)
    ? reason("NotMovable", `${namespace}/${name} is of a ${owner.kind}`)
    : null;
}

const LEAST_REPLICAS = 2;
