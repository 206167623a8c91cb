import {
  type Effect,
  type EpochMs,
  type Plan,
  type Reason,
  reason,
  type Snapshot,
} from "@gpu-autoscaler/core";

/** A plan, its effects in the order in which they are safe. The controller's state is not this peer's. */
export function planOf(
  { cluster, state }: Snapshot,
  now: EpochMs,
  parts: Partial<Plan> & Pick<Plan, "reconsiderAt">,
): Plan {
  return {
    cluster,
    decidedAt: now,
    demand: [],
    problems: [],
    state,
    ...parts,
    nodes: (parts.nodes ?? []).toSorted((a, b) => (a.node < b.node ? -1 : 1)),
    effects: (parts.effects ?? []).toSorted((a, b) => RANK[a.kind] - RANK[b.kind]),
  };
}

/** First launches, then what protects, then what removes. */
const RANK: Readonly<Record<Effect["kind"], number>> = {
  LaunchInstances: 0,
  SetDesiredCapacity: 1,
  UncordonNode: 2,
  CordonNode: 3,
  EvictPod: 4,
  TerminateInstances: 5,
};

/** The same plan after its launches were tried. */
export function withoutLaunches(plan: Plan): Plan {
  const effects = plan.effects.filter(({ kind }) => kind !== "LaunchInstances");
  return { ...plan, effects, reconsiderAt: plan.decidedAt + 1 };
}

/** A loop that cannot list what it needs ends with an error, and nothing is done. */
export function unreadable({ freshness }: Snapshot): readonly Reason[] {
  const codes = {
    nodes: "NodesStale",
    pods: "PodsStale",
    budgets: "BudgetsStale",
    groups: "GroupsStale",
  } as const;
  const parts = ["nodes", "pods", "budgets", "groups"] as const;
  return parts.flatMap((part) => {
    const { problem } = freshness[part];
    return problem === null ? [] : [reason(codes[part], problem)];
  });
}
