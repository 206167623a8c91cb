import { ACCOUNT, REGION, type World } from "./world.ts";

type Fields = Readonly<Record<string, unknown>>;

/** How the ARNs of some types of resources begin, where it is not by the type's own service. */
const ARNS: Readonly<Record<string, string>> = {
  "aws:iam/role:Role": `arn:aws:iam::${ACCOUNT}:role/`,
  "aws:iam/instanceProfile:InstanceProfile": `arn:aws:iam::${ACCOUNT}:instance-profile/`,
  "aws:lambda/function:Function": `arn:aws:lambda:${REGION}:${ACCOUNT}:function:`,
  "aws:sqs/queue:Queue": `arn:aws:sqs:${REGION}:${ACCOUNT}:`,
  "aws:sns/topic:Topic": `arn:aws:sns:${REGION}:${ACCOUNT}:`,
  "aws:dynamodb/table:Table": `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/`,
  "aws:cloudwatch/eventBus:EventBus": `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/`,
  "aws:cloudwatch/eventRule:EventRule": `arn:aws:events:${REGION}:${ACCOUNT}:rule/`,
  "aws:cloudwatch/logGroup:LogGroup": `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:`,
  "aws:amp/workspace:Workspace": `arn:aws:aps:${REGION}:${ACCOUNT}:workspace/`,
};

export function arnOf(type: string, name: string): string {
  const [service = ""] = type.replace("aws:", "").split("/");
  return `${ARNS[type] ?? `arn:aws:${service}:${REGION}:${ACCOUNT}:`}${name}`;
}

/** What AWS adds to a resource that was made. */
export function computed(type: string, name: string, inputs: Fields): Fields {
  switch (type) {
    case "aws:sqs/queue:Queue":
      return { url: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}` };
    case "aws:ec2/launchTemplate:LaunchTemplate":
      return { latestVersion: 7 };
    case "aws:amp/workspace:Workspace":
      return { prometheusEndpoint: `https://aps-workspaces.${REGION}.amazonaws.com/workspaces/${name}/` };
    case "random:index/randomBytes:RandomBytes":
      return { base64: Buffer.alloc(Number(inputs.length), 7).toString("base64") };
    default:
      return {};
  }
}

/** What a look-up answers. Throws for one that is not known: nothing is made up. */
export function lookUp(token: string, inputs: Fields, world: World): Fields {
  switch (token) {
    case "aws:index/getPartition:getPartition":
      return { partition: "aws" };
    case "aws:index/getRegion:getRegion":
      return { region: REGION };
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return { accountId: ACCOUNT };
    case "aws:iam/getPolicyDocument:getPolicyDocument":
      return { ...inputs, json: policyDocument(inputs) };
    case "aws:eks/getCluster:getCluster":
      return clusterNamed(String(inputs.name), world);
    case "aws:ec2/getSubnet:getSubnet":
      return subnetOf(String(inputs.id), world);
    case "aws:ec2/getRouteTables:getRouteTables":
      return { ids: ["rtb-0a0a0a0a", "rtb-0b0b0b0b"] };
    case "aws:ssm/getParameter:getParameter":
      return { ...inputs, insecureValue: `ami-of-${String(inputs.name)}` };
    default:
      throw new RangeError(`no answer is known for the look-up ${token}`);
  }
}

function clusterNamed(name: string, world: World): Fields {
  const cluster = world.clusters[name];
  if (!cluster) throw new RangeError(`couldn't find the EKS cluster ${name}`);
  return {
    name,
    arn: `arn:aws:eks:${REGION}:${ACCOUNT}:cluster/${name}`,
    version: cluster.version,
    status: cluster.status,
    endpoint: `https://${name}.eks.example`,
    certificateAuthorities: [{ data: Buffer.from(`CA of ${name}`).toString("base64") }],
    accessConfigs: [{ authenticationMode: cluster.authenticationMode }],
    kubernetesNetworkConfigs: [
      { ipFamily: "ipv4", serviceIpv4Cidr: cluster.serviceCidr, serviceIpv6Cidr: "" },
    ],
    vpcConfig: {
      vpcId: cluster.vpcId,
      subnetIds: cluster.subnetIds,
      clusterSecurityGroupId: `sg-of-${name}`,
      securityGroupIds: [],
      endpointPublicAccess: cluster.publicAccess,
      endpointPrivateAccess: true,
      publicAccessCidrs: cluster.publicAccessCidrs,
    },
  };
}

function subnetOf(id: string, world: World): Fields {
  const subnet = world.subnets[id];
  if (!subnet) throw new RangeError(`couldn't find the subnet ${id}`);
  return { id, availabilityZone: subnet.zone, mapPublicIpOnLaunch: subnet.public };
}

/** The provider makes documents itself, without AWS. */
function policyDocument({ statements }: Fields): string {
  const list: readonly Fields[] = Array.isArray(statements) ? statements : [];
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: list.map(({ effect = "Allow", actions, resources, principals, conditions }) => ({
      Effect: effect,
      Action: actions,
      Resource: resources,
      Principal: principals,
      Condition: conditions,
    })),
  });
}
