import { type Group, type Policy, parseConfig, policyOf } from "@gpu-autoscaler/core";

export const POOL = "l4";
const REGION = "us-east-1";

export interface ClusterToMake {
  /** One type, so that there is one group. */
  readonly instanceType?: string;
  /** Above which share of what it costs elsewhere a node's pods are taken away from it. */
  readonly closeAbove?: number;
}

/** A cluster of one pool and one On-Demand group in two zones. Everything else is as the product ships. */
export function policyNamed(
  name: string,
  { instanceType = "g6.xlarge", closeAbove }: ClusterToMake = {},
): Policy {
  const zones = ["us-east-1a", "us-east-1b"];
  const pool = { name: POOL, instanceTypes: [instanceType], capacityTypes: ["on-demand"], maxNodes: 5 };
  const scaleDown = closeAbove === undefined ? {} : { closeAbove };
  const cluster = { name, region: REGION, zones, pools: [pool], scaleDown };
  return policyOf(parseConfig({ clusters: [cluster] }), name);
}

export function onlyGroupOf({ pools }: Policy): Group {
  const [group, ...others] = pools.flatMap(({ groups }) => groups);
  if (!group || others.length > 0) throw new Error("the cluster has not one group");
  return group;
}
