import type { DemandDecision, Plan } from "../model/plan.ts";
import { actOf, countServed, type Decision, launchesOf, servedBy } from "./decision.ts";
import type { Launch, LaunchExplanation, LaunchMade, LaunchPurpose, ServedPods } from "./explanation.ts";
import { launchesFor } from "./pod-decision.ts";
import { otherOffers, priceOfLaunch } from "./prices.ts";
import { refusalsFor } from "./refusals.ts";

/** Why a launch, by its key, is of this offering and of no other; null when the plan has no such launch. */
export function explainLaunch(plan: Plan, key: string): LaunchExplanation | null {
  const launch = launchesOf(plan).find((each) => each.key === key);
  return launch ? explanationOfLaunch(plan, launch) : null;
}

/** As of the decision that launches. */
export function explanationOfLaunch(decision: Decision, launch: Launch): LaunchExplanation {
  const purposes = purposesOf(decision, launch);
  return {
    kind: "launch",
    cluster: decision.cluster,
    name: launch.key,
    at: decision.decidedAt,
    launch: actOf(decision, launch),
    price: priceOfLaunch(decision, launch, null),
    for: purposes,
    tried: triedBefore(decision, launch),
    alternatives: purposes.length > 0 ? [] : otherOffers(decision, launch),
    nodes: [],
  };
}

function purposesOf(decision: Decision, launch: Launch): LaunchPurpose[] {
  return servedBy(decision, launch).map((demand) => ({
    ...servedPods(demand, decision, launch),
    price: priceOfLaunch(decision, launch, demand),
    refusals: refusalsFor(demand, decision),
  }));
}

/** The pods of one kind that the launch serves. */
export function servedPods(demand: DemandDecision, decision: Decision, launch: Launch): ServedPods {
  const { pods, asksFor, gang } = demand;
  return { pods, served: countServed(demand, decision, launch), asksFor, gang };
}

/** Launches of earlier decisions of the tick for pods that this one serves. */
function triedBefore(decision: Decision, launch: Launch): readonly LaunchMade[] {
  const pods = new Set(servedBy(decision, launch).flatMap((demand) => demand.pods));
  const order = decision.effects.map(({ key }) => key);
  const isEarlier = ({ effect: { key } }: LaunchMade) => order.indexOf(key) < order.indexOf(launch.key);
  const earlier = (decision.tried ?? [])
    .filter((demand) => demand.pods.some((pod) => pods.has(pod)))
    .flatMap((demand) => launchesFor(demand, decision))
    .filter(isEarlier);
  return [...new Map(earlier.map((each) => [each.effect.key, each])).values()];
}
