import {
  CLOSED_TAINT,
  type ClusterObjects,
  type ClusterReader,
  type ClusterWriter,
  DRAINING_TAINT,
  INTERRUPTED_TAINT,
  type Node,
  type Pod,
  REASON_ANNOTATION,
  type Taint,
  type WriteResult,
} from "@gpu-autoscaler/core";
import { budgetsOf, createBudgets, disruptionsAllowed, needsBudget } from "./budgets.ts";
import { updateNode } from "./nodes.ts";
import type { FaultyCall } from "./options.ts";
import { evictPod } from "./replacement.ts";
import { carryOut, failureOf, takeFault } from "./script.ts";
import type { NodeState, PodState, WorldState } from "./state.ts";

const DONE: WriteResult = { status: "done" };
const GONE: WriteResult = { status: "gone" };

/** Nodes in the order of their registration, pods in that of their creation. */
export function createClusterReader(
  world: WorldState,
  namespaces: ClusterObjects["namespaces"],
): ClusterReader {
  const budgets = createBudgets(world);
  const nodes = remembered(
    () => world.changes.nodes,
    () => Array.from(world.nodes.values(), (state): Node => state.node),
  );
  const pods = remembered(
    () => world.changes.pods,
    () => Array.from(world.pods.values(), (state): Pod => state.pod),
  );
  const daemonSets = world.options.daemonSets ?? [];
  return {
    async readCluster() {
      const { script, events } = world;
      const { now } = events;
      return carryOut(script, "readCluster", now, () => {
        return { at: now, nodes: nodes(), pods: pods(), daemonSets, namespaces, budgets: budgets() };
      });
    },
    async podsOnNode(name) {
      return carryOut(world.script, "podsOnNode", world.events.now, () =>
        Array.from(world.nodes.get(name)?.pods ?? [], (each) => each.pod),
      );
    },
  };
}

export function createClusterWriter(world: WorldState): ClusterWriter {
  return {
    async cordon(node, resourceVersion, taint, why) {
      return patch(world, "cordon", node, resourceVersion, ({ annotations, taints }) => ({
        unschedulable: true,
        annotations: { ...annotations, [REASON_ANNOTATION]: why },
        taints: [...taints.filter((each) => each.key !== taint.key), taint],
      }));
    },
    async uncordon(node, resourceVersion) {
      return patch(world, "uncordon", node, resourceVersion, ({ annotations, taints }) => {
        const { [REASON_ANNOTATION]: _, ...others } = annotations;
        return {
          unschedulable: false,
          annotations: others,
          taints: taints.filter((each) => !isOurs(each)),
        };
      });
    },
    async evict({ namespace, name, uid, gracePeriodSeconds }) {
      return write(world, "evict", () => {
        const state = world.podsByName.get(`${namespace}/${name}`);
        if (!state) return GONE;
        if (state.pod.uid !== uid) return conflict(`the pod's uid is ${state.pod.uid}, not ${uid}`);
        const refusal = refusalOf(world, state);
        if (refusal !== null) return { status: "disruption-budget", detail: refusal };
        evictPod(world, state, gracePeriodSeconds);
        return DONE;
      });
    },
  };
}

/** Why the eviction API answers 429; null when it does not. Throws, as it answers 500, where several budgets speak for the pod. */
function refusalOf(world: WorldState, state: PodState): string | null {
  if (state.pod.deletedAt !== null || !needsBudget(state)) return null;
  const [budget, ...more] = budgetsOf(world, state.pod);
  if (more.length > 0) throw failureOf("evict", "internal-error");
  if (!budget || disruptionsAllowed(world, budget) > 0) return null;
  return `Cannot evict pod as it would violate the pod's disruption budget ${budget.name}`;
}

function patch(
  world: WorldState,
  call: FaultyCall,
  name: string,
  resourceVersion: string,
  fields: (node: Node) => Partial<Node>,
): WriteResult {
  return write(world, call, () => {
    const state: NodeState | undefined = world.nodes.get(name);
    if (!state) return GONE;
    const { node } = state;
    if (node.resourceVersion !== resourceVersion) {
      return conflict(`node ${name} is at resourceVersion ${node.resourceVersion}, not ${resourceVersion}`);
    }
    updateNode(world, state, fields(node));
    return DONE;
  });
}

/** 429 as a result; other failures thrown. */
function write({ script, events }: WorldState, call: FaultyCall, run: () => WriteResult): WriteResult {
  if (takeFault(script, call, events.now, "throttled")) {
    return { status: "throttled", detail: `${call}: 429 Too Many Requests` };
  }
  return carryOut(script, call, events.now, run);
}

function conflict(detail: string): WriteResult {
  return { status: "precondition-failed", detail };
}

function isOurs({ key }: Taint): boolean {
  return key === DRAINING_TAINT || key === INTERRUPTED_TAINT || key === CLOSED_TAINT;
}

/** The same array until its part of the world has changed. */
export function remembered<T>(version: () => number, make: () => readonly T[]): () => readonly T[] {
  let made: { readonly version: number; readonly items: readonly T[] } | null = null;
  return () => {
    if (made?.version !== version()) made = { version: version(), items: make() };
    return made.items;
  };
}
