import { adoptedGroupsOf, type ClusterConfig, type OwnPool } from "./configuration.ts";
import { type EksCluster, subnetsIn } from "./eks-cluster.ts";
import { CLUSTER_TAG } from "./names.ts";
import type { NodeRole } from "./node-role.ts";
import type { Statement } from "./policy.ts";

/** What the planner may do beyond what both functions may: docs/permissions.md tells each and why. */
export function plannerStatements(
  config: ClusterConfig,
  cluster: EksCluster,
  pools: readonly OwnPool[],
  nodeRole: NodeRole | null,
): Statement[] {
  return [
    ...READING,
    ...(nodeRole ? [changeOwnGroups(cluster), ...launching(config, cluster, pools), passRole(nodeRole)] : []),
    ...changeAdoptedGroups(config, cluster),
  ];
}

/** None of these actions knows resources. */
const READING: readonly Statement[] = [
  {
    Sid: "ReadGroups",
    Action: ["autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeScalingActivities"],
    Resource: "*",
  },
  {
    Sid: "ReadInstances",
    Action: [
      "ec2:DescribeCapacityReservations",
      "ec2:DescribeInstances",
      "ec2:DescribeInstanceStatus",
      "ec2:DescribeInstanceTypes",
      "ec2:DescribeLaunchTemplateVersions",
      "ec2:DescribeSpotInstanceRequests",
      "ec2:DescribeSpotPriceHistory",
    ],
    Resource: "*",
  },
  { Sid: "ReadPrices", Action: ["pricing:GetProducts"], Resource: "*" },
];

const CHANGES = [
  "autoscaling:SetDesiredCapacity",
  "autoscaling:SetInstanceProtection",
  "autoscaling:TerminateInstanceInAutoScalingGroup",
];

/** By tag, so that the policy does not grow with the pools: a role's policies have 10,240 characters. */
function changeOwnGroups(cluster: EksCluster): Statement {
  return {
    Sid: "ChangeOwnGroups",
    Action: ["autoscaling:LaunchInstances", ...CHANGES],
    Resource: groupArn(cluster, `${cluster.name}-*`),
    Condition: { StringEquals: { [`aws:ResourceTag/${CLUSTER_TAG}`]: cluster.name } },
  };
}

/** They are scaled by desired capacity, so that Auto Scaling launches. */
function changeAdoptedGroups(config: ClusterConfig, cluster: EksCluster): Statement[] {
  const adopted = adoptedGroupsOf(config);
  if (adopted.length === 0) return [];
  return [
    { Sid: "ChangeAdoptedGroups", Action: CHANGES, Resource: adopted.map((name) => groupArn(cluster, name)) },
  ];
}

function groupArn({ partition, region, account }: EksCluster, name: string): string {
  return `arn:${partition}:autoscaling:${region}:${account}:autoScalingGroup:*:autoScalingGroupName/${name}`;
}

/**
 * LaunchInstances starts instances as its caller, through a fleet: of this cluster's launch
 * templates only, tagged as its own, in its subnets, with its security groups and reservations. The
 * division into statements is that of AWS's own managed policy for such a caller,
 * BedrockAgentCoreRuntimeInstancesOperatorRolePolicy.
 */
function launching(config: ClusterConfig, cluster: EksCluster, pools: readonly OwnPool[]): Statement[] {
  const { partition, region, account, name } = cluster;
  const own = (...kinds: string[]) =>
    kinds.map((kind) => `arn:${partition}:ec2:${region}:${account}:${kind}`);
  const Action = ["ec2:CreateFleet", "ec2:RunInstances"];
  const reservations = pools.flatMap(({ config: { capacityReservations } }) => capacityReservations);
  const securityGroups = config.network.securityGroups ?? [cluster.securityGroupId];
  const tagged = (of: "ResourceTag" | "RequestTag") => ({
    StringEquals: { [`aws:${of}/${CLUSTER_TAG}`]: name },
  });
  return [
    {
      Sid: "LaunchOfOwnTemplates",
      Action,
      Resource: own("launch-template/*"),
      Condition: tagged("ResourceTag"),
    },
    {
      Sid: "LaunchAsOwn",
      Action,
      Resource: own("instance/*", "network-interface/*", "volume/*"),
      Condition: tagged("RequestTag"),
    },
    {
      Sid: "LaunchWithin",
      Action,
      Resource: own(
        ...subnetsIn(cluster).map((id) => `subnet/${id}`),
        ...securityGroups.map((id) => `security-group/${id}`),
        ...reservations.map(({ id }) => `capacity-reservation/${id}`),
      ),
    },
    {
      Sid: "LaunchAmazonsImages",
      Action,
      Resource: `arn:${partition}:ec2:${region}::image/*`,
      Condition: { StringEquals: { "ec2:Owner": "amazon" } },
    },
    { Sid: "LaunchByFleet", Action, Resource: own("fleet/*", "spot-instances-request/*") },
    {
      Sid: "TagLaunched",
      Action: ["ec2:CreateTags"],
      Resource: own("fleet/*", "instance/*", "network-interface/*", "spot-instances-request/*", "volume/*"),
      Condition: { StringEquals: { "ec2:CreateAction": ["CreateFleet", "RunInstances"] } },
    },
  ];
}

function passRole({ role }: NodeRole): Statement {
  return {
    Sid: "GiveNodesTheirRole",
    Action: ["iam:PassRole"],
    Resource: role.arn,
    Condition: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
  };
}
