import type { DemandDecision, Effect, NodeDecision, Policy, Preview, Reason } from "@gpu-autoscaler/core";
import type { Way } from "../reach/reach.ts";
import type { StateOrigin } from "./plan-state.ts";

/** A plan as it is shown: what would be done to each pool, what waits, and what could not be seen. */
export interface PlanView {
  readonly cluster: string;
  readonly region: string;
  readonly way: Way;
  readonly table: string | null;
  readonly state: StateOrigin;
  readonly preview: Preview;
  readonly pools: readonly PoolView[];
  /** Demand of which something waits for no launch of this plan. */
  readonly waiting: readonly DemandDecision[];
  /** Nodes with GPU pods that no group of the configuration holds. */
  readonly others: readonly NodeDecision[];
  readonly problems: readonly Reason[];
}

export interface PoolView {
  readonly name: string;
  readonly isPaused: boolean;
  readonly isDryRun: boolean;
  readonly effects: readonly Effect[];
  readonly nodes: readonly NodeDecision[];
}

export function planView(
  preview: Preview,
  policy: Policy,
  of: Pick<PlanView, "way" | "table" | "state">,
): PlanView {
  const { plan, snapshot } = preview;
  const { paused } = snapshot.state;
  return {
    ...of,
    cluster: policy.cluster,
    region: policy.region,
    preview,
    pools: policy.pools.map(({ name, dryRun }) => ({
      name,
      isPaused: paused.includes("*") || paused.includes(name),
      isDryRun: dryRun,
      effects: plan.effects.filter(({ pool }) => pool === name),
      nodes: plan.nodes.filter(({ pool }) => pool === name),
    })),
    waiting: plan.demand.filter(({ outcomes }) => outcomes.some(({ effect }) => effect === null)),
    others: plan.nodes.filter(({ pool }) => pool === null),
    problems: plan.problems,
  };
}
