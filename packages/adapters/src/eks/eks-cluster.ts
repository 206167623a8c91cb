import { type Cluster, DescribeClusterCommand, EKSClient } from "@aws-sdk/client-eks";
import { AutoscalerError } from "@gpu-autoscaler/core";
import { type AwsAccess, clientConfig } from "../aws/access.ts";
import { createCaller } from "../aws/caller.ts";
import type { ApiServer, ClusterAccess } from "../kubernetes/api/cluster-access.ts";
import { type EksToken, signEksToken } from "./token.ts";

/**
 * The way into an EKS cluster as the role that the program runs as. Endpoint and certificate
 * authority are looked up once in a process, tokens are signed every 14 min. Throws
 * `eks-cluster-unknown`, `eks-cluster-not-ready`, and what `eks:DescribeCluster` throws.
 */
export function createEksCluster(name: string, access: AwsAccess): ClusterAccess {
  const client = new EKSClient(clientConfig(access));
  const call = createCaller(access, "eks");
  let server: Promise<ApiServer> | null = null;
  let token: EksToken | null = null;

  return {
    name,
    lookUp() {
      server ??= describe().catch((error: unknown) => {
        server = null;
        throw error;
      });
      return server;
    },
    async token() {
      if (token === null || access.clock.now() >= token.renewAt) token = await signEksToken(name, access);
      return token.token;
    },
    forget() {
      server = null;
      token = null;
    },
  };

  async function describe(): Promise<ApiServer> {
    try {
      const { cluster } = await call("DescribeCluster", (options) =>
        client.send(new DescribeClusterCommand({ name }), options),
      );
      return apiServerOf(name, cluster);
    } catch (error) {
      if (error instanceof AutoscalerError && error.code === "ResourceNotFoundException")
        throw unknownCluster(name, access.region, error);
      throw error;
    }
  }
}

function apiServerOf(name: string, cluster: Cluster | undefined): ApiServer {
  const authority = cluster?.certificateAuthority?.data;
  if (!cluster?.endpoint || !authority) {
    const status = cluster?.status ?? "unknown";
    throw new AutoscalerError(
      "eks-cluster-not-ready",
      `cluster ${name} has no endpoint: its status is ${status}; wait until it is ACTIVE`,
      { retryable: status === "CREATING" || status === "UPDATING", data: { cluster: name, status } },
    );
  }
  return {
    endpoint: cluster.endpoint,
    certificateAuthority: Buffer.from(authority, "base64").toString(),
  };
}

function unknownCluster(name: string, region: string, cause: unknown): AutoscalerError {
  return new AutoscalerError(
    "eks-cluster-unknown",
    `there is no EKS cluster ${name} in ${region} for this account: correct \`cluster\` in autoscaler.config.ts, or the region and account that the program runs in`,
    { data: { cluster: name, region }, cause },
  );
}
