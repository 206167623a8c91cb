import type { DemandDecision, PodsOutcome } from "../model/plan.ts";
import { actOf, countServed, type Decision, launchesOf, servedBy } from "./decision.ts";
import type { Launch, LaunchMade, PodDecided } from "./explanation.ts";
import { priceOfLaunch } from "./prices.ts";
import { refusalsFor } from "./refusals.ts";

/** What the decision says of the pod and its equals, with their demand; null when nothing. */
export interface PodDecision {
  readonly demand: DemandDecision;
  readonly decided: PodDecided;
}

/** `name` is `namespace/name`. */
export function decisionOfPod(decision: Decision, name: string): PodDecision | null {
  const isAmong = ({ pods }: DemandDecision) => pods.includes(name);
  const demand = decision.demand.find(isAmong);
  if (!demand) return null;
  const own = ownOutcome(demand, demand.pods.indexOf(name));
  if (!own) return null;
  const earlier = (decision.tried ?? [])
    .filter(isAmong)
    .flatMap((each) => launchesFor(each, decision).map((launch) => ({ launch, for: each })));
  const now = launchesFor(demand, decision).find(({ effect: { key } }) => key === own.effect);
  // The pods that an earlier decision of the tick launched for find room on that launch in the last one.
  const before = now ? undefined : earlier.findLast(({ launch }) => broughtNodes(launch));
  const launch = now ?? before?.launch ?? null;
  const { decidedAt: at } = decision;
  return {
    demand,
    decided: {
      event: "Decided",
      at,
      until: null,
      reason: own.reason,
      alike: demand.pods.length,
      outcomes: demand.outcomes,
      tried: earlier.map((each) => each.launch).filter((each) => each.effect.key !== launch?.effect.key),
      launch,
      refusals: refusalsFor(before?.for ?? demand, decision),
    },
  };
}

/** The launches that serve this demand. */
export function launchesFor(demand: DemandDecision, decision: Decision): LaunchMade[] {
  const keys = new Set(demand.outcomes.map(({ effect }) => effect));
  return launchesOf(decision)
    .filter(({ key }) => keys.has(key))
    .map((launch) => ({
      ...actOf<Launch>(decision, launch),
      price: priceOfLaunch(decision, launch, demand),
      others: othersServed(demand, decision, launch),
    }));
}

function othersServed(demand: DemandDecision, decision: Decision, launch: Launch): number {
  const others = servedBy(decision, launch).filter((each) => each !== demand);
  return others.reduce((sum, each) => sum + countServed(each, decision, launch), 0);
}

function broughtNodes({ outcome }: LaunchMade): boolean {
  return outcome?.status === "done" || outcome?.status === "partly";
}

/** Outcomes are told in the order of the pods: the first pods got the first ones. */
function ownOutcome({ outcomes }: DemandDecision, index: number): PodsOutcome | null {
  let upTo = 0;
  for (const outcome of outcomes) {
    upTo += outcome.count;
    if (index < upTo) return outcome;
  }
  return outcomes.at(-1) ?? null;
}
