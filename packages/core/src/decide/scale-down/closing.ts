import { CLOSED_TAINT } from "../../model/keys.ts";
import type { Effect } from "../../model/plan.ts";
import { reason } from "../../model/reason.ts";
import type { Fleet } from "../fleet.ts";
import type { Worth } from "../worth.ts";
import type { Constraints } from "./constraints.ts";
import { uncordon } from "./drain.ts";

/**
 * A node whose GPUs small pods could have for much less elsewhere takes only pods that need it: it is
 * closed to new ones, and opened for demand that no cheaper node would serve. So it empties when the
 * pods that it was launched for end, and is not kept for ever by small pods that follow one another;
 * Jobs are never moved, so nothing could take those away again.
 */
export function closeDearNodes(
  fleet: Fleet,
  expected: ReadonlySet<string>,
  drained: ReadonlySet<string>,
  worth: Worth,
  { brakes }: Constraints,
): Effect[] {
  if (!brakes.mayRemove) return [];
  const effects: Effect[] = [];
  for (const machine of fleet.machines) {
    const { managed, node, status, closed, name } = machine;
    if (!managed || !node || status !== "serving" || brakes.isPaused(managed.pool.name)) continue;
    const isToClose = !expected.has(name) && worth.isUndercut(managed);
    if (closed === isToClose || drained.has(name)) continue;
    if (closed) effects.push(...uncordon(machine, managed, reason("NodeNeeded")));
    // A cordon of somebody else's is theirs.
    else if (!node.unschedulable) {
      effects.push({
        kind: "CordonNode",
        key: `close/${name}/${managed.id}`,
        pool: managed.pool.name,
        reason: reason("NodeTooDear"),
        node: name,
        resourceVersion: node.resourceVersion,
        taint: { key: CLOSED_TAINT, value: "true", effect: "NoSchedule" },
      });
    }
  }
  return effects;
}
