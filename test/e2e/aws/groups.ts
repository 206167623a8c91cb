import {
  AttachInstancesCommand,
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
  DetachInstancesCommand,
  type Instance,
} from "@aws-sdk/client-auto-scaling";
import {
  DescribeLaunchTemplateVersionsCommand,
  DescribeSubnetsCommand,
  _InstanceType as InstanceTypes,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import * as z from "zod";
import { Refusal } from "./answer.ts";
import { type AwsState, takeCapacity } from "./state.ts";

const DescribeInput = z.object({
  AutoScalingGroupNames: z.array(z.string()).optional(),
  MaxRecords: z.number().optional(),
  NextToken: z.string().optional(),
});

/** moto's answer, with the desired capacity and the ending instances that are remembered here. */
export async function describeAutoScalingGroups(state: AwsState, input: unknown): Promise<object> {
  const asked = DescribeInput.parse(input);
  if ((asked.AutoScalingGroupNames?.length ?? 0) > (asked.MaxRecords ?? 50)) {
    throw new Refusal("ValidationError", "more names than MaxRecords allows");
  }
  const { AutoScalingGroups = [], NextToken } = await state.moto.autoScaling.send(
    new DescribeAutoScalingGroupsCommand(asked),
  );
  return { AutoScalingGroups: AutoScalingGroups.map((group) => asItIs(state, group)), NextToken };
}

function asItIs(state: AwsState, group: AutoScalingGroup): AutoScalingGroup {
  const name = group.AutoScalingGroupName ?? "";
  const ending = (state.terminating.get(name) ?? []).map(({ instance }) => instance);
  return {
    ...group,
    DesiredCapacity: state.desired.get(name) ?? group.DesiredCapacity,
    Instances: [...(group.Instances ?? []), ...ending],
  };
}

/** The group without what is ending. */
export async function groupNamed(state: AwsState, name: string): Promise<AutoScalingGroup> {
  const { AutoScalingGroups: [group] = [] } = await state.moto.autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
  );
  if (!group) throw new Refusal("ValidationError", `AutoScalingGroup name not found - ${name}`);
  return { ...group, DesiredCapacity: state.desired.get(name) ?? group.DesiredCapacity };
}

/** What a group launches: its overrides, else its launch template's type. */
export async function instanceTypesOf(state: AwsState, group: AutoScalingGroup): Promise<readonly string[]> {
  const overrides = group.MixedInstancesPolicy?.LaunchTemplate?.Overrides ?? [];
  const types = overrides.flatMap(({ InstanceType }) => InstanceType ?? []);
  if (types.length > 0) return types;
  const named =
    group.LaunchTemplate ?? group.MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification ?? {};
  const { LaunchTemplateVersions: [version] = [] } = await state.moto.ec2.send(
    new DescribeLaunchTemplateVersionsCommand({
      LaunchTemplateId: named.LaunchTemplateId,
      Versions: [named.Version ?? "$Default"],
    }),
  );
  return [version?.LaunchTemplateData?.InstanceType ?? "t3.micro"];
}

/** What EC2 started, and what it refused, by type. */
export interface Started {
  readonly ids: ReadonlyMap<string, readonly string[]>;
  readonly refused: ReadonlyMap<string, string>;
}

/** Starts instances of a group in a zone, of the first of its types that EC2 has. */
export async function startInstances(
  state: AwsState,
  group: AutoScalingGroup,
  zone: string,
  count: number,
): Promise<Started> {
  const name = group.AutoScalingGroupName ?? "";
  const types = await instanceTypesOf(state, group);
  const wanted = new Map<string, number>();
  const refused = new Map<string, string>();
  for (let i = 0; i < count; i++) {
    const type = types.find((each) => {
      const code = takeCapacity(state, zone, each);
      if (code !== null) refused.set(each, code);
      return code === null;
    });
    if (type !== undefined) wanted.set(type, (wanted.get(type) ?? 0) + 1);
  }
  const ids = new Map<string, readonly string[]>();
  for (const [type, howMany] of wanted) {
    ids.set(type, await runInGroup(state, name, await subnetIn(state, group, zone), type, howMany));
  }
  return { ids, refused };
}

async function runInGroup(
  { moto }: AwsState,
  group: string,
  subnet: string,
  type: string,
  count: number,
): Promise<readonly string[]> {
  const run = await moto.ec2.send(
    new RunInstancesCommand({
      ImageId: IMAGE,
      InstanceType: instanceTypeNamed(type),
      SubnetId: subnet,
      MinCount: count,
      MaxCount: count,
    }),
  );
  const ids = (run.Instances ?? []).flatMap(({ InstanceId }) => InstanceId ?? []);
  await moto.autoScaling.send(new AttachInstancesCommand({ AutoScalingGroupName: group, InstanceIds: ids }));
  return ids;
}

/** Throws for a name that the SDK does not know. */
export function instanceTypeNamed(name: string) {
  const known = Object.values(InstanceTypes).find((each) => each === name);
  if (known) return known;
  throw new Error(`the SDK knows no instance type ${name}`);
}

/** One that moto knows. */
export const IMAGE = "ami-12c6146b";

async function subnetIn({ moto }: AwsState, group: AutoScalingGroup, zone: string): Promise<string> {
  const ids = (group.VPCZoneIdentifier ?? "").split(",").filter(Boolean);
  const { Subnets = [] } = await moto.ec2.send(new DescribeSubnetsCommand({ SubnetIds: ids }));
  const subnet = Subnets.find(({ AvailabilityZone }) => AvailabilityZone === zone);
  if (!subnet?.SubnetId) {
    throw new Refusal("ValidationError", `group ${group.AutoScalingGroupName} has no subnet in ${zone}`);
  }
  return subnet.SubnetId;
}

/** Ends instances of a group, which lists them as ending for a while. Desired capacity is the caller's. */
export async function endInstances(
  state: AwsState,
  group: AutoScalingGroup,
  instances: readonly Instance[],
): Promise<void> {
  const name = group.AutoScalingGroupName ?? "";
  const ids = instances.flatMap(({ InstanceId }) => InstanceId ?? []);
  if (ids.length === 0) return;
  await state.moto.autoScaling.send(
    new DetachInstancesCommand({
      AutoScalingGroupName: name,
      InstanceIds: ids,
      ShouldDecrementDesiredCapacity: true,
    }),
  );
  await state.moto.ec2.send(new TerminateInstancesCommand({ InstanceIds: ids }));
  const until = Date.now() + state.terminateAfterMs;
  const ending = instances.map((each) => ({
    instance: { ...each, LifecycleState: "Terminating" as const },
    until,
  }));
  state.terminating.set(name, [...(state.terminating.get(name) ?? []), ...ending]);
}
