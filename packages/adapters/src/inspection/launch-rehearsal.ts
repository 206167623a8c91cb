import { _InstanceType as InstanceTypes, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { AutoscalerError } from "@gpu-autoscaler/core";
import type { Ec2 } from "../ec2/ec2.ts";
import type { GroupSettings } from "./group-settings.ts";

/** A launch as a group would make it. */
export interface Rehearsal {
  readonly template: NonNullable<GroupSettings["launchTemplate"]>;
  /** One of the group's; null where it has none. */
  readonly subnet: string | null;
  /** In place of the template's own; null for that. */
  readonly instanceType: string | null;
}

/** What EC2 answers to a call with DryRun that would have been carried out. */
const WOULD_BE_DONE = "DryRunOperation";

/**
 * Asks EC2 whether it would launch, and launches nothing (DryRun). null: it would; else why not:
 * `aws-access-denied` is about who asks, other codes are about the template.
 */
export async function rehearseLaunch(
  ec2: Ec2,
  { template, subnet, instanceType }: Rehearsal,
): Promise<AutoscalerError | null> {
  const InstanceType = Object.values(InstanceTypes).find((each) => each === instanceType);
  const command = new RunInstancesCommand({
    DryRun: true,
    LaunchTemplate: { LaunchTemplateId: template.id, Version: template.version },
    ...(subnet !== null && { SubnetId: subnet }),
    ...(InstanceType !== undefined && { InstanceType }),
    MinCount: 1,
    MaxCount: 1,
  });
  try {
    await ec2.call("RunInstances", (options) => ec2.client.send(command, options));
    return null;
  } catch (error) {
    if (!(error instanceof AutoscalerError)) throw error;
    return error.code === WOULD_BE_DONE ? null : error;
  }
}
