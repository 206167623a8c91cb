import { ROOT_VOLUME_BYTES } from "@gpu-autoscaler/core";
import type { OwnPool, PoolConfig } from "./configuration.ts";
import type { EksCluster } from "./eks-cluster.ts";
import { CLUSTER_TAG, POOL_TAG, physicalName } from "./names.ts";
import { userData } from "./user-data.ts";

type Group = OwnPool["groups"][number];

const ROOT_VOLUME_GIB = ROOT_VOLUME_BYTES / 1024 ** 3;

export interface NodeParts {
  readonly cluster: EksCluster;
  readonly pool: PoolConfig;
  readonly imageId: string;
  readonly profile: aws.iam.InstanceProfile;
  readonly securityGroups: readonly string[];
}

/** What the instances of a group are, but for their type and capacity type. */
export function createLaunchTemplate(group: Group, parts: NodeParts): aws.ec2.LaunchTemplate {
  const { cluster, pool, imageId, profile, securityGroups } = parts;
  const tags = nodeTags(cluster, group);
  return new aws.ec2.LaunchTemplate(`${group.name}-template`, {
    name: physicalName(128, group.name),
    description: `Nodes of the pool ${pool.name} of the cluster ${cluster.name}`,
    updateDefaultVersion: true,
    imageId,
    iamInstanceProfile: { arn: profile.arn },
    vpcSecurityGroupIds: [...securityGroups],
    userData: userData(cluster, pool),
    // A hop limit of 1 keeps the node's role from its pods.
    metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
    blockDeviceMappings: volumes(pool),
    ...reservation(group, pool),
    tagSpecifications: ["instance", "network-interface", "volume"].map((resourceType) => ({
      resourceType,
      tags,
    })),
    tags: { [CLUSTER_TAG]: cluster.name, [POOL_TAG]: pool.name },
  });
}

/** EKS's own tag, ours, and a name to be found by. */
function nodeTags(cluster: EksCluster, group: Group): Record<string, string> {
  return {
    Name: group.name,
    [`kubernetes.io/cluster/${cluster.name}`]: "owned",
    [CLUSTER_TAG]: cluster.name,
    [POOL_TAG]: group.pool,
  };
}

/** Pods' files are on the root device of Amazon Linux, and on Bottlerocket's second one. */
function volumes({ image }: PoolConfig) {
  const ebs = { volumeType: "gp3", encrypted: "true", deleteOnTermination: "true" };
  const large = { ...ebs, volumeSize: ROOT_VOLUME_GIB };
  return image === "bottlerocket"
    ? [
        { deviceName: "/dev/xvda", ebs },
        { deviceName: "/dev/xvdb", ebs: large },
      ]
    : [{ deviceName: "/dev/xvda", ebs: large }];
}

/**
 * A reserved group launches into its reservation and nowhere else. The other groups of such a pool
 * keep out of it: what is launched as On-Demand is to be On-Demand.
 */
function reservation(group: Group, pool: PoolConfig) {
  const own = pool.capacityReservations.find(({ id }) => group.name.endsWith(`-reserved-${id}`));
  if (!own) {
    return pool.capacityReservations.length > 0 && group.capacityType === "on-demand"
      ? { capacityReservationSpecification: { capacityReservationPreference: "none" } }
      : {};
  }
  return {
    instanceType: own.instanceType,
    capacityReservationSpecification: {
      capacityReservationTarget: { capacityReservationId: own.id },
    },
    // Only Capacity Blocks end.
    ...(own.endsAt === undefined ? {} : { instanceMarketOptions: { marketType: "capacity-block" } }),
  };
}
