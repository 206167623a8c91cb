import { TerminateInstanceInAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import { AutoscalerError } from "@gpu-autoscaler/core";
import { chunksOf } from "../aws/pages.ts";
import type { AutoScaling } from "./auto-scaling.ts";
import { groupNamed } from "./desired-capacity.ts";
import { isLive } from "./instances.ts";
import { protectFromScaleIn } from "./protection.ts";

const MOST_PER_CALL = 100;
/**
 * After these nothing was ended. After a time-out something may have been, and an attempt more might
 * lower the desired capacity twice: the next tick looks first.
 */
const NOTHING_DONE: ReadonlySet<string> = new Set([
  "ResourceContention",
  "ScalingActivityInProgress",
  "throttled",
]);
/** "No managed instance found for instance ID: i-…". */
const NOT_FOUND = /not found|no managed instance/i;
const PROTECTED = /protected from scale.?in/i;

/**
 * Ends instances of a group and lowers its desired capacity by as many. Which are still of the group
 * is read first: Auto Scaling refuses a whole call for one id that is gone, and one that is ending
 * already must not lower the desired capacity twice.
 */
export async function terminateInstances(
  autoScaling: AutoScaling,
  name: string,
  instanceIds: readonly string[],
): Promise<void> {
  if (instanceIds.length === 0) return;
  const { Instances = [] } = await groupNamed(autoScaling, name);
  const live = new Set(Instances.filter(isLive).map(({ InstanceId }) => InstanceId));
  const ids = [...new Set(instanceIds)].filter((id) => live.has(id));
  for (const some of chunksOf(ids, MOST_PER_CALL)) await terminateTogether(autoScaling, name, some);
}

async function terminateTogether(
  autoScaling: AutoScaling,
  name: string,
  ids: readonly string[],
): Promise<void> {
  try {
    await terminate(autoScaling, name, ids);
  } catch (error) {
    if (!(error instanceof AutoscalerError) || error.code !== "ValidationError") throw error;
    if (PROTECTED.test(error.message)) {
      await protectFromScaleIn(autoScaling, name, ids, false);
      return terminate(autoScaling, name, ids);
    }
    // One of them went meanwhile: the others are to go all the same.
    if (!NOT_FOUND.test(error.message)) throw error;
    for (const id of ids) await terminateUnlessGone(autoScaling, name, id);
  }
}

async function terminateUnlessGone(autoScaling: AutoScaling, name: string, id: string): Promise<void> {
  try {
    await terminate(autoScaling, name, [id]);
  } catch (error) {
    if (!(error instanceof AutoscalerError) || !NOT_FOUND.test(error.message)) throw error;
  }
}

async function terminate({ client, call }: AutoScaling, name: string, ids: readonly string[]): Promise<void> {
  await call(
    "TerminateInstanceInAutoScalingGroup",
    (options) =>
      client.send(
        new TerminateInstanceInAutoScalingGroupCommand({
          AutoScalingGroupName: name,
          InstanceIds: [...ids],
          ShouldDecrementDesiredCapacity: true,
        }),
        options,
      ),
    { repeatOn: NOTHING_DONE },
  );
}
