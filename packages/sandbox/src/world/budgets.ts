import { type Pod, type PodDisruptionBudget, selectorMatches } from "@gpu-autoscaler/core";
import type { BudgetOptions } from "./options.ts";
import type { PodState, WorldState } from "./state.ts";

/** PodDisruptionBudgets with their status, made anew when pods changed. */
export function createBudgets(world: WorldState): () => readonly PodDisruptionBudget[] {
  let made: { readonly pods: number; readonly budgets: readonly PodDisruptionBudget[] } | null = null;
  return () => {
    if (made?.pods !== world.changes.pods) {
      const budgets = world.budgets.map((budget) => {
        const { namespace, name, selector } = budget;
        return { namespace, name, selector, disruptionsAllowed: disruptionsAllowed(world, budget) };
      });
      made = { pods: world.changes.pods, budgets };
    }
    return made.budgets;
  };
}

/** The budgets that speak for a pod. */
export function budgetsOf({ budgets }: WorldState, pod: Pod): BudgetOptions[] {
  return budgets.filter((budget) => speaksFor(budget, pod));
}

/**
 * How many matching pods may go now, as the disruption controller computes it: the healthy less
 * those that must be there. Expected are as many as exist and are not being deleted, since
 * controllers replace at once.
 */
export function disruptionsAllowed(world: WorldState, budget: BudgetOptions): number {
  let [healthy, expected] = [0, 0];
  for (const { pod } of world.pods.values()) {
    if (pod.deletedAt !== null || !speaksFor(budget, pod)) continue;
    expected += 1;
    if (pod.ready) healthy += 1;
  }
  const desired = budget.minAvailable ?? Math.max(0, expected - (budget.maxUnavailable ?? 0));
  return Math.max(0, healthy - desired);
}

/** Whether the eviction of this pod would take what a budget protects. Pods that do not run yet are free to go. */
export function needsBudget({ pod }: PodState): boolean {
  return pod.phase !== "Pending";
}

function speaksFor({ namespace, selector }: BudgetOptions, pod: Pod): boolean {
  return selector !== null && pod.namespace === namespace && selectorMatches(selector, pod.labels);
}
