import { AutoscalerError, type Clock, type EpochMs } from "@gpu-autoscaler/core";
import { describeInstances } from "./describe-instances.ts";
import type { Ec2 } from "./ec2.ts";

/** When instances were launched, and what could not be told. */
interface LaunchTimes {
  readonly of: (instanceId: string) => EpochMs;
  readonly gaps: readonly string[];
}

/**
 * Launch times of instances. They never change, so only those of instances that were not asked for
 * before are read. An instance that EC2 does not tell of, since it is a second old or because it
 * may not be asked, counts from when it was first seen here: later than it was, never earlier.
 */
export function createLaunchTimes(ec2: Ec2, clock: Clock): (ids: readonly string[]) => Promise<LaunchTimes> {
  let known = new Map<string, EpochMs>();
  let firstSeen = new Map<string, EpochMs>();

  return async (ids) => {
    known = onlyOf(known, ids);
    const gaps: string[] = [];
    const unknown = ids.filter((id) => !known.has(id));
    try {
      for (const { InstanceId, LaunchTime } of await describeInstances(ec2, unknown)) {
        if (InstanceId !== undefined && LaunchTime !== undefined) known.set(InstanceId, LaunchTime.getTime());
      }
    } catch (error) {
      if (!(error instanceof AutoscalerError)) throw error;
      gaps.push(`launch times of instances, which count from when they were first seen: ${error.message}`);
    }
    const now = clock.now();
    firstSeen = new Map(
      unknown.filter((id) => !known.has(id)).map((id) => [id, firstSeen.get(id) ?? now] as const),
    );
    return { of: (id) => known.get(id) ?? firstSeen.get(id) ?? now, gaps };
  };
}

/** Of instances that are gone nothing is kept. */
function onlyOf(known: ReadonlyMap<string, EpochMs>, ids: readonly string[]): Map<string, EpochMs> {
  const kept = new Map<string, EpochMs>();
  for (const id of ids) {
    const at = known.get(id);
    if (at !== undefined) kept.set(id, at);
  }
  return kept;
}
