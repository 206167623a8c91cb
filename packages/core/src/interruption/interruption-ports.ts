import type { Interruption } from "../model/measurement.ts";
import type { Node } from "../model/node.ts";
import type { Clock, ClusterReader, ClusterWriter, StateStore } from "../ports/ports.ts";

/** Where what events told is noted until it is over. The same note twice is one. */
export interface InterruptionNotes {
  note(interruption: Interruption): Promise<void>;
}

/** Which instances are of the configuration's groups. */
export interface InstanceFinder {
  /** Those that are; ids of others, or that nobody knows, are left out. */
  findInstances(ids: readonly string[]): Promise<readonly FoundInstance[]>;
}

export interface FoundInstance {
  readonly id: string;
  readonly group: string;
  /** What its node may be called, the likeliest first. */
  readonly nodeNames: readonly string[];
}

/** One node, as it is now; null when there is none by this name. */
export interface NodeReader {
  readNode(name: string): Promise<Node | null>;
}

/** Has the cluster's planner run as soon as it can. */
export interface TickWaker {
  wake(): Promise<void>;
}

/** All that answering an interruption touches. */
export interface InterruptionPorts {
  readonly clock: Clock;
  readonly instanceFinder: InstanceFinder;
  readonly nodeReader: NodeReader;
  readonly clusterReader: Pick<ClusterReader, "podsOnNode">;
  readonly clusterWriter: Pick<ClusterWriter, "cordon" | "evict">;
  readonly interruptionNotes: InterruptionNotes;
  readonly stateStore: Pick<StateStore, "load">;
  readonly tickWaker: TickWaker;
  /** Waits for so many milliseconds. */
  readonly rest: (ms: number) => Promise<void>;
}
