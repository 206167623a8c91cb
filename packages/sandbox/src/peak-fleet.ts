import { asksForGpu, type Decide, decide, type Policy, type Snapshot } from "@gpu-autoscaler/core";
import { policyForSpot } from "./comparison/index.ts";
import { type PolicyRun, type PolicyRunResult, runPolicy } from "./run-policy.ts";
import type { WorldOptions } from "./world/index.ts";

/** The peak fleet, always on: what people do who have no autoscaler. Of On-Demand nodes alone. */
export async function runPeakFleet(run: PolicyRun): Promise<PolicyRunResult> {
  const policy = await peakFleetPolicy(run.world, takingAnyPod(policyForSpot(run.policy, "none")));
  return runPolicy({ ...run, policy, decide: decideUnless(isWhole), unmeasured: true });
}

/** Nobody closes nodes that are always on, moves their pods or keeps others free. */
function takingAnyPod(policy: Policy): Policy {
  const never = Number.POSITIVE_INFINITY;
  return {
    ...policy,
    scaleDown: { ...policy.scaleDown, closeAboveMilli: never },
    pools: policy.pools.map((pool) => ({ ...pool, underusedAfterMs: never, headroom: false })),
  };
}

/**
 * Per group, as many nodes as a run that never removes a node ends with. Its minimum and maximum
 * are that number, so the planner starts them at once and neither adds nor removes any.
 */
async function peakFleetPolicy(world: WorldOptions, policy: Policy): Promise<Policy> {
  const never = Number.MAX_SAFE_INTEGER;
  const growing = { ...policy, pools: policy.pools.map((pool) => ({ ...pool, keepTimeMs: never })) };
  const { bills, endedAt } = await runPolicy({
    world,
    policy: growing,
    decide: decideUnless(isServed),
    unmeasured: true,
  });
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

/** Ours, but without a look at the fleet while there is nothing to do: large fleets stand still for long. */
function decideUnless(isQuiet: (snapshot: Snapshot, policy: Policy) => boolean): Decide {
  return (snapshot, policy, now) => {
    if (!isQuiet(snapshot, policy)) return decide(snapshot, policy, now);
    const { cluster, state } = snapshot;
    return {
      cluster,
      decidedAt: now,
      effects: [],
      demand: [],
      nodes: [],
      problems: [],
      state,
      reconsiderAt: Number.POSITIVE_INFINITY,
    };
  };
}

function isServed({ pods }: Snapshot): boolean {
  return pods.every((pod) => pod.nodeName !== null || !asksForGpu(pod.requests));
}

function isWhole({ groups }: Snapshot, { pools }: Policy): boolean {
  const nodes = new Map(groups.map(({ name, instances }) => [name, instances.length]));
  return pools.every((pool) => pool.groups.every(({ name, minNodes }) => (nodes.get(name) ?? 0) >= minNodes));
}
