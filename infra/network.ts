import type { ClusterConfig } from "./configuration.ts";
import { type EksCluster, subnetsIn } from "./eks-cluster.ts";
import { physicalName } from "./names.ts";

/** Where functions have their addresses. */
export interface FunctionNetwork {
  readonly subnetIds: readonly string[];
  readonly securityGroupId: $util.Output<string>;
}

interface ClusterInVpc {
  readonly config: ClusterConfig;
  readonly eks: EksCluster;
}

const HTTPS = 443;

/** What the functions call. Logs, queue and schedules need no way out: Lambda serves them. */
const SERVICES = ["autoscaling", "ec2", "eks", "aps-workspaces", "lambda"];
/** The price list's regions. Elsewhere the shipped prices stand in, unless there is a NAT gateway. */
const PRICING_REGIONS = ["us-east-1", "eu-central-1", "ap-south-1"];

/**
 * For clusters whose API server does not answer to every address, a network within their VPC: a
 * security group that the cluster lets in, and endpoints of the services that the functions call.
 * Clusters in one VPC share it. By cluster; the others' functions are in no VPC.
 */
export function createNetworks(clusters: readonly ClusterInVpc[]): ReadonlyMap<string, FunctionNetwork> {
  const closed = clusters.filter(({ eks }) => !eks.open);
  const networks = new Map<string, FunctionNetwork>();
  for (const [vpcId, sharing] of Map.groupBy(closed, ({ eks }) => eks.vpcId)) {
    const group = securityGroup(vpcId, "functions", "Functions of the GPU autoscaler");
    const [first] = sharing;
    if (first && sharing.every(({ config }) => config.network.vpcEndpoints)) {
      createEndpoints(vpcId, first.eks, group);
    }
    for (const { eks } of sharing) {
      new aws.vpc.SecurityGroupIngressRule(`${eks.name}-api-server`, {
        securityGroupId: eks.securityGroupId,
        referencedSecurityGroupId: group.id,
        description: "The GPU autoscaler's functions reach the API server",
        ipProtocol: "tcp",
        fromPort: HTTPS,
        toPort: HTTPS,
      });
      networks.set(eks.name, { subnetIds: subnetsIn(eks), securityGroupId: group.id });
    }
  }
  return networks;
}

function securityGroup(vpcId: string, purpose: string, description: string): aws.ec2.SecurityGroup {
  const name = `${vpcId}-${purpose}`;
  const group = new aws.ec2.SecurityGroup(name, {
    name: physicalName(255, vpcId, purpose),
    vpcId,
    description,
    // Its rules are resources of their own.
    revokeRulesOnDelete: true,
  });
  new aws.vpc.SecurityGroupEgressRule(`${name}-https`, {
    securityGroupId: group.id,
    description: "HTTPS",
    cidrIpv4: "0.0.0.0/0",
    ipProtocol: "tcp",
    fromPort: HTTPS,
    toPort: HTTPS,
  });
  return group;
}

function createEndpoints(vpcId: string, eks: EksCluster, functions: aws.ec2.SecurityGroup): void {
  const group = securityGroup(vpcId, "endpoints", "Endpoints of the GPU autoscaler");
  new aws.vpc.SecurityGroupIngressRule(`${vpcId}-endpoints-https-in`, {
    securityGroupId: group.id,
    referencedSecurityGroupId: functions.id,
    description: "The GPU autoscaler's functions",
    ipProtocol: "tcp",
    fromPort: HTTPS,
    toPort: HTTPS,
  });
  const services = PRICING_REGIONS.includes(eks.region) ? [...SERVICES, "pricing.api"] : SERVICES;
  for (const service of services) {
    new aws.ec2.VpcEndpoint(`${vpcId}-${service}`, {
      vpcId,
      serviceName: `com.amazonaws.${eks.region}.${service}`,
      vpcEndpointType: "Interface",
      subnetIds: [...eks.subnets.values()].flatMap(([subnet]) => subnet ?? []),
      securityGroupIds: [group.id],
      privateDnsEnabled: true,
    });
  }
  // The table's endpoint is one of routes, and costs nothing.
  new aws.ec2.VpcEndpoint(`${vpcId}-dynamodb`, {
    vpcId,
    serviceName: `com.amazonaws.${eks.region}.dynamodb`,
    vpcEndpointType: "Gateway",
    routeTableIds: aws.ec2.getRouteTablesOutput({ vpcId }).ids,
  });
}
