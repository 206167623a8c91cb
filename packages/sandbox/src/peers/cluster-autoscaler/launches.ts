import {
  type EpochMs,
  fnv1a,
  type LaunchInstances,
  type Prices,
  type Reason,
  type Snapshot,
} from "@gpu-autoscaler/core";
import type { Backoff } from "./backoff.ts";
import type { AutoScalingGroup, Cloud, NodeGroup } from "./node-groups.ts";
import type { Sizes } from "./sizes.ts";

/** What was asked of Auto Scaling in the last loop that asked. */
export interface Asked {
  readonly nodeGroup: string;
  readonly group: string;
  readonly zone: string;
  readonly count: number;
  readonly at: EpochMs;
}

/** The most instances of one LaunchInstances call. */
const MOST_A_CALL = 100;

/** What so many new nodes of a node group are bought as. */
export interface Purchase {
  readonly group: AutoScalingGroup;
  readonly count: number;
}

/**
 * Divides new nodes among On-Demand and Spot, as a MixedInstancesPolicy divides a group's instances:
 * Spot up to its share of all, in whole nodes rounded down, and On-Demand the rest. On-Demand comes
 * first, so that Spot never is beyond its share on the way.
 */
export function purchase(
  { base, spot }: NodeGroup,
  count: number,
  shareMilli: number,
  sizes: Sizes,
): readonly Purchase[] {
  if (!base || !spot) {
    const only = base ?? spot;
    return only ? [{ group: only, count: Math.min(count, sizes.roomOf(only)) }] : [];
  }
  const spotNodes = sizes.ofGroup(spot.group.name);
  const all = spotNodes + sizes.ofGroup(base.group.name) + count;
  const most = Math.floor((all * shareMilli) / 1_000) - spotNodes;
  const asSpot = Math.max(0, Math.min(count, most, sizes.roomOf(spot)));
  return [
    { group: base, count: Math.min(count - asSpot, sizes.roomOf(base)) },
    { group: spot, count: asSpot },
  ].filter((each) => each.count > 0);
}

/** The calls that launch it. `sequence` tells the loops of a tick apart. */
export function launchEffects(
  { group, count }: Purchase,
  zone: string,
  why: Reason,
  snapshot: Snapshot,
  now: EpochMs,
  sequence: number,
): LaunchInstances[] {
  const { name, capacityType } = group.group;
  const effects: LaunchInstances[] = [];
  for (let left = count; left > 0; left -= MOST_A_CALL) {
    const what = `${snapshot.cluster}/${name}/${zone}/${sequence}/${effects.length}`;
    effects.push({
      kind: "LaunchInstances",
      key: `cluster-autoscaler-${now}-${fnv1a(what)}`,
      pool: group.pool.name,
      group: name,
      zone,
      capacityType,
      count: Math.min(left, MOST_A_CALL),
      gpus: group.template.gpus,
      nanoDollarsPerHour: priceOf(group, zone, snapshot.prices),
      gang: null,
      reason: why,
    });
  }
  return effects;
}

/**
 * For the record alone: Cluster Autoscaler knows no prices on AWS (`Pricing`,
 * cloudprovider/aws/aws_cloud_provider.go).
 */
function priceOf({ group }: AutoScalingGroup, zone: string, { onDemand, spot }: Prices): number {
  const type = group.instanceTypes[0] ?? "";
  if (group.capacityType === "reserved") return 0;
  return (group.capacityType === "spot" ? spot[`${type}/${zone}`] : onDemand[type]) ?? 0;
}

/**
 * Lets node groups rest whose instances did not come: what Cluster Autoscaler sees as placeholders that
 * cannot be fulfilled (cloudprovider/aws/auto_scaling_groups.go). Here it sees them at the next loop;
 * the original refreshes its view of the groups each minute.
 */
export function noteLacking(asked: readonly Asked[], cloud: Cloud, backoff: Backoff, now: EpochMs): void {
  const byPlace = Map.groupBy(asked, ({ group, zone, at }) => `${group}/${zone}/${at}`);
  for (const together of byPlace.values()) {
    const [first] = together;
    const instances = cloud.groups.get(first?.group ?? "")?.status.instances ?? [];
    const came = instances.filter(({ zone, launchedAt }) => zone === first?.zone && launchedAt >= first.at);
    const wanted = together.reduce((sum, { count }) => sum + count, 0);
    if (first && came.length < wanted) backoff.failed(first.nodeGroup, now);
  }
}
