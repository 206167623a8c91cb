import type { Policy } from "@gpu-autoscaler/core";
import { runPolicy } from "./run-policy.ts";
import type { WorldOptions } from "./world/index.ts";

/**
 * The policy that always keeps the peak fleet: per group, as many nodes as a run that never
 * removes a node ends with. Its minimum and maximum are that number, so the planner starts them at
 * once, replaces those that EC2 takes, and neither adds nor removes any.
 */
export async function peakFleetPolicy(world: WorldOptions, policy: Policy): Promise<Policy> {
  const never = Number.MAX_SAFE_INTEGER;
  const growing = { ...policy, pools: policy.pools.map((pool) => ({ ...pool, keepTimeMs: never })) };
  const { bills, endedAt } = await runPolicy({ world: { ...world, weather: "none" }, policy: growing });
  const peak = new Map<string, number>();
  for (const bill of bills) {
    if (bill.endedAt === endedAt) peak.set(bill.group, (peak.get(bill.group) ?? 0) + 1);
  }
  return {
    ...policy,
    pools: policy.pools.map((pool) => ({
      ...pool,
      keepTimeMs: never,
      groups: pool.groups.map((group) => {
        const nodes = peak.get(group.name) ?? 0;
        return { ...group, minNodes: nodes, maxNodes: nodes };
      }),
    })),
  };
}
