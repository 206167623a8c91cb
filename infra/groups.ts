import type { ClusterConfig, OwnPool } from "./configuration.ts";
import { type EksCluster, subnetsIn } from "./eks-cluster.ts";
import { createImages } from "./images.ts";
import { createLaunchTemplate } from "./launch-template.ts";
import { CLUSTER_TAG, POOL_TAG } from "./names.ts";
import type { NodeRole } from "./node-role.ts";

type Group = OwnPool["groups"][number];

/**
 * The Auto Scaling groups of a cluster's pools, of the names by which the tick finds them. They are
 * the planner's alone: nothing else starts or ends an instance of theirs.
 */
export async function createGroups(
  config: ClusterConfig,
  cluster: EksCluster,
  pools: readonly OwnPool[],
  { profile }: NodeRole,
): Promise<void> {
  const imageOf = createImages(cluster);
  const securityGroups = config.network.securityGroups ?? [cluster.securityGroupId];
  for (const { config: pool, groups } of pools) {
    const imageId = await imageOf(pool);
    for (const group of groups) {
      const template = createLaunchTemplate(group, { cluster, pool, imageId, profile, securityGroups });
      createGroup(cluster, group, template);
    }
  }
}

function createGroup(cluster: EksCluster, group: Group, template: aws.ec2.LaunchTemplate): void {
  new aws.autoscaling.Group(group.name, {
    name: group.name,
    minSize: 0,
    maxSize: group.maxNodes,
    vpcZoneIdentifiers: subnetsIn(cluster, group.zones),
    ...purchase(group, template),
    // No other hand starts or ends a node.
    suspendedProcesses: ["AZRebalance", "ReplaceUnhealthy"],
    capacityRebalance: false,
    protectFromScaleIn: true,
    healthCheckType: "EC2",
    defaultCooldown: 0,
    // A deploy waits for no instances, and `sst remove` ends those that are there.
    waitForCapacityTimeout: "0",
    forceDelete: true,
    tags: Object.entries({ [CLUSTER_TAG]: cluster.name, [POOL_TAG]: group.pool }).map(([key, value]) => ({
      key,
      value,
      propagateAtLaunch: false,
    })),
  });
}

/** All On-Demand or all Spot, of several types without weights; a reservation is of one type. */
function purchase(group: Group, template: aws.ec2.LaunchTemplate) {
  const version = template.latestVersion.apply(String);
  if (group.capacityType === "reserved") return { launchTemplate: { id: template.id, version } };
  return {
    mixedInstancesPolicy: {
      instancesDistribution: {
        onDemandBaseCapacity: 0,
        onDemandPercentageAboveBaseCapacity: group.capacityType === "spot" ? 0 : 100,
        onDemandAllocationStrategy: "lowest-price",
        spotAllocationStrategy: "price-capacity-optimized",
      },
      launchTemplate: {
        launchTemplateSpecification: { launchTemplateId: template.id, version },
        overrides: group.instanceTypes.map((instanceType) => ({ instanceType })),
      },
    },
  };
}
