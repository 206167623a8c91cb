import { type Effect, NANO_DOLLARS_PER_DOLLAR, type Outcome, type TickRecord } from "@gpu-autoscaler/core";
import type { DecisionEntry } from "./decision-entry.ts";

/** An effect with what became of it and, for a launch, the pods that it is for. */
export function effectEntry(
  { decidedAt, demand }: TickRecord,
  effect: Effect,
  outcome: Outcome | undefined,
): DecisionEntry {
  const served = demand.filter(({ outcomes }) => outcomes.some((each) => each.effect === effect.key));
  return {
    at: decidedAt,
    until: decidedAt,
    kind: effect.kind,
    pool: effect.pool,
    what: whatOf(effect),
    reasons: [effect.reason],
    outcome: outcome ? outcomeText(outcome) : "",
    pods: served.flatMap(({ pods }) => pods),
    asksFor: [...new Set(served.map(({ asksFor }) => asksFor))].join("; "),
    rejected: served.flatMap(({ rejected }) => rejected),
  };
}

function whatOf(effect: Effect): string {
  switch (effect.kind) {
    case "LaunchInstances": {
      const { count, gpus, capacityType, group, zone, nanoDollarsPerHour, gang } = effect;
      const price = `${nanoDollarsPerHour / NANO_DOLLARS_PER_DOLLAR} $ an hour${count > 1 ? " each" : ""}`;
      const nodes = `${counted(count, "node")} of ${counted(gpus, "GPU")}, ${capacityType}`;
      return `${nodes}, in ${group}/${zone}, ${price}${gang === null ? "" : `, for gang ${gang}`}`;
    }
    case "SetDesiredCapacity":
      return `${effect.group} from ${effect.from} to ${effect.to}`;
    case "CordonNode":
      return `${effect.node}, taint ${effect.taint.key}`;
    case "UncordonNode":
      return effect.node;
    case "EvictPod":
      return `${effect.namespace}/${effect.name} from ${effect.node}`;
    case "TerminateInstances":
      return effect.instances.map(({ id, node }) => (node === null ? id : `${node} (${id})`)).join(", ");
  }
}

function outcomeText({ status, reason, launch }: Outcome): string {
  const why = reason ? [reason.detail ? `${reason.code}: ${reason.detail}` : reason.code] : [];
  const launched = launch?.launched.map(({ id, instanceType }) => `${id} (${instanceType})`) ?? [];
  const errors = new Set(launch?.errors.map(({ code, message }) => (message ? `${code}: ${message}` : code)));
  const told = [...why, ...launched, ...errors].join(", ");
  const rolledBack = launch?.rolledBack ? "; what was launched was ended again" : "";
  return `${told ? `${status}: ${told}` : status}${rolledBack}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
