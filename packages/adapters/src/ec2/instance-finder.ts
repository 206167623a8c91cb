import type { Instance } from "@aws-sdk/client-ec2";
import type { FoundInstance, InstanceFinder, Policy } from "@gpu-autoscaler/core";
import { describeInstances } from "./describe-instances.ts";
import type { Ec2 } from "./ec2.ts";

/** Auto Scaling puts it on each instance that it launches, and nobody else can. */
const GROUP_TAG = "aws:autoscaling:groupName";

/**
 * Finds instances of the policy's groups by the tag that Auto Scaling gave them, and what their nodes
 * are called. EKS names nodes by EC2's private DNS name, or by the instance's id where the node's
 * configuration says so (nodeadm's InstanceIdNodeName, Bottlerocket's hostname-override-source).
 */
export function createInstanceFinder(ec2: Ec2, { pools }: Policy): InstanceFinder {
  const groups = new Set(pools.flatMap((pool) => pool.groups.map(({ name }) => name)));
  return {
    async findInstances(ids) {
      const instances = await describeInstances(ec2, ids);
      return instances.flatMap((instance): FoundInstance[] => {
        const { InstanceId: id, PrivateDnsName: dnsName } = instance;
        const group = groupOf(instance);
        if (id === undefined || group === undefined || !groups.has(group)) return [];
        return [{ id, group, nodeNames: dnsName ? [dnsName, id] : [id] }];
      });
    },
  };
}

function groupOf({ Tags = [] }: Instance): string | undefined {
  return Tags.find(({ Key }) => Key === GROUP_TAG)?.Value;
}
