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

/** `there`: how many GPU pods on nodes are ready, by the uid of their ReplicaSet: of others nobody asks. */
export function createReplicas(there: ReadonlyMap<string, number>): Replicas {
  const evicted = new Map<string, number>();
  return {
    ready: (owner) => (there.get(owner) ?? 0) - (evicted.get(owner) ?? 0),
    evict({ owner, ready }) {
      if (owner && ready) evicted.set(owner.uid, (evicted.get(owner.uid) ?? 0) + 1);
    },
  };
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
