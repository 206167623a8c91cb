import type { Activity } from "@aws-sdk/client-auto-scaling";
import * as z from "zod";
import { Refusal } from "./answer.ts";
import { endInstances, groupNamed, instanceTypesOf, startInstances } from "./groups.ts";
import { lackingMessage } from "./launch-instances.ts";
import type { AwsState } from "./state.ts";

const SetInput = z.object({
  AutoScalingGroupName: z.string(),
  DesiredCapacity: z.number(),
  HonorCooldown: z.boolean().optional(),
});

/** Upwards Auto Scaling launches a while later; downwards it ends the oldest that are not protected. */
export async function setDesiredCapacity(state: AwsState, input: unknown): Promise<object> {
  const { AutoScalingGroupName: name, DesiredCapacity: desired, HonorCooldown } = SetInput.parse(input);
  if (HonorCooldown !== false) throw new Refusal("ScalingActivityInProgress", "the cooldown is not over");
  const group = await groupNamed(state, name);
  if (desired < (group.MinSize ?? 0) || desired > (group.MaxSize ?? 0)) {
    const range = `between MinSize ${group.MinSize} and MaxSize ${group.MaxSize}`;
    throw new Refusal("ValidationError", `New SetDesiredCapacity value ${desired} must be ${range}.`);
  }
  state.desired.set(name, desired);
  state.fillAt.set(name, Date.now() + state.fillAfterMs);
  const instances = group.Instances ?? [];
  const surplus = Math.max(0, instances.length - desired);
  const exposed = instances.filter(({ ProtectedFromScaleIn }) => ProtectedFromScaleIn !== true);
  await endInstances(state, group, exposed.slice(0, surplus));
  return {};
}

/** Lets Auto Scaling do what is due: launch what is desired, and let go of what has ended. */
export async function advance(state: AwsState, now: number): Promise<void> {
  for (const [name, ending] of state.terminating) {
    state.terminating.set(
      name,
      ending.filter(({ until }) => until > now),
    );
  }
  for (const [name, at] of [...state.fillAt]) {
    if (at > now) continue;
    state.fillAt.delete(name);
    await fill(state, name);
  }
}

/** One by one, in the zone with the fewest that has capacity; what fails is an activity, and tried again. */
async function fill(state: AwsState, name: string): Promise<void> {
  for (;;) {
    const group = await groupNamed(state, name);
    const instances = group.Instances ?? [];
    if (instances.length >= (group.DesiredCapacity ?? 0)) return;
    const countIn = (zone: string) =>
      instances.filter(({ AvailabilityZone }) => AvailabilityZone === zone).length;
    const zones = (group.AvailabilityZones ?? []).toSorted(
      (a, b) => countIn(a) - countIn(b) || a.localeCompare(b),
    );
    const [type = ""] = await instanceTypesOf(state, group);
    let isStarted = false;
    for (const zone of zones) {
      const { ids } = await startInstances(state, group, zone, 1);
      isStarted = ids.size > 0;
      noteActivity(state, name, isStarted ? null : lackingMessage(type, zone));
      if (isStarted) break;
    }
    if (isStarted) continue;
    state.fillAt.set(name, Date.now() + Math.max(state.fillAfterMs, 1_000));
    return;
  }
}

let activities = 0;

function noteActivity(state: AwsState, group: string, failure: string | null): void {
  activities += 1;
  const activity: Activity = {
    ActivityId: `activity-${activities}`,
    AutoScalingGroupName: group,
    Description: "Launching a new EC2 instance",
    Cause: "a difference between desired and actual capacity",
    StartTime: new Date(),
    StatusCode: failure === null ? "Successful" : "Failed",
    ...(failure === null ? {} : { StatusMessage: `${failure} Launching EC2 instance failed.` }),
  };
  state.activities.set(group, [activity, ...(state.activities.get(group) ?? [])]);
}

const ActivitiesInput = z.object({
  AutoScalingGroupName: z.string().optional(),
  MaxRecords: z.number().max(100).default(100),
});

export async function describeScalingActivities(state: AwsState, input: unknown): Promise<object> {
  const { AutoScalingGroupName: name, MaxRecords: most } = ActivitiesInput.parse(input);
  if (name === undefined) return { Activities: [...state.activities.values()].flat().slice(0, most) };
  await groupNamed(state, name);
  return { Activities: (state.activities.get(name) ?? []).slice(0, most) };
}
