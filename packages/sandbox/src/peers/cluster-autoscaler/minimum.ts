import { type LaunchInstances, reason } from "@gpu-autoscaler/core";
import { launchEffects } from "./launches.ts";
import { partsOf } from "./node-groups.ts";
import type { ScaleUpContext } from "./scale-up.ts";

/**
 * Auto Scaling itself keeps a group at its MinSize: in the first zone, a pool's minimum in its first
 * group.
 */
export function belowMinimum({ snapshot, cloud, sizes, trial, clock }: ScaleUpContext): LaunchInstances[] {
  const effects: LaunchInstances[] = [];
  for (const nodeGroup of cloud.nodeGroups) {
    for (const group of partsOf(nodeGroup)) {
      let count = 0;
      while (sizes.isBelowMinimum(group) && sizes.roomOf(group) > 0) {
        sizes.change(group, 1);
        trial.add(nodeGroup);
        count += 1;
      }
      const why = reason("BelowMinimum");
      effects.push(...launchEffects({ group, count }, nodeGroup.zone, why, snapshot, clock.now, MINIMUM));
    }
  }
  return effects;
}

/** In the keys of launches: before every loop's. */
const MINIMUM = -1;
