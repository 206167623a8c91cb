import { DescribeInstanceTypeOfferingsCommand } from "@aws-sdk/client-ec2";
import { allPages, chunksOf } from "../aws/pages.ts";
import type { Ec2 } from "../ec2/ec2.ts";

const MOST_PER_CALL = 100;

/** The zones of the region in which EC2 offers each of the types. Throws what `awsError` says. */
export async function readOfferedZones(
  ec2: Ec2,
  instanceTypes: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const pages = chunksOf(instanceTypes, MOST_PER_CALL).map((Values) =>
    allPages(async (NextToken) => {
      const { InstanceTypeOfferings: items, NextToken: next } = await ec2.call(
        "DescribeInstanceTypeOfferings",
        (options) =>
          ec2.client.send(
            new DescribeInstanceTypeOfferingsCommand({
              LocationType: "availability-zone",
              Filters: [{ Name: "instance-type", Values: [...Values] }],
              NextToken,
            }),
            options,
          ),
      );
      return { items, next };
    }),
  );
  const zones = new Map<string, string[]>();
  for (const { InstanceType = "", Location = "" } of (await Promise.all(pages)).flat()) {
    zones.set(InstanceType, [...(zones.get(InstanceType) ?? []), Location]);
  }
  return zones;
}
