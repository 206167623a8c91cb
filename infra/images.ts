import { instanceType } from "@gpu-autoscaler/core";
import type { PoolConfig } from "./configuration.ts";
import type { EksCluster } from "./eks-cluster.ts";

/** An image, once looked up; AWS's latest for the cluster's version of Kubernetes. */
export type Images = (pool: PoolConfig) => Promise<string>;

/**
 * Images by AWS's public SSM parameters. The stage is pinned to what they say when it is deployed:
 * every deploy takes up newer images for new nodes, and no node changes by itself.
 */
export function createImages(cluster: EksCluster): Images {
  const known = new Map<string, Promise<string>>();
  return (pool) => {
    const name = parameterOf(cluster, pool);
    const image = known.get(name) ?? aws.ssm.getParameter({ name }).then((found) => found.insecureValue);
    known.set(name, image);
    return image;
  };
}

function parameterOf({ version }: EksCluster, { image, instanceTypes = [] }: PoolConfig): string {
  const arm64 = instanceTypes.some((name) => instanceType(name)?.arch === "arm64");
  const architecture = arm64 ? "arm64" : "x86_64";
  return image === "bottlerocket"
    ? `/aws/service/bottlerocket/aws-k8s-${version}-nvidia/${architecture}/latest/image_id`
    : `/aws/service/eks/optimized-ami/${version}/amazon-linux-2023/${architecture}/nvidia/recommended/image_id`;
}
