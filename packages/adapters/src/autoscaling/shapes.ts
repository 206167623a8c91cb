import type { AutoScalingGroup, LaunchTemplateSpecification } from "@aws-sdk/client-auto-scaling";
import {
  AutoscalerError,
  type Clock,
  type Group,
  type InstanceShape,
  ROOT_VOLUME_BYTES,
  shapeOf,
} from "@gpu-autoscaler/core";
import type { Ec2 } from "../ec2/ec2.ts";
import { createInstanceTypes } from "../ec2/instance-types.ts";
import { createLaunchTemplates, type LaunchTemplate } from "../ec2/launch-templates.ts";

/** A group of the configuration as AWS has it. */
export interface FoundGroup {
  readonly group: Group;
  readonly raw: AutoScalingGroup;
}

interface Shapes {
  /** By group. */
  readonly shapes: ReadonlyMap<string, readonly InstanceShape[]>;
  readonly gaps: readonly string[];
}

const UNTOLD: LaunchTemplate = { instanceType: null, rootVolumeBytes: null };

/**
 * The shapes of groups' new nodes, from EC2's instance types. Our own groups launch what the
 * configuration says; of an adopted one its overrides and launch template tell the instance types
 * and the root volume.
 */
export function createShapes(ec2: Ec2, clock: Clock): (groups: readonly FoundGroup[]) => Promise<Shapes> {
  const instanceTypes = createInstanceTypes(ec2, clock);
  const launchTemplates = createLaunchTemplates(ec2, clock);

  return async (groups) => {
    const made = await Promise.all(groups.map(madeOf));
    const { of, gaps } = await instanceTypes([...new Set(made.flatMap((each) => each.types))]);
    const shapes = new Map<string, readonly InstanceShape[]>();
    for (const { group, types, rootVolumeBytes } of made) {
      const known = types.flatMap((name) => of(name) ?? []);
      shapes.set(
        group.name,
        known.map((type) => shapeOf(type, rootVolumeBytes)),
      );
    }
    return { shapes, gaps: [...gaps, ...made.flatMap((each) => each.gap ?? [])] };
  };

  async function madeOf({ group, raw }: FoundGroup) {
    const configured = { group, types: group.instanceTypes, rootVolumeBytes: ROOT_VOLUME_BYTES, gap: null };
    if (!group.adopted) return configured;
    const { template, problem } = await templateOf(raw);
    const overrides = raw.MixedInstancesPolicy?.LaunchTemplate?.Overrides ?? [];
    const overridden = overrides.flatMap(({ InstanceType }) => InstanceType ?? []);
    const told = overridden.length > 0 ? overridden : (template.instanceType ?? []);
    const types = [told].flat();
    return {
      group,
      types: types.length > 0 ? types : group.instanceTypes,
      rootVolumeBytes: template.rootVolumeBytes ?? ROOT_VOLUME_BYTES,
      gap: problem ?? disagreement(group, types),
    };
  }

  async function templateOf(raw: AutoScalingGroup): Promise<{ template: LaunchTemplate; problem?: string }> {
    const named: LaunchTemplateSpecification | undefined =
      raw.LaunchTemplate ?? raw.MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification;
    if (named?.LaunchTemplateId === undefined) return { template: UNTOLD };
    try {
      const version = { id: named.LaunchTemplateId, version: named.Version ?? "$Default" };
      return { template: await launchTemplates(version) };
    } catch (error) {
      if (!(error instanceof AutoscalerError)) throw error;
      const problem = `launch template of ${raw.AutoScalingGroupName}, in whose place the configuration stands: ${error.message}`;
      return { template: UNTOLD, problem };
    }
  }
}

/** Prices go by the configuration, so it should name what the group launches. */
function disagreement({ name, instanceTypes }: Group, types: readonly string[]): string | null {
  const others = types.filter((type) => !instanceTypes.includes(type));
  return others.length === 0
    ? null
    : `group ${name} launches ${others.join(", ")}, of which the configuration does not know: add it to the group's instanceTypes`;
}
