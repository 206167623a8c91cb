import type { EksCluster } from "./eks-cluster.ts";
import { CLUSTER_TAG, physicalName } from "./names.ts";
import { trustOnly } from "./policy.ts";

export interface NodeRole {
  readonly role: aws.iam.Role;
  readonly profile: aws.iam.InstanceProfile;
}

/** What EKS asks of every node: to join, to pull images from ECR, and to give pods addresses. */
const POLICIES = ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonEKS_CNI_Policy"];

/** The role of a cluster's GPU nodes, and their way into the cluster. */
export function createNodeRole(cluster: EksCluster): NodeRole {
  const tags = { [CLUSTER_TAG]: cluster.name };
  const name = `${cluster.name}-node`;
  const role = new aws.iam.Role(name, {
    name: physicalName(64, cluster.name, "node"),
    assumeRolePolicy: trustOnly("ec2.amazonaws.com"),
    managedPolicyArns: POLICIES.map((policy) => `arn:${cluster.partition}:iam::aws:policy/${policy}`),
    tags,
  });
  const profile = new aws.iam.InstanceProfile(`${name}-profile`, { name: role.name, role: role.name, tags });
  new aws.eks.AccessEntry(`${name}-access`, {
    clusterName: cluster.name,
    principalArn: role.arn,
    type: "EC2_LINUX",
    tags,
  });
  return { role, profile };
}
