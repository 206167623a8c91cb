import type { Pod } from "../../model/pod.ts";
import { asksForGpu } from "../../model/resources.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { compareText } from "../../model/text.ts";
import type { Brakes } from "../brakes.ts";
import type { Fleet } from "../fleet.ts";
import type { Machine, ManagedInstance } from "../machines.ts";
import type { Reconsider } from "../reconsider.ts";
import { type Budgets, whyNodeIsKept, whyPodStays } from "../scale-down/blocks.ts";
import type { Candidate } from "../scale-down/candidates.ts";
import { movedByDrain } from "../scale-down/drain.ts";
import { type Replicas, whyNotMoved } from "../scale-down/movable.ts";
import type { Worth } from "../worth.ts";

/**
 * Nodes that small pods could have for much less elsewhere, and whose pods can all be moved now: they
 * go when their pods find a cheaper place. In the order of what a held GPU costs there, dearest first.
 * A pod is left alone for the pool's `underusedAfter` from its creation on, so that none is moved
 * time and again.
 */
export function replaceableNodes(
  snapshot: Snapshot,
  fleet: Fleet,
  worth: Worth,
  brakes: Brakes,
  budgets: Budgets,
  replicas: Replicas,
  reconsider: Reconsider,
): readonly Candidate[] {
  if (!brakes.mayRemove || !brakes.mayEvict) return [];
  const isSettled = (pod: Pod, { pool }: ManagedInstance) =>
    !asksForGpu(pod.requests) || reconsider.reached(pod.createdAt + pool.underusedAfterMs);
  const mayMove = (pod: Pod, managed: ManagedInstance) =>
    whyNotMoved(pod, replicas) === null &&
    isSettled(pod, managed) &&
    whyPodStays(pod, reconsider) === null &&
    budgets.whyNone(pod) === null;

  const found: Candidate[] = [];
  for (const machine of fleet.machines) {
    const { managed, node, status, gpuPods, movableGpuPods } = machine;
    if (!managed || !node || status !== "serving" || gpuPods === 0 || movableGpuPods < gpuPods) continue;
    const { pool } = managed;
    if (pool.underusedAfterMs === Number.POSITIVE_INFINITY || pool.dryRun || brakes.isPaused(pool.name))
      continue;
    if (!worth.isUndercut(managed)) continue;
    if (isResting(managed) || whyNodeIsKept(node, reconsider) !== null) continue;
    if (movedByDrain(machine).every((pod) => mayMove(pod, managed))) found.push({ machine, managed });
  }
  const price = ({ machine, managed }: Candidate) => pricePerHeldGpu(fleet, machine, managed);
  return found.sort((a, b) => price(b) - price(a) || compareText(a.machine.name, b.machine.name));

  function isResting({ id }: ManagedInstance): boolean {
    const rest = snapshot.state.drainRests[id];
    return rest !== undefined && !reconsider.reached(rest);
  }
}

/** Nano-dollars an hour. */
function pricePerHeldGpu({ pricing }: Fleet, { gpusHeld }: Machine, managed: ManagedInstance): number {
  const { group, zone, instanceType } = managed;
  return pricing.ofInstance(group, zone, instanceType) / Math.max(gpusHeld, 1e-9);
}
