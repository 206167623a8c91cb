import type { EpochMs } from "@gpu-autoscaler/core";
import {
  type Candidate,
  candidateOf,
  consolidatableAt,
  disruptionBudgets,
  isEmptyMachine,
  mayBeDisrupted,
} from "./candidates.ts";
import { startCommand, type Validation } from "./commands.ts";
import { METHODS } from "./consolidation.ts";
import { CONSOLIDATION_RESET_MS, POLLING_MS, VALIDATION_MS } from "./constants.ts";
import type { Karpenter, Look } from "./state.ts";

/**
 * The disruption controller: one loop that looks at the cluster every ten seconds, lets the first
 * method act that finds something to do, and waits 15 s before it does (core, disruption/controller.go).
 * After a command it looks again at once; after nothing, at the next full ten seconds since the start.
 */
export function disrupt(state: Karpenter, look: Look): void {
  const { disruption } = state;
  const { validation } = disruption;
  if (validation === null) {
    if (isPollingTime(state, look.now)) passFrom(state, look, 0);
  } else if (look.now >= validation.at) {
    disruption.validation = null;
    passFrom(state, look, validate(state, look, validation) ? 0 : validation.method + 1);
  }
  if (disruption.validation !== null) look.reconsider(disruption.validation.at);
  else reconsiderPolling(state, look);
}

function isPollingTime({ startedAt }: Karpenter, now: EpochMs): boolean {
  return (now - startedAt) % POLLING_MS === 0;
}

function pollingTimeFrom({ startedAt }: Karpenter, at: EpochMs): EpochMs {
  return startedAt + Math.ceil((at - startedAt) / POLLING_MS) * POLLING_MS;
}

/** Asks the methods from this one on; the first with a proposal waits for its validation. */
function passFrom(state: Karpenter, look: Look, first: number): void {
  for (let method = first; method < METHODS.length; method++) {
    const its = METHODS[method];
    if (!its || isConsolidated(state, its.name, look.now)) continue;
    const candidates = candidatesOf(state, look, method);
    if (candidates.length === 0) continue;
    const budgets = disruptionBudgets(state.cluster);
    const { proposal, constrained } = its.propose(state, look, candidates, budgets);
    if (proposal) {
      state.disruption.validation = { method, proposal, at: look.now + VALIDATION_MS };
      return;
    }
    if (its.name !== "Empty") markConsolidated(state, its.name, constrained, look.now);
  }
}

function candidatesOf(state: Karpenter, look: Look, method: number): readonly Candidate[] {
  const candidates: Candidate[] = [];
  for (const machine of state.cluster.machines.values()) {
    const candidate = candidateOf(state, look, machine);
    if (candidate && METHODS[method]?.shouldDisrupt(candidate)) candidates.push(candidate);
  }
  return candidates;
}

/** Starts the command if it still holds. */
function validate(state: Karpenter, look: Look, { method, proposal }: Validation): boolean {
  const its = METHODS[method];
  const proposed = new Set(proposal.candidates.map(({ machine }) => machine));
  const candidates = candidatesOf(state, look, method).filter(({ machine }) => proposed.has(machine));
  const budgets = disruptionBudgets(state.cluster);
  const valid = its?.validate(state, look, proposal, candidates, budgets) ?? null;
  if (!its || !valid) return false;
  startCommand(state, look, valid, its.name);
  return true;
}

/**
 * Nothing was found, and nothing has changed since (core, consolidation.go, IsConsolidated). The real
 * one looks again after five minutes, or each time where a budget bound; with the same cluster that
 * finds something else only when nominations or resting offerings run out.
 */
function markConsolidated(state: Karpenter, method: string, constrained: boolean, now: EpochMs): void {
  const isTimed = state.unavailable.size > 0 || hasTimers(state, now);
  if (isTimed && constrained) return;
  const until = isTimed ? now + CONSOLIDATION_RESET_MS : Number.POSITIVE_INFINITY;
  state.disruption.consolidated.set(method, { version: state.cluster.consolidation, until });
}

function isConsolidated({ disruption, cluster }: Karpenter, method: string, now: EpochMs): boolean {
  const mark = disruption.consolidated.get(method);
  return mark !== undefined && mark.version === cluster.consolidation && now < mark.until;
}

function hasTimers({ cluster, settings }: Karpenter, now: EpochMs): boolean {
  for (const machine of cluster.machines.values()) {
    if (now < machine.nominatedUntil || now < consolidatableAt(machine, settings.consolidateAfterMs))
      return true;
  }
  return false;
}

/** The next look that may find something: an empty node, or another that was not judged as things are now. */
function reconsiderPolling(state: Karpenter, look: Look): void {
  const { cluster, disruption } = state;
  const isJudged = METHODS.slice(1).every(({ name }) => isConsolidated(state, name, look.now));
  let mayAct = false;
  let hasOthers = false;
  for (const machine of cluster.machines.values()) {
    if (!mayBeDisrupted(machine)) continue;
    if (isEmptyMachine(machine)) mayAct = true;
    else hasOthers = true;
  }
  if (hasOthers && isJudged) {
    for (const { until } of disruption.consolidated.values()) look.reconsider(pollingTimeFrom(state, until));
  } else if (hasOthers) mayAct = true;
  if (mayAct) look.reconsider(pollingTimeFrom(state, look.now + 1));
}
