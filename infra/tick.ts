import type { ClusterConfig, OwnPool } from "./configuration.ts";
import type { EksCluster } from "./eks-cluster.ts";
import { createFunction, type DeployedFunction } from "./function.ts";
import type { Workspace } from "./metrics.ts";
import type { FunctionNetwork } from "./network.ts";
import type { NodeRole } from "./node-role.ts";
import { plannerStatements } from "./planner-permissions.ts";
import { onItems } from "./table.ts";

export interface TickParts {
  readonly config: ClusterConfig;
  readonly cluster: EksCluster;
  readonly pools: readonly OwnPool[];
  readonly nodeRole: NodeRole | null;
  readonly table: sst.aws.Dynamo;
  readonly workspace: Workspace;
  readonly network: FunctionNetwork | null;
}

/** Nodes beyond which a tick has enough to decide that a larger processor, which comes with memory, pays. */
const LARGE = 300;

/** The planner of a cluster, each minute and whenever it is woken. */
export function createTick(parts: TickParts): DeployedFunction {
  const { config, cluster, pools, nodeRole, table, workspace, network } = parts;
  const tick = createFunction({
    cluster,
    purpose: "tick",
    memory: mostNodes(config) > LARGE ? "1024 MB" : "512 MB",
    // Shorter than the lease, LEASE_MS of the adapters, by more than clocks differ.
    timeout: "90 seconds",
    environment: { METRICS_URL: workspace.url },
    table,
    network,
    statements: [
      onItems(table, cluster.name, ["cluster", "decisions", "interruptions"], {
        Sid: "KeepState",
        Action: [
          "dynamodb:DeleteItem",
          "dynamodb:GetItem",
          "dynamodb:PutItem",
          "dynamodb:Query",
          "dynamodb:UpdateItem",
        ],
      }),
      { Sid: "ReadMeasurements", Action: ["aps:QueryMetrics"], Resource: workspace.arn },
      ...plannerStatements(config, cluster, pools, nodeRole),
    ],
  });
  // A tick that could not be started is not made up for: the next one is a minute away.
  new sst.aws.CronV2(`${cluster.name}-schedule`, {
    function: tick.component,
    schedule: "rate(1 minute)",
    event: { source: "gpu-autoscaler.schedule", cluster: cluster.name },
    retries: 0,
  });
  return tick;
}

/** What the configuration lets the cluster grow to. */
function mostNodes({ limits, pools }: ClusterConfig): number {
  const inPools = pools.reduce((sum, { maxNodes }) => sum + maxNodes, 0);
  return Math.min(inPools, limits.nodes ?? inPools);
}
