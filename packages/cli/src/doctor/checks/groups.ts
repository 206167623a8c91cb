import type { GroupSettings } from "@gpu-autoscaler/adapters/inspection";
import { type Group, listed } from "@gpu-autoscaler/core";
import type { Examined } from "../examined.ts";
import { type Finding, failure, ok, warning } from "../finding.ts";
import { launchFindings } from "./launch-templates.ts";
import { discoveryTags } from "./other-autoscalers.ts";

/** Whether each group is there, is what the configuration says, and is nobody else's to scale. */
export async function checkGroups(of: Examined): Promise<readonly Finding[]> {
  const { cluster, region } = of.policy;
  const settings = new Map((await of.settings()).map((each) => [each.name, each]));
  const missing = of.configured.filter(({ name }) => !settings.has(name));
  const own = of.configured.filter(({ adopted }) => !adopted);
  const areAllToCome = own.length > 0 && own.every((group) => missing.includes(group));
  const findings = areAllToCome ? [notDeployed(region, own)] : [];
  for (const group of of.configured) {
    const found = settings.get(group.name);
    if (found)
      findings.push(...groupFindings(cluster, group, found), ...(await launchFindings(of, group, found)));
    else if (group.adopted || !areAllToCome) findings.push(missingGroup(group));
  }
  return findings;
}

function notDeployed(region: string, own: readonly Group[]): Finding {
  const names = listed(own.map(({ name }) => name));
  return warning(
    "groups",
    `none of the ${own.length} groups of the configuration exists in ${region} (${names})`,
    "sst deploy makes them; if it did, correct the region or the account",
  );
}

function missingGroup({ name, adopted, pool }: Group): Finding {
  const mend = adopted
    ? "correct autoScalingGroup in the configuration, or the region or the account"
    : "run sst deploy again: the configuration has changed since";
  return failure(`group ${name}`, `does not exist; pool ${pool} has it`, mend);
}

/** What is not as it should be; one "ok" where all is. */
function groupFindings(cluster: string, group: Group, found: GroupSettings): Finding[] {
  const place = `group ${group.name}`;
  const wrong = [
    ...mismatches(group, found),
    ...switches(group, found),
    ...claims(cluster, group, found),
  ].map(({ isGrave, message, mend }) => (isGrave ? failure : warning)(place, message, mend));
  return wrong.length > 0 ? wrong : [ok(place, "is as the configuration has it, and ours alone")];
}

interface Wrong {
  readonly isGrave: boolean;
  readonly message: string;
  readonly mend: string;
}

const REDEPLOY = "run sst deploy again, which sets it right";

/** Types, zones, capacity type and size. */
function mismatches(
  group: Group,
  { instanceTypes, zones, distribution, max, launchTemplate }: GroupSettings,
): Wrong[] {
  const mend = group.adopted ? "correct the pool's adopt entry, or the group" : REDEPLOY;
  const wrong: Wrong[] = [];
  const add = (isGrave: boolean, message: string) => wrong.push({ isGrave, message, mend });
  if (launchTemplate === null && !group.adopted)
    add(true, "has no launch template: LaunchInstances needs one");
  const types = instanceTypes ?? group.instanceTypes;
  const differ = [
    ...difference(types, group.instanceTypes).map((type) => `launches ${type} besides`),
    ...difference(group.instanceTypes, types).map((type) => `lacks ${type}`),
  ];
  if (differ.length > 0) add(true, `instance types are not the configuration's: ${listed(differ)}`);
  const unserved = difference(group.zones, zones);
  if (unserved.length > 0) add(true, `has no subnet in ${unserved.join(", ")}, which the configuration has`);
  if (max < group.maxNodes)
    add(false, `its MaxSize ${max} is below the configuration's maxNodes ${group.maxNodes}`);
  const told = distribution && capacityTypeOf(distribution);
  if (told !== null && group.capacityType !== "reserved" && told !== group.capacityType) {
    add(true, `is ${told}, and the configuration has ${group.capacityType}`);
  }
  if (group.capacityType === "spot" && distribution && distribution.spotAllocation !== SPOT_ALLOCATION) {
    add(false, `its Spot allocation strategy is ${distribution.spotAllocation}, not ${SPOT_ALLOCATION}`);
  }
  return wrong;
}

const SPOT_ALLOCATION = "price-capacity-optimized";

function capacityTypeOf({
  onDemandBase,
  onDemandPercentage,
}: NonNullable<GroupSettings["distribution"]>): string {
  if (onDemandPercentage === 100) return "on-demand";
  return onDemandPercentage === 0 && onDemandBase === 0 ? "spot" : "part on-demand, part spot";
}

/** No other hand of AWS starts or ends a node of the group. Grave for ours, which are deployed so. */
function switches(group: Group, found: GroupSettings): Wrong[] {
  const wrong: Wrong[] = [];
  const isGrave = !group.adopted;
  const add = (message: string, byHand: string) =>
    wrong.push({ isGrave, message, mend: group.adopted ? `${byHand} ${group.name}` : REDEPLOY });
  for (const process of ["AZRebalance", "ReplaceUnhealthy"]) {
    if (found.suspended.includes(process)) continue;
    add(
      `${process} is not suspended: Auto Scaling ends nodes by itself`,
      `aws autoscaling suspend-processes --scaling-processes ${process} --auto-scaling-group-name`,
    );
  }
  if (found.rebalancesCapacity)
    add(
      "capacity rebalancing is on: Auto Scaling ends Spot nodes by itself",
      "aws autoscaling update-auto-scaling-group --no-capacity-rebalance --auto-scaling-group-name",
    );
  if (!found.protectsFromScaleIn)
    add(
      "new instances are not protected from scale-in: a lower desired capacity ends any of them",
      "aws autoscaling update-auto-scaling-group --new-instances-protected-from-scale-in --auto-scaling-group-name",
    );
  if (found.isWeighted)
    wrong.push({
      isGrave: true,
      message: "its instance types have weights: capacity is no longer a number of nodes",
      mend: group.adopted ? "take WeightedCapacity out of its overrides" : REDEPLOY,
    });
  if (found.terminationHooks.length > 0)
    wrong.push({
      isGrave: false,
      message: `lifecycle hooks hold up its terminations (${listed(found.terminationHooks)})`,
      mend: "remove them: nodes are drained before they are ended",
    });
  return wrong;
}

/** The functions may change groups by this tag alone. */
const CLUSTER_TAG = "gpu-autoscaler.io/cluster";

/** Who may scale the group, and who else does. */
function claims(cluster: string, { adopted }: Group, { name, tags }: GroupSettings): Wrong[] {
  const wrong: Wrong[] = [];
  if (!adopted && tags[CLUSTER_TAG] !== cluster) {
    const message = `lacks the tag ${CLUSTER_TAG}=${cluster}: the functions may not change it`;
    wrong.push({ isGrave: true, message, mend: REDEPLOY });
  }
  const discovered = discoveryTags(tags);
  if (discovered.length > 0) {
    const mend = `aws autoscaling delete-tags --tags ${discovered.map((key) => `ResourceId=${name},ResourceType=auto-scaling-group,Key=${key}`).join(" ")}`;
    const message = `bears Cluster Autoscaler's discovery tags (${discovered.join(", ")}): two autoscalers would scale it`;
    wrong.push({ isGrave: true, message, mend });
  }
  const managed = tags["eks:nodegroup-name"];
  if (managed !== undefined) {
    const message = `belongs to the EKS managed node group ${managed}: EKS drains its Spot nodes itself, and passes over PodDisruptionBudgets after 15 min`;
    wrong.push({ isGrave: false, message, mend: "give the pool groups of its own where that matters" });
  }
  return wrong;
}

function difference(some: readonly string[], others: readonly string[]): string[] {
  return some.filter((each) => !others.includes(each));
}
