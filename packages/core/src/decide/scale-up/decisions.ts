import type { DemandDecision, PodsOutcome } from "../../model/plan.ts";
import type { Pod } from "../../model/pod.ts";
import type { Pool } from "../../model/pool.ts";
import { type Reason, reason } from "../../model/reason.ts";
import type { Brakes } from "../brakes.ts";
import type { Demand, DemandGroup, GangDemand } from "../demand.ts";
import type { Fleet } from "../fleet.ts";
import type { Market } from "./market.ts";
import type { Offerings, OpenOffering } from "./offerings.ts";
import { launchName, type Placement } from "./placement.ts";
import { createRejections } from "./rejections.ts";
import { mayUse, podsPerNode } from "./suitability.ts";

/** Says of each kind of pods what was decided, and why nothing else. */
export interface Decisions {
  of(group: DemandGroup, gang: GangDemand | null): DemandDecision;
}

/** `market` is null when no new node was sought. */
export function createDecisions(
  placement: Placement,
  fleet: Fleet,
  market: Market | null,
  brakes: Brakes,
  keyOf: (name: string) => string,
): Decisions {
  const rejections = market ? createRejections(placement, fleet.groups, market) : null;

  return {
    of(group, gang) {
      const placed = placement.outcomes(group);
      const outcomes: PodsOutcome[] = placed.map(({ count, reason: why, effect }) => ({
        count,
        reason: why,
        effect: effect === null ? null : keyOf(effect),
      }));
      const waiting = placement.remaining(group);
      const isLaunchedFor = outcomes.some(({ reason: why }) => why.code === "Launching");
      const mine = placed.map(({ effect }) => effect).filter((effect) => effect !== null);
      const isChosen = (offering: OpenOffering) => mine.includes(launchName(offering, gang?.name ?? null));
      const soughtNew = isLaunchedFor || (group.mature && waiting > 0);
      if (waiting > 0) outcomes.push({ count: waiting, reason: whyWaiting(group, gang), effect: null });
      return {
        pods: group.pods.map(podName),
        asksFor: asksFor(group),
        gang: gang?.name ?? null,
        outcomes,
        rejected: rejections && soughtNew ? rejections.of(group, gang !== null, isChosen) : [],
        ...(market && soughtNew && { podsPerNode: podsPerNodeByPool(group, market) }),
      };
    },
  };

  function whyWaiting(group: DemandGroup, gang: GangDemand | null): Reason {
    if (!group.mature) return reason("PendingForNotReached");
    if (!market) return brakes.whyNoLaunch ?? reason("NoCapacityLeft");
    const { open, closed, emptySpace } = market.offerings;
    const fits = ({ of, empty }: Offerings["closed"][number] | OpenOffering) =>
      empty === null || (mayUse(group, of.group) && emptySpace.fits(group.compiled, empty));
    if (!open.some(fits) && !closed.some(fits)) return reason("NoFeasibleGroup");
    return reason(gang ? "GangDoesNotFit" : "NoCapacityLeft");
  }
}

/** For the pools that suit the pods, also where nothing can be launched now; a pool's nodes are of one shape. */
function podsPerNodeByPool(group: DemandGroup, { suitability, offerings }: Market): Record<string, number> {
  const counts: Record<string, number> = {};
  let told: Pool | null = null;
  for (const offering of suitability.of(group).feasible) {
    const { pool } = offering.of;
    if (pool !== told) counts[pool.name] = podsPerNode(group, offering);
    told = pool;
  }
  for (const { of, empty } of offerings.closed) {
    if (empty === null || of.pool.name in counts || !mayUse(group, of.group)) continue;
    if (offerings.emptySpace.fits(group.compiled, empty))
      counts[of.pool.name] = podsPerNode(group, { empty });
  }
  return counts;
}

/** Pods that want a GPU and are no demand. */
export function excludedDecisions({ excluded }: Demand): DemandDecision[] {
  return excluded.map(({ pod, reason: why }) => ({
    pods: [podName(pod)],
    asksFor: "",
    gang: null,
    outcomes: [{ count: 1, reason: why, effect: null }],
    rejected: [],
  }));
}

function podName(pod: Pod): string {
  return `${pod.namespace}/${pod.name}`;
}

/** "8 nvidia.com/gpu, 88 cpu, 320 Gi". */
function asksFor({ pods: [pod], gpuAmount, gpuResource }: DemandGroup): string {
  if (!pod) return "";
  const { cpuMilli, memoryBytes } = pod.requests;
  const gibibytes = Math.round((memoryBytes / 2 ** 30) * 100) / 100;
  return `${gpuAmount} ${gpuResource}, ${cpuMilli / 1000} cpu, ${gibibytes} Gi`;
}
