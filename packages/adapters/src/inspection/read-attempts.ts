import {
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  DescribeCapacityReservationsCommand,
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeSpotInstanceRequestsCommand,
  DescribeSpotPriceHistoryCommand,
} from "@aws-sdk/client-ec2";
import { AutoscalerError } from "@gpu-autoscaler/core";
import type { AutoScaling } from "../autoscaling/auto-scaling.ts";
import type { Ec2 } from "../ec2/ec2.ts";

/** A read call that was tried. */
export interface ReadAttempt {
  /** The IAM action: "ec2:DescribeInstances". */
  readonly action: string;
  /** null: it was allowed. */
  readonly error: AutoscalerError | null;
}

/** Small pages: nothing is wanted but whether the call is allowed. */
const FEW = 5;
const ONE_TYPE = [{ Name: "instance-type", Values: ["g6.xlarge"] }];

/** Tries once each read call of Auto Scaling and EC2 that a tick may make. Errors that no port raises on purpose are thrown. */
export function tryReads(autoScaling: AutoScaling, ec2: Ec2): Promise<readonly ReadAttempt[]> {
  const scaling = autoScaling.client;
  const { client } = ec2;
  const ofEc2 = (operation: string, send: Parameters<Ec2["call"]>[1]) =>
    attempt(`ec2:${operation}`, () => ec2.call(operation, send));
  const ofScaling = (operation: string, send: Parameters<AutoScaling["call"]>[1]) =>
    attempt(`autoscaling:${operation}`, () => autoScaling.call(operation, send));
  return Promise.all([
    ofScaling("DescribeAutoScalingGroups", (options) =>
      scaling.send(new DescribeAutoScalingGroupsCommand({ MaxRecords: 1 }), options),
    ),
    ofScaling("DescribeScalingActivities", (options) =>
      scaling.send(new DescribeScalingActivitiesCommand({ MaxRecords: 1 }), options),
    ),
    ofEc2("DescribeInstances", (options) =>
      client.send(new DescribeInstancesCommand({ MaxResults: FEW }), options),
    ),
    ofEc2("DescribeInstanceStatus", (options) =>
      client.send(new DescribeInstanceStatusCommand({ MaxResults: FEW }), options),
    ),
    ofEc2("DescribeInstanceTypes", (options) =>
      client.send(new DescribeInstanceTypesCommand({ Filters: ONE_TYPE }), options),
    ),
    ofEc2("DescribeLaunchTemplateVersions", (options) =>
      client.send(
        new DescribeLaunchTemplateVersionsCommand({ Versions: ["$Latest"], MaxResults: FEW }),
        options,
      ),
    ),
    ofEc2("DescribeCapacityReservations", (options) =>
      client.send(new DescribeCapacityReservationsCommand({ MaxResults: FEW }), options),
    ),
    ofEc2("DescribeSpotInstanceRequests", (options) =>
      client.send(new DescribeSpotInstanceRequestsCommand({ MaxResults: FEW }), options),
    ),
    ofEc2("DescribeSpotPriceHistory", (options) =>
      client.send(new DescribeSpotPriceHistoryCommand({ MaxResults: FEW }), options),
    ),
  ]);
}

async function attempt(action: string, read: () => Promise<unknown>): Promise<ReadAttempt> {
  try {
    await read();
    return { action, error: null };
  } catch (error) {
    if (error instanceof AutoscalerError) return { action, error };
    throw error;
  }
}
