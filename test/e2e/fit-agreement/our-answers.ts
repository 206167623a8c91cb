import { clusterObjectsFrom, type RawClusterObjects } from "@gpu-autoscaler/adapters";
import {
  type ClusterObjects,
  ClusterSpace,
  compilePod,
  hasEnded,
  type NodeSpace,
  type Pod,
} from "@gpu-autoscaler/core";
import { createState } from "../../../packages/sandbox/src/world/create-state.ts";
import { bindPod, createPod, removePod } from "../../../packages/sandbox/src/world/pods.ts";
import { runScheduler } from "../../../packages/sandbox/src/world/scheduler.ts";
import { dequeue } from "../../../packages/sandbox/src/world/scheduling-queue.ts";
import type { PodState, WorldState } from "../../../packages/sandbox/src/world/state.ts";

/** What this program makes of a world that the API server served. */
export interface OurAnswer {
  /** The pod as the program reads it. */
  readonly pod: Pod;
  /** The nodes that `fit` finds feasible. */
  readonly feasible: ReadonlySet<string>;
  /** Why not, by the name of each node that is not feasible. */
  readonly misfits: ReadonlyMap<string, string>;
  /** The node that the sandbox's scheduler binds it to, or null. */
  readonly sandboxNode: string | null;
}

/** Of each pod without a node, by name. */
export function ourAnswers(raw: RawClusterObjects): ReadonlyMap<string, OurAnswer> {
  const objects = clusterObjectsFrom(raw);
  const space = new ClusterSpace(objects.namespaces);
  const nodes = new Map(objects.nodes.map((node) => [node.name, space.addNode(node)]));
  for (const pod of objects.pods) {
    const node = nodes.get(nodeOf(pod) ?? "");
    if (node && !hasEnded(pod)) space.place(pod, node);
  }
  const sandbox = sandboxWith(objects);
  return new Map(
    objects.pods
      .filter((pod) => nodeOf(pod) === null)
      .map((pod) => [
        pod.name,
        { pod, ...answerOf(space, [...nodes.values()], pod), sandboxNode: bindingOf(sandbox, pod) },
      ]),
  );
}

/** The node whose room it takes, as the decision has it. */
function nodeOf({ nodeName, nominatedNodeName }: Pod): string | null {
  return nodeName ?? nominatedNodeName;
}

function answerOf(
  space: ClusterSpace,
  nodes: readonly NodeSpace[],
  pod: Pod,
): Pick<OurAnswer, "feasible" | "misfits"> {
  const waits = whyItWaits(pod);
  const compiled = compilePod(pod);
  const feasible = new Set<string>();
  const misfits = new Map<string, string>();
  for (const node of nodes) {
    const reasons = space.misfits(compiled, node).map(({ code, detail }) => `${code}: ${detail}`);
    const fits = space.fits(compiled, node);
    // The two are written apart, the one for speed.
    if (fits !== (reasons.length === 0)) reasons.push(`fits says ${fits}`);
    if (fits && waits === null) feasible.add(node.spec.name);
    else misfits.set(node.spec.name, waits ?? reasons.join("; "));
  }
  return { feasible, misfits };
}

/** What keeps a pod from being demand, whatever the nodes: as the decision has it (`whyNoDemand`). */
function whyItWaits({ schedulingGates, volumeProblem, usesResourceClaims }: Pod): string | null {
  if (schedulingGates.length > 0) return `gated: ${schedulingGates.join(", ")}`;
  return volumeProblem ?? (usesResourceClaims ? "it uses resource claims" : null);
}

/** A sandbox that stands as the cluster does, its scheduler idle. */
function sandboxWith({ nodes, pods, namespaces }: ClusterObjects): WorldState {
  const world = createState({
    cluster: "test",
    pools: [],
    prices: { onDemand: {}, spot: {} },
    nodes,
    namespaces,
  });
  for (const pod of pods) {
    const node = world.nodes.get(nodeOf(pod) ?? "");
    if (!node || hasEnded(pod)) continue;
    const state = podOf(world, pod);
    dequeue(world, state);
    // As the cluster has it: the sandbox makes its pods anew, which none is deleted of.
    state.pod = { ...state.pod, deletedAt: pod.deletedAt };
    world.space.place(state.pod, node.space);
    bindPod(world, state, node);
  }
  return world;
}

/** Tried alone, and taken away again. */
function bindingOf(world: WorldState, pod: Pod): string | null {
  const state = podOf(world, pod);
  runScheduler(world);
  const node = state.node?.node.name ?? null;
  removePod(world, state);
  return node;
}

function podOf(world: WorldState, template: Pod): PodState {
  return createPod(world, {
    template,
    row: null,
    replaced: "no",
    busyMilli: 0,
    remainingMs: Number.POSITIVE_INFINITY,
    gang: null,
    attempts: 0,
    current: null,
  });
}
