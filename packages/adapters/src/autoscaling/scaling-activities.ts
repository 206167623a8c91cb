import { type Activity, DescribeScalingActivitiesCommand } from "@aws-sdk/client-auto-scaling";
import type { AutoScaling } from "./auto-scaling.ts";

/** The newest come first; a failure that matters is among the last few. */
const NEWEST = 20;

/**
 * Why the last launch of a group failed, in Auto Scaling's words; null when the newest launch did
 * not. For groups whose desired capacity is above what exists.
 */
export async function readLaunchFailure(
  { client, call }: AutoScaling,
  group: string,
): Promise<string | null> {
  const { Activities = [] } = await call("DescribeScalingActivities", (options) =>
    client.send(
      new DescribeScalingActivitiesCommand({ AutoScalingGroupName: group, MaxRecords: NEWEST }),
      options,
    ),
  );
  const launch = Activities.filter(isLaunch).toSorted((a, b) => startOf(b) - startOf(a))[0];
  if (launch?.StatusCode !== "Failed" && launch?.StatusCode !== "Cancelled") return null;
  return launch.StatusMessage ?? launch.Description ?? launch.StatusCode;
}

/** Launches and terminations are told apart by their description alone. */
function isLaunch({ Description = "" }: Activity): boolean {
  return Description.startsWith("Launching");
}

function startOf({ StartTime }: Activity): number {
  return StartTime?.getTime() ?? 0;
}
