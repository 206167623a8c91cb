import {
  bySavings,
  type Candidate,
  consolidatableAt,
  type DisruptionBudgets,
  isEmpty,
  takeBudget,
} from "./candidates.ts";
import type { Offering } from "./catalog.ts";
import type { Proposal } from "./commands.ts";
import { MULTI_NODE_MOST } from "./constants.ts";
import { cheaperThan } from "./node-claims.ts";
import type { PodRecord } from "./pod-records.ts";
import { movable, podsOnDeletingNodes } from "./provisioner.ts";
import { type SimulationResult, simulate, type Target } from "./simulation.ts";
import { type Karpenter, type Look, targetsIn } from "./state.ts";

/** A way to disrupt nodes. The controller tries them in their order (core, disruption/controller.go, NewMethods). */
export interface Method {
  readonly name: string;
  shouldDisrupt(candidate: Candidate): boolean;
  /** What it wants done, if anything, and whether a budget kept it from some candidate. */
  propose(
    state: Karpenter,
    look: Look,
    candidates: readonly Candidate[],
    budgets: DisruptionBudgets,
  ): { readonly proposal: Proposal | null; readonly constrained: boolean };
  /** What of the proposal still holds 15 s later; null for nothing. */
  validate(
    state: Karpenter,
    look: Look,
    proposal: Proposal,
    candidates: readonly Candidate[],
    budgets: DisruptionBudgets,
  ): Proposal | null;
}

/** Empty nodes, all at once as far as the budget goes (core, disruption/emptiness.go). */
const EMPTINESS: Method = {
  name: "Empty",
  shouldDisrupt: isEmpty,
  propose(_state, _look, candidates, budgets) {
    const chosen = bySavings(candidates).filter((each) => takeBudget(budgets, each));
    const constrained = chosen.length < candidates.length;
    return { proposal: chosen.length > 0 ? deletion(chosen) : null, constrained };
  },
  validate(_state, _look, _proposal, candidates, budgets) {
    const valid = candidates.filter((each) => takeBudget(budgets, each));
    return valid.length > 0 ? deletion(valid) : null;
  },
};

/**
 * The most of the best candidates that can go together, with at most one cheaper node in their
 * place, found by bisection (core, disruption/multinodeconsolidation.go).
 */
const MULTI_NODE: Method = {
  name: "Underutilized, several nodes",
  shouldDisrupt: (candidate) => !isEmpty(candidate),
  propose(state, look, candidates, budgets) {
    const allowed = bySavings(candidates).filter((each) => takeBudget(budgets, each));
    const constrained = allowed.length < candidates.length;
    let [least, most] = [1, Math.min(allowed.length - 1, MULTI_NODE_MOST)];
    let proposal: Proposal | null = null;
    while (least <= most) {
      const middle = (least + most) >> 1;
      const some = allowed.slice(0, middle + 1);
      const found = withoutSameType(computeConsolidation(state, look, some));
      if (found) proposal = found;
      if (found) least = middle + 1;
      else most = middle - 1;
    }
    return { proposal, constrained };
  },
  validate: validateConsolidation,
};

/** The first candidate that can go alone, with at most one cheaper node in its place (core, disruption/singlenodeconsolidation.go). */
const SINGLE_NODE: Method = {
  name: "Underutilized",
  shouldDisrupt: (candidate) => !isEmpty(candidate),
  propose(state, look, candidates, budgets) {
    const allowed = bySavings(candidates).filter(({ nodePool }) => (budgets.get(nodePool) ?? 0) > 0);
    const constrained = allowed.length < candidates.length;
    for (const candidate of allowed) {
      const proposal = computeConsolidation(state, look, [candidate]);
      if (proposal) return { proposal, constrained };
    }
    return { proposal: null, constrained };
  },
  validate: validateConsolidation,
};

export const METHODS: readonly Method[] = [EMPTINESS, MULTI_NODE, SINGLE_NODE];

function deletion(candidates: readonly Candidate[]): Proposal {
  return { candidates, replacement: null, simulation: { placed: new Map() } };
}

/**
 * Whether the candidates' pods fit on other initialized nodes, or with one new node that costs less
 * than the candidates together; null where not (core, disruption/consolidation.go,
 * computeConsolidation). A Spot node is not replaced by a Spot node: SpotToSpotConsolidation is off.
 */
function computeConsolidation(
  state: Karpenter,
  look: Look,
  candidates: readonly Candidate[],
): Proposal | null {
  const simulation = simulateWithout(state, look, candidates);
  if (!simulation) return null;
  const [claim] = simulation.claims;
  if (!claim) return { candidates, replacement: null, simulation };
  const isSpot = ({ capacityType }: Offering) => capacityType === "spot";
  if (candidates.every(({ offering }) => isSpot(offering)) && claim.options.some(isSpot)) return null;
  const price = candidates.reduce((sum, each) => sum + each.price, 0);
  const cheaper = cheaperThan(claim.options, price);
  const spot = cheaper.filter(isSpot);
  const hasBoth = spot.length > 0 && cheaper.some(({ capacityType }) => capacityType === "on-demand");
  const replacement = hasBoth ? spot : cheaper;
  return replacement.length > 0 ? { candidates, replacement, simulation } : null;
}

/** SimulateScheduling (core, disruption/helpers.go); null where two new nodes are needed, or a pod of the candidates finds no room that is sure. */
function simulateWithout(
  state: Karpenter,
  look: Look,
  candidates: readonly Candidate[],
): SimulationResult | null {
  const { cluster, settings } = state;
  const leaving = new Set(candidates.map(({ machine }) => machine));
  const deleting = podsOnDeletingNodes(state);
  const moving = candidates.flatMap(({ pods }) => movable(pods));
  const result = simulate({
    cluster,
    targets: targetsIn(state).filter(({ machine }) => machine === null || !leaving.has(machine)),
    availability: look.availability,
    pods: [...cluster.pending, ...moving, ...deleting],
    mostClaims: 1,
    ...(settings.consolidateAfterMs > 0 ? { isBarred: bars(state, look, new Set(moving)) } : {}),
  });
  if (result.claims.length > 1 || result.failed.some((record) => !cluster.pending.has(record))) return null;
  return moving.every((record) => result.placed.get(record)?.initialized !== false) ? result : null;
}

/** Pods of candidates do not go where `consolidateAfter` has not passed (core, scheduler.go, addToExistingNode). */
function bars(state: Karpenter, look: Look, moving: ReadonlySet<PodRecord>) {
  return (record: PodRecord, { machine }: Target) =>
    machine !== null &&
    moving.has(record) &&
    look.now < consolidatableAt(machine, state.settings.consolidateAfterMs);
}

/** A replacement of a type that is among the candidates must cost less than that one: else that one could stay (core, filterOutSameInstanceType). */
function withoutSameType(proposal: Proposal | null): Proposal | null {
  if (proposal === null || proposal.replacement === null) return proposal;
  const types = new Set(proposal.replacement.map(({ type }) => type));
  const same = proposal.candidates.filter(({ offering }) => types.has(offering.type));
  const most = Math.min(Number.POSITIVE_INFINITY, ...same.map(({ price }) => price));
  const replacement = cheaperThan(proposal.replacement, most);
  return replacement.length > 0 ? { ...proposal, replacement } : null;
}

/** All candidates are candidates still and within the budget, and a new simulation asks for no other node (core, disruption/validation.go). */
function validateConsolidation(
  state: Karpenter,
  look: Look,
  proposal: Proposal,
  candidates: readonly Candidate[],
  budgets: DisruptionBudgets,
): Proposal | null {
  if (candidates.length < proposal.candidates.length) return null;
  if (!candidates.every((each) => takeBudget(budgets, each))) return null;
  const simulation = simulateWithout(state, look, candidates);
  if (!simulation) return null;
  const [claim] = simulation.claims;
  if (!claim || proposal.replacement === null) {
    return !claim && proposal.replacement === null ? { ...proposal, candidates } : null;
  }
  const possible = new Set(claim.options.map(({ type }) => type));
  return proposal.replacement.every(({ type }) => possible.has(type)) ? { ...proposal, candidates } : null;
}
