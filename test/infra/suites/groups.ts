import { type Config, parseConfig, policyOf } from "@gpu-autoscaler/core";
import { expect, test } from "vitest";
import { CAPACITY_BLOCK, ODCR, TWO_CLUSTERS } from "../configurations.ts";
import type { Deployed } from "../deployed.ts";
import { allOf, type Graph, inputsOf } from "../graph.ts";

const GROUP = "aws:autoscaling/group:Group";
const TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";

const group = (graph: Graph, name: string) => inputsOf(graph, GROUP, name);
const templateOf = (graph: Graph, name: string) => inputsOf(graph, TEMPLATE, `${name}-template`);

/** What the planner looks for. */
function groupsPlannedFor(config: Config, adopted: boolean): string[] {
  const pools = config.clusters.flatMap(({ name }) => policyOf(config, name).pools);
  const groups = pools.flatMap((pool) => pool.groups.filter((each) => each.adopted === adopted));
  return groups.map(({ name }) => name).sort();
}

export function groupsSuite(deployed: () => Deployed): void {
  test("are those that the planner looks for, by name, and none of those that it adopts", () => {
    const config = parseConfig(TWO_CLUSTERS);
    const made = allOf(deployed().two, GROUP).map(({ inputs }) => String(inputs.name));
    expect(made.sort()).toEqual(groupsPlannedFor(config, false));
    expect(groupsPlannedFor(config, true)).toEqual(["eks-legacy-workers"]);
    expect(allOf(deployed().settled, GROUP)).toEqual([]);
  });

  test("are the planner's alone: nothing else starts or ends an instance", () => {
    const groups = allOf(deployed().two, GROUP);
    expect(groups.length).toBeGreaterThan(8);
    for (const { inputs } of groups) {
      expect(inputs).toMatchObject({
        suspendedProcesses: ["AZRebalance", "ReplaceUnhealthy"],
        capacityRebalance: false,
        protectFromScaleIn: true,
        minSize: 0,
        waitForCapacityTimeout: "0",
      });
      // A desired capacity of the deploy's would undo the planner's.
      expect(inputs).not.toHaveProperty("desiredCapacity");
      expect(inputs).not.toHaveProperty("initialLifecycleHooks");
      expect(JSON.stringify(inputs)).not.toMatch(/cluster-autoscaler|weightedCapacity/);
    }
    expect(allOf(deployed().two, "aws:autoscaling/lifecycleHook:LifecycleHook")).toEqual([]);
  });

  test.each([
    { name: "production-l4-on-demand-4x16", types: ["g6.xlarge"], onDemand: 100 },
    { name: "production-l4-spot-8x32", types: ["g6.2xlarge"], onDemand: 0 },
    { name: "production-l4-spot-16x128", types: ["gr6.4xlarge"], onDemand: 0 },
  ])("$name buys one capacity type", ({ name, types, onDemand }) => {
    expect(group(deployed().two, name).mixedInstancesPolicy).toEqual({
      instancesDistribution: {
        onDemandBaseCapacity: 0,
        onDemandPercentageAboveBaseCapacity: onDemand,
        onDemandAllocationStrategy: "lowest-price",
        spotAllocationStrategy: "price-capacity-optimized",
      },
      launchTemplate: {
        launchTemplateSpecification: { launchTemplateId: expect.any(String), version: "7" },
        overrides: types.map((instanceType) => ({ instanceType })),
      },
    });
    expect(templateOf(deployed().two, name)).not.toHaveProperty("instanceMarketOptions");
  });

  test("launch in private subnets of their own zones, up to the pool's maximum", () => {
    const { two } = deployed();
    expect(group(two, "production-l4-spot-4x16")).toMatchObject({
      vpcZoneIdentifiers: ["subnet-a1", "subnet-b1"],
      maxSize: 40,
    });
    expect(group(two, "production-inference-spot-4x16")).toMatchObject({
      vpcZoneIdentifiers: ["subnet-b1"],
      maxSize: 20,
    });
  });

  test("of a reservation launch into it and nowhere else; a Capacity Block as one", () => {
    const { two } = deployed();
    const odcr = `production-h100-reserved-${ODCR}`;
    const block = `production-h100-reserved-${CAPACITY_BLOCK}`;
    expect(group(two, odcr)).toMatchObject({
      vpcZoneIdentifiers: ["subnet-a1"],
      launchTemplate: { version: "7" },
    });
    expect(group(two, block).vpcZoneIdentifiers).toEqual(["subnet-b1"]);
    expect(group(two, odcr)).not.toHaveProperty("mixedInstancesPolicy");
    expect(templateOf(two, odcr)).toMatchObject({
      instanceType: "p5.48xlarge",
      capacityReservationSpecification: { capacityReservationTarget: { capacityReservationId: ODCR } },
    });
    expect(templateOf(two, odcr)).not.toHaveProperty("instanceMarketOptions");
    expect(templateOf(two, block)).toMatchObject({
      capacityReservationSpecification: {
        capacityReservationTarget: { capacityReservationId: CAPACITY_BLOCK },
      },
      instanceMarketOptions: { marketType: "capacity-block" },
    });
    // What is bought On-Demand does not use the reservation up.
    expect(templateOf(two, "production-h100-on-demand-192x2048")).toMatchObject({
      capacityReservationSpecification: { capacityReservationPreference: "none" },
    });
  });
}
