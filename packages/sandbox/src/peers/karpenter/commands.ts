import { type EpochMs, type Reason, reason } from "@gpu-autoscaler/core";
import type { Candidate } from "./candidates.ts";
import type { Offering } from "./catalog.ts";
import { type Machine, nameOf } from "./cluster.ts";
import { REPLACEMENT_TIMEOUT_MS } from "./constants.ts";
import { type ClaimOutcome, createClaims } from "./launcher.ts";
import { nominate } from "./provisioner.ts";
import type { SimulationResult } from "./simulation.ts";
import type { Karpenter, Look } from "./state.ts";
import { mark, startDeletion } from "./termination.ts";

/** What a method of disruption wants done (core, disruption/types.go, Command). */
export interface Proposal {
  readonly candidates: readonly Candidate[];
  /** What the one replacement may be launched as; null where none is needed. */
  readonly replacement: readonly Offering[] | null;
  readonly simulation: Pick<SimulationResult, "placed">;
}

export interface Validation {
  /** Of the methods, by index. */
  readonly method: number;
  readonly proposal: Proposal;
  readonly at: EpochMs;
}

/** A command under way: its nodes are tainted, and go when the replacement serves. */
export interface Command {
  readonly machines: readonly Machine[];
  readonly reason: Reason;
  readonly replacement: ClaimOutcome;
  readonly startedAt: EpochMs;
}

/** StartCommand (core, disruption/queue.go): taints the nodes, launches the replacement, then waits for it or deletes them at once. */
export function startCommand(state: Karpenter, look: Look, proposal: Proposal, why: string): void {
  const machines = proposal.candidates.map(({ machine }) => machine);
  const names = machines.map(nameOf).join(", ");
  const its = reason("NodeEmpty", `Karpenter: ${why}`);
  for (const machine of machines) mark(state, look, machine);
  nominate(proposal.simulation, look.now);
  if (proposal.replacement === null) {
    for (const machine of machines) startDeletion(state, look, machine, its);
    return;
  }
  const [replacement] = createClaims(state, look, [
    { options: proposal.replacement, reason: reason("PodsUnschedulable", `replaces ${names}: ${why}`) },
  ]);
  if (replacement)
    state.disruption.commands.push({ machines, reason: its, replacement, startedAt: look.now });
}

/** waitOrTerminate: the nodes go once the replacement is initialized, and stay if it never is. */
export function advanceCommands(state: Karpenter, look: Look): void {
  const { commands } = state.disruption;
  for (const command of [...commands]) {
    const { machines, replacement, startedAt } = command;
    const { machine, failed } = replacement;
    const timeoutAt = startedAt + REPLACEMENT_TIMEOUT_MS;
    const isLost = failed || (machine !== null && machine.space === null);
    if (machine?.initialized && !isLost) {
      for (const each of machines) startDeletion(state, look, each, command.reason);
    } else if (isLost || look.now >= timeoutAt) {
      for (const each of machines) each.marked = false;
      state.cluster.version += 1;
      state.cluster.consolidation += 1;
    } else {
      look.reconsider(timeoutAt);
      continue;
    }
    commands.splice(commands.indexOf(command), 1);
  }
}
