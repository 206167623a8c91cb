import type { LaunchInstancesError } from "@aws-sdk/client-auto-scaling";
import * as z from "zod";
import { Refusal } from "./answer.ts";
import { groupNamed, startInstances } from "./groups.ts";
import type { AwsState } from "./state.ts";

const LaunchInput = z.object({
  AutoScalingGroupName: z.string(),
  RequestedCapacity: z.number(),
  ClientToken: z.string(),
  AvailabilityZones: z.array(z.string()).optional(),
  RetryStrategy: z.string().optional(),
});

const MOST_INSTANCES = 100;

/** LaunchInstances, as its user guide and reference tell of it. */
export async function launchInstances(state: AwsState, input: unknown): Promise<object> {
  const {
    AutoScalingGroupName: name,
    RequestedCapacity: count,
    ClientToken: token,
    ...rest
  } = LaunchInput.parse(input);
  const [zone] = rest.AvailabilityZones ?? [];
  const asked = JSON.stringify([zone, count, rest.RetryStrategy]);
  const key = `${name}/${token}`;
  const before = state.launches.get(key);
  if (before?.asked === asked) return before.output;
  if (before) throw new Refusal("IdempotentParameterMismatch", `token ${token} stood for another request`);

  const group = await groupNamed(state, name);
  if (rest.RetryStrategy !== "none")
    throw new Refusal("ValidationError", "only RetryStrategy none is played here");
  if (count > MOST_INSTANCES)
    throw new Refusal("ValidationError", `at most ${MOST_INSTANCES} instances a launch`);
  if (zone === undefined || !group.AvailabilityZones?.includes(zone)) {
    throw new Refusal("ValidationError", `The group does not have the Availability Zone ${zone}`);
  }
  const desired = group.DesiredCapacity ?? 0;
  if (desired + count > (group.MaxSize ?? 0)) {
    throw new Refusal(
      "ValidationError",
      `RequestedCapacity ${count} would exceed the MaxSize of ${group.MaxSize}`,
    );
  }
  const { ids, refused } = await startInstances(state, group, zone, count);
  const launched = [...ids.values()].reduce((sum, some) => sum + some.length, 0);
  if (launched > 0) state.desired.set(name, desired + launched);
  const market = marketOf(
    group.MixedInstancesPolicy?.InstancesDistribution?.OnDemandPercentageAboveBaseCapacity,
  );
  const output = {
    AutoScalingGroupName: name,
    ClientToken: token,
    Instances: [...ids].map(([InstanceType, InstanceIds]) => ({
      InstanceType,
      MarketType: market,
      AvailabilityZone: zone,
      InstanceIds,
    })),
    Errors: launched < count ? [...refused].map(([type, code]) => errorOf(type, code, zone, market)) : [],
  };
  state.launches.set(key, { asked, output });
  return output;
}

function errorOf(type: string, code: string, zone: string, market: string): LaunchInstancesError {
  return {
    InstanceType: type,
    MarketType: market,
    AvailabilityZone: zone,
    ErrorCode: code,
    ErrorMessage: lackingMessage(type, zone),
  };
}

/** EC2's own words, which asynchronous launches leave in scaling activities. */
export function lackingMessage(type: string, zone: string): string {
  return `We currently do not have sufficient ${type} capacity in the Availability Zone you requested (${zone}). Our system will be working on provisioning additional capacity.`;
}

function marketOf(onDemandPercentage: number | undefined): string {
  return onDemandPercentage === 0 ? "spot" : "on-demand";
}
