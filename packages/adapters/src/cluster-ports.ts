import {
  AutoscalerError,
  type DecisionLog,
  type DurationMs,
  type GpuMetrics,
  type InterruptionNotes,
  MINUTE_MS,
  type Policy,
  type Ports,
} from "@gpu-autoscaler/core";
import { createAmpMetrics } from "./amp/gpu-metrics.ts";
import type { AwsAccess } from "./aws/access.ts";
import { createAwsPorts } from "./aws/aws-ports.ts";
import { joinDecisionLogs, type LogProblem } from "./decision-logs.ts";
import { createDynamoDecisionLog } from "./dynamodb/decision-log.ts";
import { createDynamoInterruptionNotes } from "./dynamodb/interruption-notes.ts";
import { createDynamoLease } from "./dynamodb/lease.ts";
import { createDynamoStateStore } from "./dynamodb/state-store.ts";
import type { DynamoTable } from "./dynamodb/table.ts";
import { createEksCluster } from "./eks/eks-cluster.ts";
import { joinInterruptionFeeds } from "./interruption/join-feeds.ts";
import type { ClusterAccess } from "./kubernetes/api/cluster-access.ts";
import { createKubernetes, type Kubernetes, type KubernetesOptions } from "./kubernetes/kubernetes.ts";

/** The function's time-out, 90 s, is shorter by more than the clocks of two machines may differ. */
export const LEASE_MS: DurationMs = 2 * MINUTE_MS;

/** Where a cluster's planner runs, and what it reaches from there. The region is the policy's. */
export interface ClusterEnvironment
  extends Omit<AwsAccess, "region">,
    Pick<KubernetesOptions, "listAnewBytes"> {
  /** The `prometheusEndpoint` of the AMP workspace; null: there is none, and utilization is unknown. */
  readonly metricsUrl: string | null;
  /** The way into the cluster; absent: the EKS cluster of the policy's name, as the role that the program runs as. */
  readonly clusterAccess?: ClusterAccess;
  /** Hears of every exchange with the API server. */
  readonly onKubernetesCall?: KubernetesOptions["onCall"];
}

/** All that is observed and acted on, and nothing that is remembered. */
export interface WorldPorts extends Omit<Ports, "stateStore" | "lease" | "decisionLog"> {
  readonly kubernetes: Kubernetes;
}

/** What of a cluster is remembered, and who is told. */
export interface ClusterMemory {
  /**
   * Keeps state, lease, decisions and what was noted of interruptions. To be opened without a
   * deadline, so that a tick whose time is over can still write what it did: its calls have limits
   * of their own.
   */
  readonly table: DynamoTable;
  /** Logs that are told of decisions beside the table and Kubernetes Events, by name. */
  readonly told?: Readonly<Record<string, DecisionLog>>;
  /** Hears of each log that could not be told: no tick fails because of it. */
  readonly onLogProblem: (problem: LogProblem) => void;
}

export interface ClusterPorts {
  readonly ports: Ports;
  readonly kubernetes: Kubernetes;
  /** What the ports' interruption feed reads beside EC2's announcements. */
  readonly interruptionNotes: InterruptionNotes;
}

/**
 * The ports on one cluster's world, for who remembers by other means or not at all: `plan` puts a
 * state store, a lease and a decision log of its own beside them. Nothing is sent before a port is
 * called. Make them once a process: warm ones keep connections, and what rarely changes; `deadline`
 * is asked anew at each call. Throws nothing; each port throws what its adapter does.
 *
 *     const { kubernetes, ...world } = createWorldPorts(policy, { clock, deadline, metricsUrl, clusterAccess });
 *     const tick = await runTick({ ...world, stateStore, lease, decisionLog }, policy);
 *     await kubernetes.close();
 */
export function createWorldPorts(policy: Policy, environment: ClusterEnvironment): WorldPorts {
  const { clock, deadline, metricsUrl, listAnewBytes, onKubernetesCall } = environment;
  const access: AwsAccess = { ...environment, region: policy.region };
  const kubernetes = createKubernetes({
    access: environment.clusterAccess ?? createEksCluster(policy.cluster, access),
    clock,
    ...(deadline && { deadline }),
    ...(listAnewBytes !== undefined && { listAnewBytes }),
    ...(onKubernetesCall && { onCall: onKubernetesCall }),
  });
  return {
    clock,
    clusterReader: kubernetes.clusterReader,
    clusterWriter: kubernetes.clusterWriter,
    ...createAwsPorts(access, policy),
    gpuMetrics:
      metricsUrl === null ? noMetrics(policy) : createAmpMetrics(access, metricsUrl, policy.cluster),
    kubernetes,
  };
}

/**
 * All ports of one cluster: its world, and what it remembers.
 *
 *     const table = openDynamoTable({ region: policy.region, clock }, tableName);
 *     const { ports } = createClusterPorts(policy, { clock, deadline, metricsUrl }, { table, onLogProblem });
 *     await runTick(ports, policy);
 */
export function createClusterPorts(
  policy: Policy,
  environment: ClusterEnvironment,
  { table, told = {}, onLogProblem }: ClusterMemory,
): ClusterPorts {
  const { kubernetes, ...world } = createWorldPorts(policy, environment);
  const { clock } = environment;
  const interruptionNotes = createDynamoInterruptionNotes(table, policy.cluster, clock);
  return {
    ports: {
      ...world,
      interruptionFeed: joinInterruptionFeeds(world.interruptionFeed, interruptionNotes),
      stateStore: createDynamoStateStore(table),
      lease: createDynamoLease(table, { clock, holdMs: LEASE_MS }),
      decisionLog: joinDecisionLogs({
        kept: createDynamoDecisionLog(table),
        told: { "Kubernetes Events": kubernetes.eventLog, ...told },
        onProblem: onLogProblem,
      }),
    },
    kubernetes,
    interruptionNotes,
  };
}

/** One that is not there is told as a part that could not be read, with the mend. */
function noMetrics({ cluster }: Policy): GpuMetrics {
  return {
    async readMeasurements() {
      throw new AutoscalerError(
        "metrics-not-configured",
        `no AMP workspace is named for cluster ${cluster}: deploy one, or name the endpoint of yours, so that utilization is measured`,
        { data: { cluster } },
      );
    },
  };
}
