import { LaunchInstancesCommand, type LaunchInstancesResult } from "@aws-sdk/client-auto-scaling";
import {
  AutoscalerError,
  type LaunchError,
  type LaunchedInstance,
  type LaunchRequest,
  type LaunchResult,
} from "@gpu-autoscaler/core";
import type { CallLimits } from "../aws/access.ts";
import type { AutoScaling } from "./auto-scaling.ts";

/** The call answers when EC2 has: up to a hundred instances take it long. */
const LIMITS: Partial<CallLimits> = { attemptMs: 30_000, budgetMs: 60_000 };

/**
 * What EC2 lacks is told in the answer; should the call itself be refused with one of these, it
 * means the same. Source: EC2's API error codes.
 */
const LACKING: ReadonlySet<string> = new Set([
  "InsufficientFreeAddressesInSubnet",
  "InsufficientHostCapacity",
  "InsufficientInstanceCapacity",
  "InsufficientReservedInstanceCapacity",
  "InstanceLimitExceeded",
  "MaxFleetCountExceeded",
  "MaxSpotInstanceCountExceeded",
  "ReservationCapacityExceeded",
  "SpotMaxPriceTooLow",
  "UnfulfillableCapacity",
  "Unsupported",
  "VcpuLimitExceeded",
]);

/**
 * Launches in one zone, now or not at all: Auto Scaling is not to try again later, nor elsewhere. An
 * attempt that had no answer is made again under the same token, which launches once.
 */
export async function launchInstances(
  { client, call }: AutoScaling,
  { group, zone, count, token }: LaunchRequest,
): Promise<LaunchResult> {
  try {
    const result = await call(
      "LaunchInstances",
      (options) =>
        client.send(
          new LaunchInstancesCommand({
            AutoScalingGroupName: group,
            AvailabilityZones: [zone],
            RequestedCapacity: count,
            ClientToken: token,
            RetryStrategy: "none",
          }),
          options,
        ),
      { limits: LIMITS },
    );
    return { launched: launchedOf(result, zone), errors: errorsOf(result) };
  } catch (error) {
    if (!(error instanceof AutoscalerError) || !LACKING.has(error.code)) throw error;
    return { launched: [], errors: [{ code: error.code, message: error.message, instanceType: null }] };
  }
}

function launchedOf({ Instances = [] }: LaunchInstancesResult, zone: string): LaunchedInstance[] {
  return Instances.flatMap(({ InstanceIds = [], AvailabilityZone = zone, InstanceType = "" }) =>
    InstanceIds.map((id) => ({ id, zone: AvailabilityZone, instanceType: InstanceType })),
  );
}

function errorsOf({ Errors = [] }: LaunchInstancesResult): LaunchError[] {
  return Errors.map(({ ErrorCode = "UnknownError", ErrorMessage = "", InstanceType = null }) => ({
    code: ErrorCode,
    message: ErrorMessage,
    instanceType: InstanceType,
  }));
}
