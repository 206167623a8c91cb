import type { DemandDecision, Effect } from "../model/plan.ts";
import type { TickRecord } from "../record/tick-record.ts";
import type { Act, Launch } from "./explanation.ts";

/** What a plan and the record of a tick have in common. A plan has no outcomes yet. */
export type Decision = Pick<
  TickRecord,
  "cluster" | "decidedAt" | "effects" | "demand" | "nodes" | "problems" | "offers"
> &
  Partial<Pick<TickRecord, "outcomes" | "tried">>;

/** The effect, and what became of it. */
export function actOf<Kind extends Effect>({ outcomes }: Decision, effect: Kind): Act<Kind> {
  return { effect, outcome: outcomes?.find(({ key }) => key === effect.key) ?? null };
}

/** The effects that bring nodes. */
export function launchesOf({ effects }: Pick<Decision, "effects">): readonly Launch[] {
  return effects.filter(isLaunch);
}

function isLaunch(effect: Effect): effect is Launch {
  if (effect.kind === "SetDesiredCapacity") return effect.to > effect.from;
  return effect.kind === "LaunchInstances";
}

/** All demand that the tick's decisions launched for, or left waiting: earlier ones first. */
function demandOf({ demand, tried = [] }: Decision): readonly DemandDecision[] {
  return [...tried, ...demand];
}

/** The demand that the launch serves. */
export function servedBy(decision: Decision, launch: Launch): readonly DemandDecision[] {
  const keys = keysOf(decision, launch);
  return demandOf(decision).filter(({ outcomes }) =>
    outcomes.some(({ effect }) => effect !== null && keys.has(effect)),
  );
}

/** How many of the pods the launch serves. */
export function countServed({ outcomes }: DemandDecision, decision: Decision, launch: Launch): number {
  const keys = keysOf(decision, launch);
  return outcomes.reduce(
    (sum, { effect, count }) => sum + (effect !== null && keys.has(effect) ? count : 0),
    0,
  );
}

/**
 * Its own key; and, where no demand names that, those of launches in the same offering: of a launch
 * that takes several calls, demand names the first.
 */
function keysOf(decision: Decision, launch: Launch): ReadonlySet<string> {
  const named = (key: string) =>
    demandOf(decision).some(({ outcomes }) => outcomes.some(({ effect }) => effect === key));
  if (launch.kind !== "LaunchInstances" || named(launch.key)) return new Set([launch.key]);
  const calls = launchesOf(decision).filter(
    (other) =>
      other.kind === "LaunchInstances" &&
      other.group === launch.group &&
      other.zone === launch.zone &&
      other.gang === launch.gang,
  );
  return new Set([launch.key, ...calls.map(({ key }) => key)]);
}
