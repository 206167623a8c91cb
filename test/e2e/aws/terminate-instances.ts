import * as z from "zod";
import { Refusal } from "./answer.ts";
import { endInstances, groupNamed } from "./groups.ts";
import type { AwsState } from "./state.ts";

const TerminateInput = z.object({
  AutoScalingGroupName: z.string().optional(),
  InstanceIds: z.array(z.string()).optional(),
  ShouldDecrementDesiredCapacity: z.boolean(),
});

/** TerminateInstanceInAutoScalingGroup by InstanceIds, which moto lacks: refused as a whole for one id that is gone. */
export async function terminateInstances(state: AwsState, input: unknown): Promise<object> {
  const {
    AutoScalingGroupName: name,
    InstanceIds: ids,
    ShouldDecrementDesiredCapacity: isDecremented,
  } = TerminateInput.parse(input);
  if (name === undefined || ids === undefined) {
    throw new Refusal("ValidationError", "AutoScalingGroupName and InstanceIds go together");
  }
  const group = await groupNamed(state, name);
  const instances = ids.map((id) => {
    const found = group.Instances?.find(({ InstanceId }) => InstanceId === id);
    if (found) return found;
    throw new Refusal(
      "ValidationError",
      `Instance Id not found - No managed instance found for instance ID: ${id}`,
    );
  });
  const desired = (group.DesiredCapacity ?? 0) - (isDecremented ? ids.length : 0);
  if (desired < (group.MinSize ?? 0)) {
    const why = "Terminating instance without replacement will violate group's min size constraint.";
    throw new Refusal("ValidationError", `Currently, desiredSize equals minSize (${group.MinSize}). ${why}`);
  }
  await endInstances(state, group, instances);
  state.desired.set(name, desired);
  state.fillAt.set(name, Date.now() + state.fillAfterMs);
  const Activities = ids.map((id, i) => ({
    ActivityId: `terminating-${id}-${i}`,
    AutoScalingGroupName: name,
    Description: `Terminating EC2 instance: ${id}`,
    Cause: `instance ${id} was taken out of service in response to a user request`,
    StartTime: new Date(),
    StatusCode: "InProgress",
  }));
  return { Activities };
}
