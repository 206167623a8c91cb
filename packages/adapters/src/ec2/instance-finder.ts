import { DescribeInstancesCommand, type Instance } from "@aws-sdk/client-ec2";
import type { FoundInstance, InstanceFinder, Policy } from "@gpu-autoscaler/core";
import { allPages, chunksOf } from "../aws/pages.ts";
import type { Ec2 } from "./ec2.ts";

/** What one filter of EC2 takes. */
const MOST_FILTER_VALUES = 200;
/** Auto Scaling puts it on each instance that it launches, and nobody else can. */
const GROUP_TAG = "aws:autoscaling:groupName";

/**
 * Finds instances of the policy's groups by the tag that Auto Scaling gave them, and what their nodes
 * are called. EKS names nodes by EC2's private DNS name, or by the instance's id where the node's
 * configuration says so (nodeadm's InstanceIdNodeName, Bottlerocket's hostname-override-source).
 * Asked by filter and not by id: one id that EC2 does not know would fail the whole call.
 */
export function createInstanceFinder(ec2: Ec2, { pools }: Policy): InstanceFinder {
  const groups = new Set(pools.flatMap((pool) => pool.groups.map(({ name }) => name)));
  return {
    async findInstances(ids) {
      const reads = chunksOf(ids, MOST_FILTER_VALUES).map((some) => readInstances(ec2, some));
      const instances = (await Promise.all(reads)).flat();
      return instances.flatMap((instance): FoundInstance[] => {
        const { InstanceId: id, PrivateDnsName: dnsName } = instance;
        const group = groupOf(instance);
        if (id === undefined || group === undefined || !groups.has(group)) return [];
        return [{ id, group, nodeNames: dnsName ? [dnsName, id] : [id] }];
      });
    },
  };
}

async function readInstances(ec2: Ec2, ids: readonly string[]): Promise<Instance[]> {
  const reservations = await allPages(async (NextToken) => {
    const { Reservations: items, NextToken: next } = await ec2.call("DescribeInstances", (options) =>
      ec2.client.send(
        new DescribeInstancesCommand({
          Filters: [{ Name: "instance-id", Values: [...ids] }],
          MaxResults: 1000,
          NextToken,
        }),
        options,
      ),
    );
    return { items, next };
  });
  return reservations.flatMap(({ Instances = [] }) => Instances);
}

function groupOf({ Tags = [] }: Instance): string | undefined {
  return Tags.find(({ Key }) => Key === GROUP_TAG)?.Value;
}
