import type { Policy } from "../model/policy.ts";
import { type Reason, type ReasonCode, reason } from "../model/reason.ts";
import { PARTS, type Part, type Snapshot } from "../model/snapshot.ts";
import type { Reconsider } from "./reconsider.ts";

/** Which actions the freshness of the snapshot allows, and what is missing. */
export interface Brakes {
  /** null: launching is allowed. */
  readonly whyNoLaunch: Reason | null;
  readonly mayRemove: boolean;
  readonly mayEvict: boolean;
  readonly measurementsFresh: boolean;
  readonly problems: readonly Reason[];
  isPaused(pool: string): boolean;
}

const STALE: Readonly<Record<Part, ReasonCode>> = {
  nodes: "NodesStale",
  pods: "PodsStale",
  budgets: "BudgetsStale",
  groups: "GroupsStale",
  prices: "PricesStale",
  measurements: "MeasurementsStale",
  interruptions: "InterruptionsStale",
};

/** Fail closed: a part that is missing or stale takes away the actions that depend on it, and no others. */
export function brakesOf(snapshot: Snapshot, policy: Policy, reconsider: Reconsider): Brakes {
  const problems: Reason[] = [];
  const fresh = (part: Part): boolean => {
    const { at, problem, gaps = [] } = snapshot.freshness[part];
    for (const gap of gaps) problems.push(reason("PartIncomplete", gap));
    // Not noted to be reconsidered: what is read again is fresh again, and what could not be may be.
    if (problem === null && reconsider.now < at + policy.staleAfterMs) return true;
    reconsider.reached(reconsider.now + 1);
    problems.push(reason(STALE[part], problem ?? `last read at ${at}`));
    return false;
  };
  const is = Object.fromEntries(PARTS.map((part) => [part, fresh(part)]));
  const coreProblem = problems.find(
    ({ code }) => code === "NodesStale" || code === "PodsStale" || code === "GroupsStale",
  );
  const { paused } = snapshot.state;
  return {
    whyNoLaunch: coreProblem ?? null,
    mayRemove: coreProblem === undefined,
    mayEvict: coreProblem === undefined && is.budgets === true,
    measurementsFresh: is.measurements === true,
    problems,
    isPaused: (pool) => paused.includes("*") || paused.includes(pool),
  };
}
