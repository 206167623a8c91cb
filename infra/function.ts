import { join } from "node:path";
import { bundleFunction, type FunctionName } from "../functions/bundle.ts";
import type { EksCluster } from "./eks-cluster.ts";
import { CLUSTER_TAG, physicalName } from "./names.ts";
import type { FunctionNetwork } from "./network.ts";
import { policyDocument, type Statement, trustOnly } from "./policy.ts";

export interface FunctionParts {
  readonly cluster: EksCluster;
  /** "tick", which names the handler's file, the function and its role. */
  readonly purpose: FunctionName;
  readonly memory: `${number} MB`;
  readonly timeout: `${number} seconds`;
  readonly environment: Readonly<Record<string, $util.Input<string>>>;
  readonly table: sst.aws.Dynamo;
  readonly network: FunctionNetwork | null;
  /** What it may do beside what every function may. */
  readonly statements: readonly Statement[];
}

export interface DeployedFunction {
  readonly component: sst.aws.Function;
  /** Known before the function is there. */
  readonly name: string;
  readonly role: aws.iam.Role;
}

const KEEP_LOGS_DAYS = 30;
/** A demand event that waited longer is late: the schedule has woken the tick since. */
const EVENT_AGE_SECONDS = 60;

/**
 * A function of a cluster with a role, a log group and an access entry of its own. The role is not
 * SST's, so that Lambda alone is trusted and no managed policy grants what the function does not do.
 */
export function createFunction(parts: FunctionParts): DeployedFunction {
  const { cluster, purpose, network } = parts;
  const logicalName = `${cluster.name}-${purpose}`;
  const name = physicalName(64, cluster.name, purpose);
  const tags = { [CLUSTER_TAG]: cluster.name };
  const logs = new aws.cloudwatch.LogGroup(`${logicalName}-logs`, {
    name: `/aws/lambda/${name}`,
    retentionInDays: KEEP_LOGS_DAYS,
    tags,
  });
  const role = new aws.iam.Role(`${logicalName}-role`, {
    name,
    assumeRolePolicy: trustOnly("lambda.amazonaws.com"),
    inlinePolicies: [
      { name: purpose, policy: policyDocument([...common(parts, logs), ...parts.statements]) },
    ],
    tags,
  });
  new aws.eks.AccessEntry(`${logicalName}-access`, {
    clusterName: cluster.name,
    principalArn: role.arn,
    type: "STANDARD",
    // deploy/rbac.yaml binds this group.
    kubernetesGroups: ["gpu-autoscaler"],
    tags,
  });
  const component = new sst.aws.Function(logicalName, {
    name,
    description: `gpu-autoscaler: ${purpose} of the cluster ${cluster.name}`,
    bundle: bundleOf(purpose),
    handler: `${purpose}.handler`,
    runtime: "nodejs24.x",
    architecture: "arm64",
    memory: parts.memory,
    timeout: parts.timeout,
    // What failed is done by the next tick, or received from the queue again.
    retries: 0,
    role: role.arn,
    environment: environmentOf(parts),
    // Powertools writes JSON itself; Lambda's own would wrap it, and hide its metrics.
    logging: { format: "text", logGroup: logs.name },
    tags,
    ...(network
      ? { vpc: { privateSubnets: [...network.subnetIds], securityGroups: [network.securityGroupId] } }
      : {}),
    transform: { eventInvokeConfig: { maximumEventAgeInSeconds: EVENT_AGE_SECONDS } },
  });
  return { component, name, role };
}

/** The folder of a function's code, which is the same for all clusters. */
function bundleOf(purpose: FunctionName): Promise<string> {
  const known = bundles.get(purpose) ?? bundled(purpose);
  bundles.set(purpose, known);
  return known;
}

const bundles = new Map<FunctionName, Promise<string>>();

async function bundled(purpose: FunctionName): Promise<string> {
  const folder = join($cli.paths.work, "functions", purpose);
  await bundleFunction($cli.paths.root, purpose, join(folder, `${purpose}.cjs`));
  return folder;
}

/** By which its metrics and logs are told apart from the other's. */
export function serviceName(purpose: FunctionName): string {
  return `gpu-autoscaler-${purpose}`;
}

/** Of the functions' own metrics. */
export const METRICS_NAMESPACE = "GpuAutoscaler";

/**
 * V8 lets garbage lie for as long as it has room: a tick at 1,000 nodes, of whose memory 40 MiB are
 * live, would grow to 400 MiB. Measured in docs/benchmarks.md.
 */
function heapOptions(memory: FunctionParts["memory"]): string {
  return `--max-semi-space-size=4 --max-old-space-size=${Number.parseInt(memory, 10) / 2}`;
}

function environmentOf({ cluster, purpose, table, environment, memory }: FunctionParts) {
  return {
    NODE_OPTIONS: heapOptions(memory),
    CLUSTER: cluster.name,
    TABLE_NAME: table.name,
    POWERTOOLS_SERVICE_NAME: serviceName(purpose),
    POWERTOOLS_METRICS_NAMESPACE: METRICS_NAMESPACE,
    POWERTOOLS_LOG_LEVEL: "INFO",
    ...environment,
  };
}

function common({ cluster, network }: FunctionParts, logs: aws.cloudwatch.LogGroup): Statement[] {
  return [
    {
      Sid: "WriteLogs",
      Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
      Resource: $interpolate`${logs.arn}:*`,
    },
    { Sid: "ReachCluster", Action: ["eks:DescribeCluster"], Resource: cluster.arn },
    ...(network ? inVpc(cluster, network) : []),
  ];
}

/** Lambda makes the function's network interfaces with the function's role. */
function inVpc(
  { partition, region, account }: EksCluster,
  { subnetIds, securityGroupId }: FunctionNetwork,
): Statement[] {
  const own = (kind: string) => `arn:${partition}:ec2:${region}:${account}:${kind}`;
  return [
    { Sid: "SeeInterfaces", Action: ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"], Resource: "*" },
    {
      Sid: "MakeInterfaces",
      Action: ["ec2:CreateNetworkInterface"],
      Resource: [
        own("network-interface/*"),
        ...subnetIds.map((id) => own(`subnet/${id}`)),
        $interpolate`${own("security-group/")}${securityGroupId}`,
      ],
    },
    {
      Sid: "ChangeInterfaces",
      Action: [
        "ec2:AssignPrivateIpAddresses",
        "ec2:DeleteNetworkInterface",
        "ec2:UnassignPrivateIpAddresses",
      ],
      Resource: own("network-interface/*"),
    },
  ];
}
