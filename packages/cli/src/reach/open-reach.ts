import { setTimeout } from "node:timers/promises";
import {
  type AwsAccess,
  type ClusterEnvironment,
  createClusterPorts,
  createDynamoStateStore,
  createWorldPorts,
  type DynamoTable,
  type Kubernetes,
  openDynamoTable,
  readDecisions,
  setPaused,
} from "@gpu-autoscaler/adapters";
import { inspectAws, inspectKubernetes, readTableSettings } from "@gpu-autoscaler/adapters/inspection";
import { kubeconfigFiles, openKubeconfig } from "@gpu-autoscaler/adapters/kubeconfig";
import { AutoscalerError, type Clock, type Policy } from "@gpu-autoscaler/core";
import { type ConfiguredCluster, configuredCluster } from "../cluster-policy.ts";
import { readOutputs } from "./deployment-outputs.ts";
import type { ClusterOptions, Reach, ReachedCluster, ReachedTable, TableChoice } from "./reach.ts";

export interface ReachOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The user's home folder. */
  readonly home: string;
}

/** Time in which the first calls must have been made. */
const FIRST_MS = 60_000;

/** Reaches AWS by the SDK's default credentials, and clusters by kubeconfig. */
export function openReach({ environment, home }: ReachOptions): Reach {
  const clock: Clock = { now: () => Date.now() };

  const tableName = ({ table: given, config }: TableChoice) =>
    given ?? (environment.TABLE_NAME || readOutputs(config).table);

  const table = (name: string, region: string) =>
    tableOf(name, openDynamoTable({ region, clock }, name), clock);

  async function cluster(options: ClusterOptions): Promise<ReachedCluster> {
    const configured = await configuredCluster(options.config, options.cluster);
    const { policy } = configured;
    const { metricsUrls } = readOutputs(options.config);
    const givenUrl = options.metricsUrl ?? (environment.METRICS_URL || metricsUrls[policy.cluster]);
    const metricsUrl = metricsUrlOf(givenUrl, configured);
    const { access, context, endpoint, told } = await openKubeconfig({
      files: kubeconfigFiles(options.kubeconfig, environment, home),
      ...(options.context !== undefined && { context: options.context }),
      clock,
      environment,
    });
    const { region } = policy;
    const named = tableName(options);
    const dynamo = named === null ? null : openDynamoTable({ region, clock }, named);
    let end = clock.now() + FIRST_MS;
    const deadline = () => end;
    const planned = { clock, deadline, metricsUrl, clusterAccess: access };
    const { kubernetes, eyes } = eyesOf(policy, planned, dynamo);
    const inspected = inspectKubernetes({ access, clock, deadline });
    const aws: AwsAccess = { region, clock, deadline };
    return {
      policy,
      way: { context, endpoint, eksCluster: told.name, eksRegion: told.region },
      eyes,
      table: named === null || dynamo === null ? null : tableOf(named, dynamo, clock),
      aws: inspectAws(aws),
      kubernetes: inspected,
      metricsUrl,
      allow(ms) {
        end = clock.now() + ms;
      },
      async close() {
        await Promise.all([kubernetes.close(), inspected.close()]);
      },
    };
  }

  return { clock, rest: (ms) => setTimeout(ms, true), cluster, tableName, table };
}

function tableOf(name: string, opened: DynamoTable, clock: Clock): ReachedTable {
  const stateStore = createDynamoStateStore(opened);
  return {
    name,
    stateStore,
    setPaused: (cluster, pool, isPaused) => setPaused(stateStore, cluster, pool, isPaused),
    settings: () => readTableSettings(opened),
    decisions: (cluster, since) => readDecisions(opened, cluster, since, clock.now()),
  };
}

/** The ports that look, and none that changes anything. With a table, what events told of interruptions is seen, too. */
function eyesOf(
  policy: Policy,
  environment: ClusterEnvironment,
  table: DynamoTable | null,
): { readonly eyes: ReachedCluster["eyes"]; readonly kubernetes: Kubernetes } {
  const { kubernetes, ports } =
    table === null
      ? worldOf(policy, environment)
      : createClusterPorts(policy, environment, { table, onLogProblem: () => {} });
  const { clock, clusterReader, capacityReader, gpuMetrics, priceList, interruptionFeed } = ports;
  return {
    kubernetes,
    eyes: { clock, clusterReader, capacityReader, gpuMetrics, priceList, interruptionFeed },
  };
}

function worldOf(policy: Policy, environment: ClusterEnvironment) {
  const { kubernetes, ...ports } = createWorldPorts(policy, environment);
  return { kubernetes, ports };
}

/** As given, or that of the configuration's own workspace. Throws `invalid-metrics-url`. */
function metricsUrlOf(given: string | undefined, { config, policy }: ConfiguredCluster): string | null {
  if (given === undefined) {
    const { workspaceId } = config.metrics;
    return workspaceId === undefined
      ? null
      : `https://aps-workspaces.${policy.region}.amazonaws.com/workspaces/${workspaceId}`;
  }
  if (URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)) return given;
  throw new AutoscalerError(
    "invalid-metrics-url",
    `"${given}" is no address of a workspace: give its prometheusEndpoint, such as https://aps-workspaces.${policy.region}.amazonaws.com/workspaces/ws-0123`,
  );
}
