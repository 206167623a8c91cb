import { forgetCapacityErrors, rememberCapacityErrors } from "../decide/capacity-errors.ts";
import type { Outcome } from "../model/outcome.ts";
import type { Effect, LaunchInstances, SetDesiredCapacity } from "../model/plan.ts";
import type { Policy } from "../model/policy.ts";
import type { ControllerState, LaunchIntent } from "../model/state.ts";

/**
 * The state after effects were carried out: launches that were answered hold their instances or
 * are gone, capacity errors are remembered or forgotten. A launch without an answer stays an open
 * intent, to be repeated under the same token.
 */
export function settle(
  state: ControllerState,
  effects: readonly Effect[],
  outcomes: readonly Outcome[],
  policy: Policy,
): ControllerState {
  const byKey = new Map(outcomes.map((outcome) => [outcome.key, outcome]));
  let next = state;
  for (const effect of effects) {
    const outcome = byKey.get(effect.key);
    if (!outcome) continue;
    if (effect.kind === "LaunchInstances") next = settleLaunch(next, effect, outcome, policy);
    if (effect.kind === "SetDesiredCapacity") next = settleDesired(next, effect, outcome, policy);
  }
  return next;
}

function settleLaunch(
  state: ControllerState,
  effect: LaunchInstances,
  outcome: Outcome,
  policy: Policy,
): ControllerState {
  const intent = state.launches[effect.key];
  const { launch } = outcome;
  if (!intent) return state;
  if (outcome.status === "dry-run") return { ...state, launches: without(state.launches, effect.key) };
  if (!launch) return state;
  const { launched, errors } = launch;
  // A repeated launch may have been made long ago: it says nothing of the capacity that there is now.
  const isNews = launched.length > 0 && effect.reason.code !== "LaunchRepeated";
  const forgotten = isNews
    ? forgetCapacityErrors(
        state.capacityErrors,
        effect,
        launched.map(({ instanceType }) => instanceType),
      )
    : state.capacityErrors;
  const isWhole = launched.length >= effect.count;
  return {
    ...state,
    launches:
      launched.length > 0
        ? { ...state.launches, [effect.key]: { ...intent, instances: launched } }
        : without(state.launches, effect.key),
    // Errors beside a whole launch name types that were passed over: EC2 found others.
    capacityErrors: isWhole
      ? forgotten
      : rememberCapacityErrors(forgotten, effect, errors, policy.capacityErrors, outcome.at),
  };
}

/** An adopted group's capacity comes or does not after the call: what nobody filled is a capacity error. */
function settleDesired(
  state: ControllerState,
  effect: SetDesiredCapacity,
  outcome: Outcome,
  policy: Policy,
): ControllerState {
  const group = policy.pools.flatMap(({ groups }) => groups).find(({ name }) => name === effect.group);
  if (effect.to >= effect.from || !group?.adopted || outcome.status !== "done") return state;
  const offering = { group: group.name, zone: group.zones[0] ?? "", capacityType: group.capacityType };
  const error = { code: effect.reason.code, message: effect.reason.detail, instanceType: null };
  return {
    ...state,
    capacityErrors: rememberCapacityErrors(
      state.capacityErrors,
      offering,
      [error],
      policy.capacityErrors,
      outcome.at,
    ),
  };
}

function without(
  launches: Readonly<Record<string, LaunchIntent>>,
  key: string,
): Readonly<Record<string, LaunchIntent>> {
  const { [key]: _, ...rest } = launches;
  return rest;
}
