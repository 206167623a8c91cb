import { type Group, instanceType, type Policy } from "@gpu-autoscaler/core";
import type { Examined } from "../examined.ts";
import { type Finding, failure, ok, unchecked, warning } from "../finding.ts";

/** Whether EC2 offers the configured instance types in the configured zones, and which quotas they need. */
export async function checkConfiguration(of: Examined): Promise<readonly Finding[]> {
  const types = [...new Set(of.configured.flatMap(({ instanceTypes }) => instanceTypes))];
  const offered = await of.aws.offeredZones(types);
  const wrong = of.configured.flatMap((group) => notOffered(group, offered));
  return [
    ...(wrong.length > 0
      ? wrong
      : [ok("configuration", `EC2 offers ${types.join(", ")} in every zone that they are wanted in`)]),
    quotas(of.policy),
  ];
}

function notOffered(group: Group, offered: ReadonlyMap<string, readonly string[]>): Finding[] {
  return group.instanceTypes.flatMap((type) => {
    const place = `group ${group.name}`;
    const zones = offered.get(type) ?? [];
    const lacking = group.zones.filter((zone) => !zones.includes(zone));
    if (lacking.length === 0) return [];
    const where =
      zones.length > 0 ? `EC2 has it in ${[...zones].sort().join(", ")}` : "EC2 has it nowhere in the region";
    const severity = lacking.length === group.zones.length ? failure : warning;
    return [
      severity(
        place,
        `${type} is not offered in ${lacking.join(", ")}`,
        `${where}: correct zones or instanceTypes`,
      ),
    ];
  });
}

/** vCPUs that all nodes up to maxNodes need of each quota, each pool by its largest type. */
function quotas({ pools }: Policy): Finding {
  const needed = new Map<string, number>();
  for (const { groups, maxNodes } of pools) {
    const largest = new Map<string, number>();
    for (const { capacityType, instanceTypes } of groups) {
      for (const type of capacityType === "reserved" ? [] : instanceTypes) {
        const quota = quotaOf(type, capacityType === "spot");
        largest.set(quota, Math.max(largest.get(quota) ?? 0, instanceType(type)?.vcpus ?? 0));
      }
    }
    for (const [quota, vcpus] of largest) needed.set(quota, (needed.get(quota) ?? 0) + vcpus * maxNodes);
  }
  const texts = [...needed].map(([quota, vcpus]) => `"${quota}" ${vcpus.toLocaleString("en-US")} vCPUs`);
  return unchecked(
    "EC2 quotas",
    `they are not read; all nodes up to maxNodes of the largest types would need ${texts.join(", ")}`,
    "compare them with Service Quotas, Amazon EC2",
  );
}

/** As EC2 names them: "On-Demand Instance quotas" and "Spot Instance quotas" of its user guide. */
function quotaOf(type: string, isSpot: boolean): string {
  const family = /^p\d/.exec(type)?.[0];
  if (family === undefined)
    return isSpot ? "All G and VT Spot Instance Requests" : "Running On-Demand G and VT instances";
  if (!isSpot) return "Running On-Demand P instances";
  return ["p2", "p3", "p4"].includes(family)
    ? "All P4, P3 and P2 Spot Instance Requests"
    : `All ${family.toUpperCase()} Spot Instance Requests`;
}
