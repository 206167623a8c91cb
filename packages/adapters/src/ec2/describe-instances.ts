import { DescribeInstancesCommand, type Instance } from "@aws-sdk/client-ec2";
import { allPages, chunksOf } from "../aws/pages.ts";
import type { Ec2 } from "./ec2.ts";

/** What one filter of EC2 takes. */
const MOST_FILTER_VALUES = 200;

/** Those of the instances that EC2 knows. By filter and not by id: one that it does not know would fail the whole call. */
export async function describeInstances(ec2: Ec2, ids: readonly string[]): Promise<Instance[]> {
  const reads = chunksOf(ids, MOST_FILTER_VALUES).map((some) => describe(ec2, some));
  return (await Promise.all(reads)).flat();
}

async function describe(ec2: Ec2, ids: readonly string[]): Promise<Instance[]> {
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
