import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { AutoscalerError, type Clock, type EpochMs } from "@gpu-autoscaler/core";
import { allPages, chunksOf } from "../aws/pages.ts";
import type { Ec2 } from "./ec2.ts";

/** When instances were launched, and what could not be told. */
interface LaunchTimes {
  readonly of: (instanceId: string) => EpochMs;
  readonly gaps: readonly string[];
}

/** What one filter of EC2 takes. */
const MOST_FILTER_VALUES = 200;

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
      const read = chunksOf(unknown, MOST_FILTER_VALUES).map((some) => readLaunchTimes(ec2, some));
      for (const times of await Promise.all(read)) for (const [id, at] of times) known.set(id, at);
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

/** By filter and not by id: one id that EC2 does not know would fail the whole call. */
async function readLaunchTimes(ec2: Ec2, ids: readonly string[]): Promise<Map<string, EpochMs>> {
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
  const times = new Map<string, EpochMs>();
  for (const { Instances = [] } of reservations) {
    for (const { InstanceId, LaunchTime } of Instances) {
      if (InstanceId !== undefined && LaunchTime !== undefined) times.set(InstanceId, LaunchTime.getTime());
    }
  }
  return times;
}
