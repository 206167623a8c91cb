import { type AutoScalingGroup, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { allPages, chunksOf } from "../aws/pages.ts";
import type { AutoScaling } from "./auto-scaling.ts";

/** What one call takes, when MaxRecords asks for it. */
const MOST_PER_CALL = 100;

/** The groups of these names that exist, with their instances. */
export async function describeGroups(
  { client, call }: AutoScaling,
  names: readonly string[],
): Promise<AutoScalingGroup[]> {
  const read = chunksOf(names, MOST_PER_CALL).map((some) =>
    allPages(async (NextToken) => {
      const { AutoScalingGroups: items, NextToken: next } = await call(
        "DescribeAutoScalingGroups",
        (options) =>
          client.send(
            new DescribeAutoScalingGroupsCommand({
              AutoScalingGroupNames: some,
              MaxRecords: MOST_PER_CALL,
              NextToken,
            }),
            options,
          ),
      );
      return { items, next };
    }),
  );
  return (await Promise.all(read)).flat();
}
