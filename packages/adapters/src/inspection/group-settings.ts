import { type AutoScalingGroup, DescribeLifecycleHooksCommand } from "@aws-sdk/client-auto-scaling";
import type { AutoScaling } from "../autoscaling/auto-scaling.ts";
import { describeGroups } from "../autoscaling/describe-groups.ts";

/** How an Auto Scaling group is set up, as far as another hand than ours could start or end its nodes. */
export interface GroupSettings {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly zones: readonly string[];
  /** Ids. */
  readonly subnets: readonly string[];
  /** Of its overrides; null where it has none and its launch template tells. */
  readonly instanceTypes: readonly string[] | null;
  readonly isWeighted: boolean;
  /** null without a mixed instances policy. */
  readonly distribution: {
    readonly onDemandBase: number;
    readonly onDemandPercentage: number;
    readonly spotAllocation: string;
  } | null;
  /** null where it has a launch configuration, which `LaunchInstances` refuses. */
  readonly launchTemplate: { readonly id: string; readonly version: string } | null;
  readonly suspended: readonly string[];
  readonly protectsFromScaleIn: boolean;
  readonly rebalancesCapacity: boolean;
  /** Names of hooks that hold up terminations. */
  readonly terminationHooks: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

/** The groups of these names that exist. Throws what `awsError` says. */
export async function readGroupSettings(
  autoScaling: AutoScaling,
  names: readonly string[],
): Promise<readonly GroupSettings[]> {
  const settings: GroupSettings[] = [];
  for (const group of await describeGroups(autoScaling, names)) {
    // One after the other: Auto Scaling throttles an account's reads together.
    settings.push(settingsOf(group, await terminationHooks(autoScaling, group.AutoScalingGroupName ?? "")));
  }
  return settings;
}

async function terminationHooks({ client, call }: AutoScaling, group: string): Promise<string[]> {
  const { LifecycleHooks = [] } = await call("DescribeLifecycleHooks", (options) =>
    client.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName: group }), options),
  );
  return LifecycleHooks.flatMap(({ LifecycleTransition, LifecycleHookName = "" }) =>
    LifecycleTransition === "autoscaling:EC2_INSTANCE_TERMINATING" ? LifecycleHookName : [],
  );
}

/** Defaults of a distribution that is left out: "InstancesDistribution" of the Auto Scaling API reference. */
const DEFAULTS = { onDemandBase: 0, onDemandPercentage: 100, spotAllocation: "lowest-price" };

function settingsOf(group: AutoScalingGroup, hooks: readonly string[]): GroupSettings {
  const mixed = group.MixedInstancesPolicy;
  const overrides = mixed?.LaunchTemplate?.Overrides ?? [];
  const types = overrides.flatMap(({ InstanceType }) => InstanceType ?? []);
  const of = mixed?.InstancesDistribution;
  const template = group.LaunchTemplate ?? mixed?.LaunchTemplate?.LaunchTemplateSpecification;
  const id = template?.LaunchTemplateId;
  return {
    name: group.AutoScalingGroupName ?? "",
    min: group.MinSize ?? 0,
    max: group.MaxSize ?? 0,
    zones: group.AvailabilityZones ?? [],
    subnets: (group.VPCZoneIdentifier ?? "").split(",").filter(Boolean),
    instanceTypes: types.length > 0 ? types : null,
    isWeighted: overrides.some(({ WeightedCapacity }) => WeightedCapacity !== undefined),
    distribution: mixed
      ? {
          onDemandBase: of?.OnDemandBaseCapacity ?? DEFAULTS.onDemandBase,
          onDemandPercentage: of?.OnDemandPercentageAboveBaseCapacity ?? DEFAULTS.onDemandPercentage,
          spotAllocation: of?.SpotAllocationStrategy ?? DEFAULTS.spotAllocation,
        }
      : null,
    launchTemplate: id === undefined ? null : { id, version: template?.Version ?? "$Default" },
    suspended: (group.SuspendedProcesses ?? []).flatMap(({ ProcessName }) => ProcessName ?? []),
    protectsFromScaleIn: group.NewInstancesProtectedFromScaleIn ?? false,
    rebalancesCapacity: group.CapacityRebalance ?? false,
    terminationHooks: hooks,
    tags: Object.fromEntries((group.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value])),
  };
}
