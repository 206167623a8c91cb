import { createAwsPorts } from "@gpu-autoscaler/adapters";
import {
  NANO_DOLLARS_PER_DOLLAR,
  onDemandNanoDollarsPerHour,
  type Policy,
  ZONE_LABEL,
} from "@gpu-autoscaler/core";
import type { Aws } from "../e2e/aws/start-aws.ts";
import type { Load } from "./kubernetes-load.ts";

/** How the load tells which Auto Scaling group a node's instance is of. */
const GROUP_LABEL = "test/group";

/** The Auto Scaling groups of the policy, with prices. */
export async function createGroups(aws: Aws, { pools, region }: Policy): Promise<void> {
  const onDemand: Record<string, string> = {};
  const spot: Record<string, string> = {};
  for (const { name, instanceTypes, zones, maxNodes, capacityType } of pools.flatMap(
    ({ groups }) => groups,
  )) {
    await aws.createGroup({
      name,
      instanceTypes,
      zones,
      max: maxNodes,
      capacityType: capacityType === "spot" ? "spot" : "on-demand",
    });
    for (const type of instanceTypes) {
      const dollars = (onDemandNanoDollarsPerHour(type, region) ?? 0) / NANO_DOLLARS_PER_DOLLAR;
      onDemand[type] = dollars.toFixed(10);
      for (const zone of zones) spot[`${type}/${zone}`] = (dollars * 0.35).toFixed(6);
    }
  }
  aws.setPrices({ onDemand, spot });
}

export type AwsPorts = ReturnType<typeof createAwsPorts>;

/** Ports for what the bench itself does, however long moto takes. */
export function patientPorts({ region, endpoint, credentials }: Aws, policy: Policy): AwsPorts {
  const clock = { now: () => Date.now() };
  const limits = { attemptMs: 120_000, budgetMs: 240_000 };
  return createAwsPorts({ region, endpoint, credentials, clock, limits }, policy);
}

/** Launches an instance for each node of the load, in its group and zone; gives the load with their ids. */
export async function launchFleet({ capacityWriter }: AwsPorts, load: Load): Promise<Load> {
  const places = Map.groupBy(load.nodes, ({ metadata: { labels = {} } }) =>
    [labels[GROUP_LABEL], labels[ZONE_LABEL]].join(" "),
  );
  const idOf = new Map<string, string>();
  for (const [place, nodes] of places) {
    const [group = "", zone = ""] = place.split(" ");
    const token = `fleet-${group}-${zone}`;
    const { launched } = await capacityWriter.launchInstances({ group, zone, count: nodes.length, token });
    for (const [i, { metadata }] of nodes.entries()) idOf.set(metadata.name, launched[i]?.id ?? "");
  }
  const nodes = load.nodes.map((node) => {
    const { metadata, spec } = node;
    const providerID = `aws:///${metadata.labels?.[ZONE_LABEL]}/${idOf.get(metadata.name)}`;
    return { ...node, spec: { ...spec, providerID } };
  });
  return { ...load, nodes };
}
