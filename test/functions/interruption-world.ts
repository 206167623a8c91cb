import {
  AutoscalerError,
  emptyState,
  type Interruption,
  type InterruptionPorts,
  type Node,
  type Pod,
  type WriteResult,
} from "@gpu-autoscaler/core";

/** A cluster in memory, as far as interruptions touch it. */
export interface InterruptionWorld {
  readonly ports: InterruptionPorts;
  /** What was done, in order. */
  readonly done: readonly string[];
  readonly notes: readonly Interruption[];
  /** Epoch ms; rests let it pass. */
  now: number;
  paused: readonly string[];
  /** What the next calls answer instead of doing it; a function decides on each. */
  evictionAnswers: (pod: string) => WriteResult;
  cordonAnswers: WriteResult[];
  failing: "find" | "note" | "wake" | "cordon" | null;
}

export interface WorldToMake {
  readonly at: number;
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  /** The group of each instance; those that are not here are others'. */
  readonly groups: Readonly<Record<string, string>>;
}

export function anInterruptionWorld({ at, nodes, pods, groups }: WorldToMake): InterruptionWorld {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const done: string[] = [];
  const notes: Interruption[] = [];
  const failIf = (what: InterruptionWorld["failing"]) => {
    if (world.failing === what) throw new AutoscalerError("broken", `${what} is broken`, { retryable: true });
  };
  const ports: InterruptionPorts = {
    clock: { now: () => world.now },
    instanceFinder: {
      async findInstances(ids) {
        failIf("find");
        done.push(`find ${ids.join(" ")}`);
        return ids.flatMap((id) => {
          const group = groups[id];
          return group === undefined ? [] : [{ id, group, nodeNames: [`ip-of-${id}`, `node-of-${id}`] }];
        });
      },
    },
    nodeReader: { readNode: async (name) => byName.get(name) ?? null },
    clusterReader: { podsOnNode: async (node) => pods.filter(({ nodeName }) => nodeName === node) },
    clusterWriter: {
      async cordon(name, resourceVersion, taint) {
        failIf("cordon");
        const planned = world.cordonAnswers.shift();
        if (planned) return planned;
        const node = byName.get(name);
        if (!node) return { status: "gone" };
        if (node.resourceVersion !== resourceVersion)
          return { status: "precondition-failed", detail: "it moved on" };
        const taints = [...node.taints, taint];
        byName.set(name, { ...node, resourceVersion: `${resourceVersion}+`, unschedulable: true, taints });
        done.push(`cordon ${name} ${taint.key}:${taint.effect}`);
        return { status: "done" };
      },
      async evict({ name, gracePeriodSeconds }) {
        const answer = world.evictionAnswers(name);
        done.push(`evict ${name} within ${gracePeriodSeconds} s: ${answer.status}`);
        return answer;
      },
    },
    interruptionNotes: {
      async note(interruption) {
        failIf("note");
        notes.push(interruption);
        done.push(`note ${interruption.kind} ${interruption.instanceId}`);
      },
    },
    stateStore: {
      load: async (cluster) => ({ state: { ...emptyState(cluster), paused: [...world.paused] }, version: 1 }),
    },
    tickWaker: {
      async wake() {
        failIf("wake");
        done.push("wake");
      },
    },
    async rest(ms) {
      world.now += ms;
    },
  };
  const world: InterruptionWorld = {
    ports,
    done,
    notes,
    now: at,
    paused: [],
    evictionAnswers: () => ({ status: "done" }),
    cordonAnswers: [],
    failing: null,
  };
  return world;
}
