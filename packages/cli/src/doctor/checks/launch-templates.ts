import type { GroupSettings } from "@gpu-autoscaler/adapters/inspection";
import type { Group } from "@gpu-autoscaler/core";
import type { Examined } from "../examined.ts";
import { type Finding, failure, unchecked } from "../finding.ts";

/** A template with network interfaces takes no subnet beside them, as a group gives it: it cannot be tried alone. */
const NOT_ALONE = "InvalidParameterCombination";

/** Whether EC2 would launch by the group's template: asked with DryRun, nothing is launched. */
export async function launchFindings(
  of: Examined,
  { instanceTypes }: Group,
  { name, launchTemplate, subnets }: GroupSettings,
): Promise<Finding[]> {
  if (launchTemplate === null) return [];
  const place = `group ${name}`;
  const error = await of.aws.rehearseLaunch({
    template: launchTemplate,
    subnet: subnets[0] ?? null,
    instanceType: instanceTypes[0] ?? null,
  });
  if (error === null) return [];
  if (error.code === "aws-access-denied") {
    const message = "its launch template is not tried: you may not call ec2:RunInstances, with DryRun";
    return [unchecked(place, message)];
  }
  if (error.code === NOT_ALONE) {
    return [unchecked(place, `its launch template cannot be tried alone: ${error.message}`)];
  }
  const mend = `correct launch template ${launchTemplate.id}, version ${launchTemplate.version}`;
  return [failure(place, `EC2 would not launch by its template: ${error.message}`, mend)];
}
