import { AutoscalerError } from "@gpu-autoscaler/core";
import type { Examined } from "../examined.ts";
import { type Finding, failure, ok, unchecked, warning } from "../finding.ts";

const PLACE = "AWS, by your credentials";
const CHANGING =
  "autoscaling:LaunchInstances, SetDesiredCapacity and TerminateInstanceInAutoScalingGroup, and ec2:CreateFleet";

/** Whether each read call of a tick is allowed, and whether something is missing from what they answer. */
export async function checkAws(of: Examined): Promise<readonly Finding[]> {
  const [attempts, groups, prices, interruptions] = await Promise.all([
    of.aws.tryReads(),
    gapsOf(of.groups()),
    gapsOf(of.eyes.priceList.readPrices()),
    gapsOf(of.eyes.interruptionFeed.readInterruptions()),
  ]);
  const denied = attempts.flatMap(({ action, error }) =>
    error ? [failure(PLACE, `${action} failed: ${error.message}`)] : [],
  );
  // What a denied call keeps from a part is told once.
  const told = attempts.flatMap(({ error }) => error?.message ?? []);
  const gaps = [...groups, ...prices, ...interruptions].filter(
    (gap) => !told.some((message) => gap.includes(message)),
  );
  const reads = attempts.map(({ action }) => action).join(", ");
  return [
    ...denied,
    ...gaps.map((gap) => warning(PLACE, gap)),
    ...(denied.length === 0 ? [ok(PLACE, `read calls are allowed: ${reads}`)] : []),
    unchecked(
      "AWS, by the functions' role",
      `${CHANGING} know no dry run, and the role's own permissions are not tried from here`,
      "the alarm on ticks that fail tells of a call that was denied",
    ),
  ];
}

/** What of a part is missing; of one that cannot be read at all, why. */
async function gapsOf(reading: Promise<{ readonly gaps?: readonly string[] }>): Promise<readonly string[]> {
  try {
    return (await reading).gaps ?? [];
  } catch (error) {
    if (error instanceof AutoscalerError) return [error.message];
    throw error;
  }
}
