import type { Plan } from "../model/plan.ts";
import { hasEnded, type Pod } from "../model/pod.ts";
import { asksForGpu } from "../model/resources.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { ControllerState } from "../model/state.ts";
import { compareText, fnv1a } from "../model/text.ts";
import type { ArrivedPod, BoundPod } from "./tick-record.ts";

/** What happened to pods since the last decision. */
export interface PodNews {
  readonly arrived: readonly ArrivedPod[];
  readonly bound: readonly BoundPod[];
  /** To remember: those that wait now. */
  readonly waiting: ControllerState["waiting"];
}

/**
 * Compares the pods that wait now with those that waited at the last decision. While pods cannot be
 * read there is no news, and nothing is forgotten. Of pods that were bound and had ended again by
 * now, those are told of that somebody saw.
 */
export function podNews(snapshot: Snapshot, { demand }: Pick<Plan, "demand">): PodNews {
  const before = snapshot.state.waiting;
  if (snapshot.freshness.pods.problem !== null) return { arrived: [], bound: [], waiting: before };
  const waitedBefore = new Set(before);
  const wereFree = freeNodes(snapshot);
  const waitsNow = new Set(demand.flatMap(({ pods }) => pods));
  const waiting = new Set<string>();
  const arrived: ArrivedPod[] = [];
  const bound: BoundPod[] = [];
  for (const pod of snapshot.pods) {
    if (!asksForGpu(pod.requests)) continue;
    const { nodeName: node, createdAt } = pod;
    if (node === null) {
      const name = nameOf(pod);
      if (!waitsNow.has(name)) continue;
      const hash = fnv1a(pod.uid);
      waiting.add(hash);
      if (!waitedBefore.has(hash)) arrived.push({ pod: name, createdAt });
      continue;
    }
    // One that has ended may be listed for long after.
    const cameToFree = wereFree.has(node) && !hasEnded(pod);
    if (cameToFree || waited(pod, waitedBefore)) bound.push({ pod: nameOf(pod), node });
  }
  for (const pod of snapshot.gonePods ?? []) {
    const { nodeName: node } = pod;
    if (node === null || !asksForGpu(pod.requests)) continue;
    if (wereFree.has(node) || waited(pod, waitedBefore)) bound.push({ pod: nameOf(pod), node });
  }
  const byName = (a: { readonly pod: string }, b: { readonly pod: string }) => compareText(a.pod, b.pod);
  return { arrived: arrived.sort(byName), bound: bound.sort(byName), waiting: [...waiting].sort() };
}

function nameOf({ namespace, name }: Pod): string {
  return `${namespace}/${name}`;
}

function waited({ uid }: Pod, before: ReadonlySet<string>): boolean {
  return before.size > 0 && before.has(fnv1a(uid));
}

/** Nodes that had no GPU pod at the last decision. */
function freeNodes({ nodes, state }: Snapshot): ReadonlySet<string> {
  const headroom = new Set(Object.values(state.headroom).map(({ instance }) => instance));
  const wasFree = (instance: string | null) =>
    instance !== null && (instance in state.emptySince || headroom.has(instance));
  return new Set(nodes.filter(({ instanceId }) => wasFree(instanceId)).map(({ name }) => name));
}
