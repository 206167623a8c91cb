import type { Effect, NodeDecision, SetDesiredCapacity } from "../../model/plan.ts";
import { reason } from "../../model/reason.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import type { UnfilledDesired } from "../../model/state.ts";
import { MINUTE_MS } from "../../model/units.ts";
import type { Brakes } from "../brakes.ts";
import type { Fleet } from "../fleet.ts";
import type { Reconsider } from "../reconsider.ts";
import { terminate } from "./drain.ts";

/** Ends instances that died or never became nodes; they have no pods that could be lost. */
export function endDeadInstances(fleet: Fleet, brakes: Brakes): { effects: Effect[]; nodes: NodeDecision[] } {
  const effects: Effect[] = [];
  const nodes: NodeDecision[] = [];
  for (const machine of fleet.machines) {
    const { managed, status, missingGpus, name } = machine;
    if (!managed) continue;
    if (missingGpus !== null) {
      nodes.push({ node: name, pool: managed.pool.name, reasons: [reason("GpusMissing", missingGpus)] });
    }
    if (status !== "failed" || !brakes.mayRemove || brakes.isPaused(managed.pool.name)) continue;
    const why = managed.healthy ? reason("RegistrationTimeout") : reason("InstanceUnhealthy");
    effects.push(terminate(managed, machine, why, true));
  }
  return { effects, nodes };
}

/** Two ticks a minute apart see the same. */
const UNFILLED_FOR_MS = MINUTE_MS;

/** Lowers desired capacity that stays above what exists, so that it does not turn into a launch that nobody decided. */
export function lowerUnfilledDesired(
  snapshot: Snapshot,
  fleet: Fleet,
  brakes: Brakes,
  reconsider: Reconsider,
): { effects: SetDesiredCapacity[]; unfilled: Record<string, UnfilledDesired> } {
  const effects: SetDesiredCapacity[] = [];
  const unfilled: Record<string, UnfilledDesired> = {};
  for (const { group, pool, status } of fleet.groups) {
    if (!status || brakes.isPaused(pool.name)) continue;
    const live = status.instances.filter(({ lifecycle }) => lifecycle !== "terminating").length;
    const to = Math.max(live, status.min);
    if (status.desired <= to) continue;
    const before = snapshot.state.unfilled[group.name];
    const since = before?.desired === status.desired ? before.since : reconsider.now;
    unfilled[group.name] = { desired: status.desired, since };
    if (!reconsider.reached(since + UNFILLED_FOR_MS) || !brakes.mayRemove) continue;
    const failure = status.launchFailure === undefined ? "" : `: ${status.launchFailure}`;
    effects.push({
      kind: "SetDesiredCapacity",
      key: `lower/${group.name}`,
      pool: pool.name,
      reason: reason("DesiredCapacityUnfilled", `${status.desired} desired, ${live} exist${failure}`),
      group: group.name,
      from: status.desired,
      to,
    });
  }
  return { effects, unfilled };
}
