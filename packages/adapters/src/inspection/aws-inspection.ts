import type { AutoscalerError, DurationMs } from "@gpu-autoscaler/core";
import { createAutoScaling } from "../autoscaling/auto-scaling.ts";
import type { AwsAccess } from "../aws/access.ts";
import { createEc2 } from "../ec2/ec2.ts";
import { noteClockSkew } from "./clock-skew.ts";
import { type GroupSettings, readGroupSettings } from "./group-settings.ts";
import { type Rehearsal, rehearseLaunch } from "./launch-rehearsal.ts";
import { readOfferedZones } from "./offered-zones.ts";
import { type ReadAttempt, tryReads } from "./read-attempts.ts";

/** What a check asks of AWS beside the ports. Nothing is changed. Each throws what `awsError` says. */
export interface AwsInspection {
  groups(names: readonly string[]): Promise<readonly GroupSettings[]>;
  tryReads(): Promise<readonly ReadAttempt[]>;
  /** By instance type. */
  offeredZones(instanceTypes: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
  /** null: EC2 would launch so; else why not. */
  rehearseLaunch(rehearsal: Rehearsal): Promise<AutoscalerError | null>;
  /** By how much the clock here is ahead of EC2's; asks EC2 for it. null: its answer has no time. */
  clockAheadMs(): Promise<DurationMs | null>;
}

export function inspectAws(access: AwsAccess): AwsInspection {
  const autoScaling = createAutoScaling(access);
  const ec2 = createEc2(access);
  const aheadMs = noteClockSkew(ec2, access.clock);
  return {
    groups: (names) => readGroupSettings(autoScaling, names),
    tryReads: () => tryReads(autoScaling, ec2),
    offeredZones: (types) => readOfferedZones(ec2, types),
    rehearseLaunch: (rehearsal) => rehearseLaunch(ec2, rehearsal),
    async clockAheadMs() {
      if (aheadMs() === null) await readOfferedZones(ec2, ["g6.xlarge"]);
      return aheadMs();
    },
  };
}
