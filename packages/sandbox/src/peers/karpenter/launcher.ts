import { addNodeOf, type EpochMs, type NodeSpace, type Reason } from "@gpu-autoscaler/core";
import { markUnavailable } from "./availability.ts";
import type { Offering } from "./catalog.ts";
import type { Machine } from "./cluster.ts";
import { launchOrder } from "./node-claims.ts";
import { type Karpenter, type Look, nextKey } from "./state.ts";

/** A NodeClaim that has been created. */
export interface InFlightClaim {
  /** What CreateFleet may still choose, in its order; the first is asked for now. */
  readonly overrides: readonly Offering[];
  /** As the node will be that is asked for now. */
  readonly space: NodeSpace;
  readonly reason: Reason;
  readonly outcome: ClaimOutcome;
}

/** What became of a NodeClaim, for who waits for it. */
export interface ClaimOutcome {
  machine: Machine | null;
  failed: boolean;
}

/** A call, whose answer shows in the group's instances at the next look. */
export interface Launch {
  readonly offering: Offering;
  readonly at: EpochMs;
  readonly claims: readonly InFlightClaim[];
}

/** EC2 launches up to so many instances a call. */
const MOST_INSTANCES = 100;

/** Creates a NodeClaim for each list of options. */
export function createClaims(
  state: Karpenter,
  look: Look,
  wanted: readonly { readonly options: readonly Offering[]; readonly reason: Reason }[],
): readonly ClaimOutcome[] {
  const { availability } = look;
  const claims = wanted.map(({ options, reason }) => ({
    overrides: launchOrder(options.filter(availability.has)),
    reason,
    outcome: { machine: null, failed: false },
  }));
  launchAll(state, look, claims);
  return claims.map(({ outcome }) => outcome);
}

/**
 * Sees what came of the calls of the look before: Auto Scaling lists at once what was launched.
 * CreateFleet goes on by itself to an override that has capacity, and names those that lacked it;
 * here the next is asked for a look later. A claim without overrides is deleted: its pods are
 * provisioned again (core, nodeclaim/lifecycle/launch.go).
 */
export function settleLaunches(state: Karpenter, look: Look): void {
  const { cluster, launches, unavailable } = state;
  if (launches.length === 0) return;
  const newcomers = [...cluster.newcomers];
  const refused: InFlightClaim[] = [];
  for (const { offering, at, claims } of launches) {
    for (const claim of claims) {
      cluster.space.removeNode(claim.space);
      const found = newcomers.findIndex(
        (each) => each.offering === offering && each.instance?.launchedAt === at,
      );
      const [machine] = found < 0 ? [] : newcomers.splice(found, 1);
      if (machine) claim.outcome.machine = machine;
      else {
        markUnavailable(unavailable, offering, look.now);
        refused.push(claim);
      }
    }
  }
  state.launches = [];
  if (refused.length > 0) cluster.version += 1;
  const rest = refused.map((claim) => ({ ...claim, overrides: claim.overrides.slice(1) }));
  launchAll(state, look, rest);
}

function launchAll(state: Karpenter, look: Look, claims: readonly Omit<InFlightClaim, "space">[]): void {
  const byOffering = new Map<Offering, InFlightClaim[]>();
  for (const claim of claims) {
    const offering = claim.overrides.find(look.availability.has);
    if (!offering) {
      claim.outcome.failed = true;
      continue;
    }
    look.availability.take(offering);
    const name = `claim-${nextKey(state)}`;
    const space = addNodeOf(offering.type.template, state.cluster.space, name, offering.zone);
    const its = byOffering.get(offering) ?? [];
    its.push({ ...claim, overrides: claim.overrides.slice(claim.overrides.indexOf(offering)), space });
    byOffering.set(offering, its);
  }
  const launches: Launch[] = [];
  for (const [offering, its] of byOffering) {
    for (let i = 0; i < its.length; i += MOST_INSTANCES) {
      const some = its.slice(i, i + MOST_INSTANCES);
      launches.push({ offering, at: look.now, claims: some });
      planLaunch(state, look, offering, some);
    }
  }
  state.launches = [...state.launches, ...launches];
  if (launches.length > 0) state.cluster.version += 1;
}

function planLaunch(
  state: Karpenter,
  { effects }: Look,
  { group, zone, capacityType, type, price }: Offering,
  claims: readonly InFlightClaim[],
): void {
  const [first] = claims;
  if (!first) return;
  effects.push({
    kind: "LaunchInstances",
    key: nextKey(state),
    pool: group.pool,
    group: group.name,
    zone,
    capacityType,
    count: claims.length,
    gpus: type.template.gpus,
    nanoDollarsPerHour: price,
    reason: first.reason,
    gang: null,
  });
}
