import type { KeptDecision } from "@gpu-autoscaler/adapters";
import type { AwsInspection, KubernetesInspection, TableSettings } from "@gpu-autoscaler/adapters/inspection";
import type { Clock, DurationMs, EpochMs, Eyes, Policy } from "@gpu-autoscaler/core";

/** How a command is told which cluster it is about, as commander reads it. */
export interface ClusterOptions {
  readonly config: string;
  readonly cluster?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly table?: string;
  readonly metricsUrl?: string;
}

export type TableChoice = Pick<ClusterOptions, "config" | "table">;

/** The world outside, by the user's own credentials. */
export interface Reach {
  readonly clock: Clock;
  /** Lets time pass; false when what is going on is to end instead. */
  rest(ms: DurationMs): Promise<boolean>;
  /**
   * A cluster of the configuration. Nothing is sent. Throws when configuration, kubeconfig or an
   * option is refused.
   */
  cluster(options: ClusterOptions): Promise<ReachedCluster>;
  /** Which table is meant: the one that is given, else TABLE_NAME, else that of the last deploy; null for none. */
  tableName(options: TableChoice): string | null;
  table(name: string, region: string): ReachedTable;
}

/** What is seen of a cluster; only `table` can be written. */
export interface ReachedCluster {
  readonly policy: Policy;
  /** By which context, and where it leads. */
  readonly way: Way;
  readonly eyes: Omit<Eyes, "stateStore">;
  readonly table: ReachedTable | null;
  readonly aws: AwsInspection;
  readonly kubernetes: KubernetesInspection;
  /** The `prometheusEndpoint` of its workspace; null where nothing names one. */
  readonly metricsUrl: string | null;
  /** Calls from now on have so long. */
  allow(ms: DurationMs): void;
  close(): Promise<void>;
}

export interface Way {
  /** Of the kubeconfig. */
  readonly context: string;
  readonly endpoint: string;
  /** The EKS cluster that the context tells of; null where it tells of none. */
  readonly eksCluster: string | null;
  readonly eksRegion: string | null;
}

export interface ReachedTable {
  readonly name: string;
  readonly stateStore: Eyes["stateStore"];
  /** Gives what is paused then, "*" for the whole cluster. */
  setPaused(cluster: string, pool: string, isPaused: boolean): Promise<readonly string[]>;
  settings(): Promise<TableSettings>;
  decisions(cluster: string, since: EpochMs): AsyncIterable<KeptDecision>;
}

/** Why the context does not lead to the configuration's cluster; null when it does, or does not tell. */
export function whyWrongCluster({ way, policy }: Pick<ReachedCluster, "way" | "policy">): string | null {
  const { context, eksCluster, eksRegion } = way;
  const isOther =
    (eksCluster !== null && eksCluster !== policy.cluster) ||
    (eksRegion !== null && eksRegion !== policy.region);
  if (!isOther) return null;
  const led = [eksCluster ?? policy.cluster, eksRegion].filter((part) => part !== null).join(" in ");
  const due = `${policy.cluster} in ${policy.region}`;
  return `context "${context}" leads to cluster ${led}, and the configuration's is ${due}: give --context NAME, or write one by \`aws eks update-kubeconfig --name ${policy.cluster} --region ${policy.region}\``;
}
