import { DRAINING_TAINT } from "../../model/keys.ts";
import type { Node } from "../../model/node.ts";
import type { Effect } from "../../model/plan.ts";
import type { Policy } from "../../model/policy.ts";
import { type Group, offeringKey } from "../../model/pool.ts";
import { reason } from "../../model/reason.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import {
  type ControllerState,
  type Displacement,
  type Drain,
  type InterruptionMemory,
  movesGpuPods,
} from "../../model/state.ts";
import { compareText } from "../../model/text.ts";
import { type EpochMs, MINUTE_MS } from "../../model/units.ts";
import type { Fleet } from "../fleet.ts";
import { rememberInterruption } from "../interruption-rate.ts";
import type { Reconsider } from "../reconsider.ts";
import { isReprievable } from "../scale-up/shelves.ts";
import type { Constraints } from "./constraints.ts";
import { drainStep, movedByDrain, uncordon } from "./drain.ts";

/** For how long the new pods of displaced ones need not wait. */
export const DISPLACED_MS = 30 * MINUTE_MS;

export interface Interruptions extends Pick<ControllerState, "draining" | "interruptions" | "displaced"> {}

/**
 * Notes the Spot instances that EC2 announced it will take: their nodes drain from now on, the
 * owners of their pods are displaced, their offerings are remembered as risky.
 */
export function noteInterruptions(snapshot: Snapshot, fleet: Fleet, reconsider: Reconsider): Interruptions {
  const { now } = reconsider;
  const { state } = snapshot;
  const draining: Record<string, Drain> = {};
  const displaced: Record<string, Displacement> = {};
  const interruptions: Record<string, InterruptionMemory> = {};
  const announced = [...snapshot.interruptions].sort((a, b) => compareText(a.instanceId, b.instanceId));
  for (const { kind, instanceId } of announced) {
    if (kind !== "spot-interruption") continue;
    const machine = fleet.machines.find(({ managed }) => managed?.id === instanceId);
    if (!machine?.managed || !machine.node) continue;
    if (state.draining[machine.name]?.reason === "SpotInterruption" || machine.name in draining) continue;
    draining[machine.name] = { instanceId, since: now, reason: "SpotInterruption" };
    const { group, zone } = machine.managed;
    const key = offeringKey({ group: group.name, zone });
    interruptions[key] = rememberInterruption(
      interruptions[key] ?? state.interruptions[key],
      launchTimes(fleet, group, zone),
      now,
    );
    for (const pod of movedByDrain(machine)) {
      if (!pod.owner) continue;
      const times = (state.displaced[pod.owner.uid]?.times ?? 0) + 1;
      displaced[pod.owner.uid] = { until: now + DISPLACED_MS, times };
    }
  }
  return { draining, displaced, interruptions };
}

function launchTimes({ machines }: Fleet, group: Group, zone: string): EpochMs[] {
  const there = machines.filter(({ managed }) => managed?.group === group && managed.zone === zone);
  return there.flatMap(({ managed }) => managed?.launchedAt ?? []);
}

export interface Drains {
  readonly effects: readonly Effect[];
  /** Drains that go on, by node name. */
  readonly draining: Readonly<Record<string, Drain>>;
  /** Until when nodes whose drain was undone now are left alone. By instance id. */
  readonly drainRests: Readonly<Record<string, EpochMs>>;
}

/** Takes the drains of empty and interrupted nodes a step further, or back when demand returned. */
export function continueDrains(
  snapshot: Snapshot,
  fleet: Fleet,
  begun: Readonly<Record<string, Drain>>,
  reprieved: ReadonlySet<string>,
  policy: Policy,
  { sizes, brakes, unhealthy }: Constraints,
  reconsider: Reconsider,
): Drains {
  if (!brakes.mayRemove)
    return { effects: [], draining: { ...snapshot.state.draining, ...begun }, drainRests: {} };
  const effects: Effect[] = [];
  const draining: Record<string, Drain> = {};
  const drainRests: Record<string, EpochMs> = {};
  for (const machine of fleet.machines) {
    const { managed, node, name, status } = machine;
    if (status !== "leaving" || !node || !managed) continue;
    const drain = begun[name] ?? snapshot.state.draining[name];
    if (drain && movesGpuPods(drain)) continue;
    const isWanted = reprieved.has(name) || machine.gpuPods > 0 || sizes.isBelowMinimum(managed);
    const isBack = (isReprievable(machine, snapshot) && isWanted) || isForgotten(node, drain);
    if (isBack && !managed.terminating) {
      sizes.keep(managed);
      effects.push(...uncordon(machine, managed, reason("DemandReturned")));
      continue;
    }
    if (!drain) continue;
    if (hasTimedOut(drain, policy, reconsider) && isReprievable(machine, snapshot)) {
      drainRests[managed.id] = reconsider.now + policy.scaleDown.drainRestMs;
      sizes.keep(managed);
      effects.push(...uncordon(machine, managed, reason("DrainTimedOut")));
      continue;
    }
    draining[name] = drain;
    const isInterrupted = drain.reason === "SpotInterruption";
    if (managed.terminating || brakes.isPaused(managed.pool.name) || (unhealthy && !isInterrupted)) continue;
    effects.push(...drainStep(machine, managed, drain, brakes.mayEvict || isInterrupted));
  }
  return { effects, draining, drainRests };
}

/** EC2 has the last word on an instance that it takes back. */
function hasTimedOut(drain: Drain, { scaleDown }: Policy, reconsider: Reconsider): boolean {
  return drain.reason !== "SpotInterruption" && reconsider.reached(drain.since + scaleDown.drainTimeoutMs);
}

/**
 * A drain of ours that the state knows nothing of: it is undone, and begins anew if the rules still
 * want it. A node that is tainted as interrupted is left alone: whoever tainted it is about to note why.
 */
function isForgotten(node: Node, drain: Drain | undefined): boolean {
  return drain === undefined && node.taints.some(({ key }) => key === DRAINING_TAINT);
}
