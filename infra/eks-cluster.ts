import { AutoscalerError } from "@gpu-autoscaler/core";
import type { ClusterConfig } from "./configuration.ts";

/** An EKS cluster as it stands when the stage is deployed. */
export interface EksCluster {
  readonly name: string;
  readonly arn: string;
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  /** "1.34" */
  readonly version: string;
  readonly endpoint: string;
  /** Base64. */
  readonly certificateAuthority: string;
  /** Where Services have their addresses: "10.100.0.0/16". */
  readonly serviceCidr: string;
  readonly vpcId: string;
  /** The one that EKS made for control plane and nodes. */
  readonly securityGroupId: string;
  /** Whether its API server answers to every address, so that functions reach it from outside the VPC. */
  readonly open: boolean;
  /** Subnets for nodes, by zone. */
  readonly subnets: ReadonlyMap<string, readonly string[]>;
}

/**
 * Looks the cluster up.
 *
 * @throws AutoscalerError "cluster-not-ready", "cluster-authentication-mode", "zone-without-subnet"
 */
export async function lookUpCluster(config: ClusterConfig): Promise<EksCluster> {
  const { name } = config;
  const found = await aws.eks.getCluster({ name });
  const [, partition = "aws", , region = config.region, account = ""] = found.arn.split(":");
  const vpc = found.vpcConfig;
  const authority = found.certificateAuthorities[0]?.data;
  const network = found.kubernetesNetworkConfigs[0];
  if (!authority || !network || found.endpoint === "") {
    throw new AutoscalerError(
      "cluster-not-ready",
      `the cluster ${name} is ${found.status} and has no endpoint yet: deploy when it is ACTIVE`,
      { data: { cluster: name, status: found.status } },
    );
  }
  checkAuthentication(name, found.accessConfigs[0]?.authenticationMode);
  return {
    name,
    arn: found.arn,
    partition,
    region,
    account,
    version: found.version,
    endpoint: found.endpoint,
    certificateAuthority: authority,
    serviceCidr: network.ipFamily === "ipv6" ? network.serviceIpv6Cidr : network.serviceIpv4Cidr,
    vpcId: vpc.vpcId,
    securityGroupId: vpc.clusterSecurityGroupId,
    open: vpc.endpointPublicAccess && vpc.publicAccessCidrs.includes("0.0.0.0/0"),
    subnets: await subnetsByZone(config, vpc.subnetIds),
  };
}

/** Access entries, by which the functions come in, need one of two modes. */
function checkAuthentication(name: string, mode: string | undefined): void {
  if (mode === "API" || mode === "API_AND_CONFIG_MAP") return;
  throw new AutoscalerError(
    "cluster-authentication-mode",
    `the cluster ${name} has no access entries, since its authentication mode is ${mode ?? "CONFIG_MAP"}: aws eks update-cluster-config --name ${name} --access-config authenticationMode=API_AND_CONFIG_MAP`,
    { data: { cluster: name, mode } },
  );
}

/** Of the cluster's own subnets a zone's private ones, where it has any: nodes need no public address. */
async function subnetsByZone(config: ClusterConfig, own: readonly string[]): Promise<Map<string, string[]>> {
  const ids = config.network.subnets ?? own;
  const subnets = await Promise.all(ids.map((id) => aws.ec2.getSubnet({ id })));
  const byZone = new Map<string, string[]>();
  for (const zone of config.zones) {
    const all = subnets.filter((subnet) => subnet.availabilityZone === zone);
    const hidden = all.filter((subnet) => !subnet.mapPublicIpOnLaunch);
    const chosen = config.network.subnets || hidden.length === 0 ? all : hidden;
    if (chosen.length === 0) {
      throw new AutoscalerError(
        "zone-without-subnet",
        `none of ${config.network.subnets ? "network.subnets" : "its subnets"} of the cluster ${config.name} is in ${zone}: name one in network.subnets, or take the zone out`,
        { data: { cluster: config.name, zone, subnets: ids } },
      );
    }
    byZone.set(
      zone,
      chosen.map((subnet) => subnet.id),
    );
  }
  return byZone;
}

/** The subnets of these zones, in their order. */
export function subnetsIn(cluster: EksCluster, zones: Iterable<string> = cluster.subnets.keys()): string[] {
  return [...zones].flatMap((zone) => cluster.subnets.get(zone) ?? []);
}
