import type {
  Clock,
  ClusterReader,
  ClusterWriter,
  DecisionLog,
  EpochMs,
  NodeReader,
} from "@gpu-autoscaler/core";
import { createApiClient } from "./api/api-client.ts";
import type { CallFigures } from "./api/api-request.ts";
import type { ClusterAccess } from "./api/cluster-access.ts";
import { createEventLog } from "./events/event-log.ts";
import { createClusterReader } from "./observe/cluster-reader.ts";
import { readNode } from "./observe/read-node.ts";
import { createClusterWriter } from "./write/cluster-writer.ts";

export interface KubernetesOptions {
  readonly access: ClusterAccess;
  readonly clock: Clock;
  /** When the tick must have ended: no try begins or lasts beyond it. Absent: each call has a budget of its own. */
  readonly deadline?: () => EpochMs;
  /** Hears of every exchange with the API server. */
  readonly onCall?: (figures: CallFigures) => void;
  /** Kinds whose list is no longer than so many bytes are listed anew each time; absent: 64 KiB. */
  readonly listAnewBytes?: number;
  /** For the jitter of retries, from 0 to 1. */
  readonly random?: () => number;
}

/** The ports that the Kubernetes API serves. */
export interface Kubernetes {
  /** Keeps what it read: one for as long as the process lives. */
  readonly clusterReader: ClusterReader;
  readonly clusterWriter: ClusterWriter;
  readonly nodeReader: NodeReader;
  /** Decisions as Kubernetes Events, about objects that the reader read. */
  readonly eventLog: DecisionLog;
  /** Closes the connections. */
  close(): Promise<void>;
}

/** A cluster by its API server. Nothing is sent before a port is called. */
export function createKubernetes(options: KubernetesOptions): Kubernetes {
  const { access, clock, deadline, listAnewBytes, onCall = () => {}, random = Math.random } = options;
  const remainingMs = () => (deadline?.() ?? Number.POSITIVE_INFINITY) - clock.now();
  const api = createApiClient({ access, remainingMs, random, onCall });
  const clusterReader = createClusterReader(api, clock, listAnewBytes);
  return {
    clusterReader,
    clusterWriter: createClusterWriter(api),
    nodeReader: { readNode: (name) => readNode(api, name) },
    eventLog: createEventLog(api, clusterReader.uidOf),
    close: api.close,
  };
}
