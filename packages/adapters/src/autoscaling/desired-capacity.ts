import { type AutoScalingGroup, SetDesiredCapacityCommand } from "@aws-sdk/client-auto-scaling";
import { AutoscalerError } from "@gpu-autoscaler/core";
import type { AutoScaling } from "./auto-scaling.ts";
import { describeGroups } from "./describe-groups.ts";
import { isLive } from "./instances.ts";
import { protectFromScaleIn } from "./protection.ts";

/**
 * Sets the desired capacity without ending an instance. Upwards Auto Scaling launches; downwards it
 * may go only as far as what exists, which is protected from scale-in first, so that nothing that
 * comes meanwhile makes Auto Scaling choose another to end.
 *
 * Throws `would-terminate` when more instances exist than are desired.
 */
export async function setDesiredCapacity(
  autoScaling: AutoScaling,
  name: string,
  desired: number,
): Promise<void> {
  const { client, call } = autoScaling;
  const group = await groupNamed(autoScaling, name);
  if (desired < (group.DesiredCapacity ?? 0)) {
    const live = (group.Instances ?? []).filter(isLive);
    if (live.length > desired) throw wouldTerminate(name, desired, live.length);
    const exposed = live.filter((each) => each.ProtectedFromScaleIn !== true);
    const ids = exposed.flatMap(({ InstanceId, LifecycleState }) =>
      LifecycleState === "InService" ? (InstanceId ?? []) : [],
    );
    await protectFromScaleIn(autoScaling, name, ids, true);
  }
  await call("SetDesiredCapacity", (options) =>
    client.send(
      new SetDesiredCapacityCommand({
        AutoScalingGroupName: name,
        DesiredCapacity: desired,
        HonorCooldown: false,
      }),
      options,
    ),
  );
}

/** Throws ValidationError, as Auto Scaling's own calls do for a group that is not there. */
export async function groupNamed(autoScaling: AutoScaling, name: string): Promise<AutoScalingGroup> {
  const [group] = await describeGroups(autoScaling, [name]);
  if (group) return group;
  throw new AutoscalerError(
    "ValidationError",
    `there is no Auto Scaling group ${name}: deploy it, or take it out of the configuration`,
  );
}

function wouldTerminate(name: string, desired: number, live: number): AutoscalerError {
  return new AutoscalerError(
    "would-terminate",
    `desired capacity of ${name} stays: ${live} instances exist, and lowering it to ${desired} would end some that nobody chose; the next tick sees them`,
  );
}
