import type { AutoScalingGroup } from "@aws-sdk/client-auto-scaling";
import {
  AutoscalerError,
  type CapacityReader,
  type Group,
  type GroupStatus,
  type Policy,
} from "@gpu-autoscaler/core";
import type { AwsAccess } from "../aws/access.ts";
import { readReservations } from "../ec2/capacity-reservations.ts";
import type { Ec2 } from "../ec2/ec2.ts";
import { createLaunchTimes } from "../ec2/launch-times.ts";
import type { AutoScaling } from "./auto-scaling.ts";
import { describeGroups } from "./describe-groups.ts";
import { instanceFrom, isLive, isWhole } from "./instances.ts";
import { readLaunchFailure } from "./scaling-activities.ts";
import { createShapes, type FoundGroup } from "./shapes.ts";

/**
 * The policy's groups as Auto Scaling and EC2 tell of them, in the order of the policy. A warm tick
 * makes one call for a hundred groups, and one more for each two hundred new instances; launch
 * times, instance types and launch templates are kept. Throws when the groups themselves cannot be
 * read; what else is missing is a gap.
 */
export function createCapacityReader(
  autoScaling: AutoScaling,
  ec2: Ec2,
  access: Pick<AwsAccess, "clock" | "region">,
  policy: Policy,
): CapacityReader {
  const launchTimes = createLaunchTimes(ec2, access.clock);
  const shapesOf = createShapes(ec2, access.clock);
  const groups = policy.pools.flatMap((pool) => pool.groups);
  const names = groups.map((group) => group.name);
  const reservationIds = [...new Set(groups.flatMap((group) => reservationOf(group) ?? []))];

  return {
    async readGroups() {
      const at = access.clock.now();
      const [raws, reservations] = await Promise.all([
        describeGroups(autoScaling, names),
        readReservations(ec2, reservationIds),
      ]);
      const byName = new Map(raws.map((raw) => [raw.AutoScalingGroupName, raw]));
      const found = groups.flatMap((group): FoundGroup[] => {
        const raw = byName.get(group.name);
        return raw ? [{ group, raw }] : [];
      });
      const [times, shapes, failures] = await Promise.all([
        launchTimes(
          found.flatMap(({ raw }) => (raw.Instances ?? []).flatMap((each) => each.InstanceId ?? [])),
        ),
        shapesOf(found),
        launchFailures(autoScaling, found),
      ]);
      const statuses = found.map((each) => {
        const failure = failures.messages.get(each.group.name);
        const status = statusOf(each, times.of);
        const reservation = reservationOf(each.group);
        return {
          ...status,
          shapes: shapes.shapes.get(each.group.name) ?? [],
          reservedAvailable: reservation === null ? null : (reservations.available.get(reservation) ?? 0),
          ...(failure === undefined ? {} : { launchFailure: failure }),
        };
      });
      const gaps = [
        ...noneFound(access.region, groups, found),
        ...found.flatMap(brokenInstances),
        ...reservations.gaps,
        ...times.gaps,
        ...shapes.gaps,
        ...failures.gaps,
      ];
      return { at, groups: statuses, gaps };
    },
  };
}

/**
 * The reservation behind a reserved group: its name ends with the reservation's id, by the rule of
 * the configuration ("Auto Scaling groups of a pool").
 */
function reservationOf({ capacityType, name }: Group): string | null {
  return capacityType === "reserved" ? (/cr-[0-9a-f]{8,17}$/.exec(name)?.[0] ?? null) : null;
}

function statusOf(
  { group, raw }: FoundGroup,
  launchedAt: (id: string) => number,
): Omit<GroupStatus, "shapes" | "reservedAvailable" | "launchFailure"> {
  const instances = (raw.Instances ?? [])
    .map((each) => instanceFrom(each, launchedAt))
    .filter((each) => each !== null);
  return {
    name: group.name,
    desired: raw.DesiredCapacity ?? instances.length,
    min: raw.MinSize ?? 0,
    max: raw.MaxSize ?? group.maxNodes,
    instances,
    tags: tagsOf(raw),
  };
}

function tagsOf({ Tags = [] }: AutoScalingGroup): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const { Key, Value } of Tags) if (Key !== undefined) tags[Key] = Value ?? "";
  return tags;
}

/** For the groups whose desired capacity is above what exists: most often none. */
async function launchFailures(autoScaling: AutoScaling, found: readonly FoundGroup[]) {
  const messages = new Map<string, string>();
  const gaps: string[] = [];
  const unfilled = found.filter(
    ({ raw }) => (raw.DesiredCapacity ?? 0) > (raw.Instances ?? []).filter(isLive).length,
  );
  const reads = unfilled.map(async ({ group }) => {
    try {
      const message = await readLaunchFailure(autoScaling, group.name);
      if (message !== null) messages.set(group.name, message);
    } catch (error) {
      if (!(error instanceof AutoscalerError)) throw error;
      gaps.push(`why ${group.name} is below its desired capacity: ${error.message}`);
    }
  });
  await Promise.all(reads);
  return { messages, gaps };
}

/** One group that is missing is told where it is wanted; all of them missing is a wrong region. */
function noneFound(region: string, groups: readonly Group[], found: readonly FoundGroup[]): string[] {
  if (groups.length === 0 || found.length > 0) return [];
  return [
    `Auto Scaling in ${region} has none of the ${groups.length} groups of the configuration: deploy them, or correct the region or the account`,
  ];
}

function brokenInstances({ group, raw }: FoundGroup): string[] {
  const broken = (raw.Instances ?? []).filter((each) => !isWhole(each)).length;
  return broken === 0
    ? []
    : [`group ${group.name}: ${broken} instances without an id or a zone are left out`];
}
