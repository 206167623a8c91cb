import type { ConfigInput } from "@gpu-autoscaler/core";
import type { WorldInput } from "./world.ts";

/** A reservation without an end and a Capacity Block, which ends. */
export const ODCR = "cr-0aaaaaaaaaaaaaaa0";
export const CAPACITY_BLOCK = "cr-0bbbbbbbbbbbbbbb0";

type ClusterInput = ConfigInput["clusters"][number];

/** Open to all, with pools of every kind. */
const production: ClusterInput = {
  name: "production",
  region: "us-east-1",
  zones: ["us-east-1a", "us-east-1b"],
  pools: [
    { name: "l4", instanceTypes: ["g6.xlarge", "g6.2xlarge", "gr6.4xlarge"], maxNodes: 40 },
    {
      name: "h100",
      instanceTypes: ["p5.48xlarge"],
      capacityTypes: ["on-demand"],
      capacityReservations: [
        { id: ODCR, instanceType: "p5.48xlarge", zone: "us-east-1a" },
        {
          id: CAPACITY_BLOCK,
          instanceType: "p5.48xlarge",
          zone: "us-east-1b",
          endsAt: "2027-03-01T11:30:00Z",
        },
      ],
      labels: { "example.com/interconnect": "efa" },
      taints: [{ key: "example.com/training", value: "true", effect: "NoSchedule" }],
      sharing: { mig: { strategy: "single", profiles: { "1g.10gb": 7 } } },
      maxNodes: 4,
    },
    {
      name: "inference",
      instanceTypes: ["g6.xlarge"],
      capacityTypes: ["spot"],
      zones: ["us-east-1b"],
      sharing: { timeSlicing: { replicas: 4 } },
      maxNodes: 20,
    },
    {
      name: "rock",
      image: "bottlerocket",
      instanceTypes: ["g5g.xlarge"],
      capacityTypes: ["spot"],
      sharing: { timeSlicing: { replicas: 2, renameByDefault: false } },
      taints: [{ key: "nvidia.com/gpu", effect: "NoSchedule" }],
      maxNodes: 3,
    },
    {
      name: "legacy",
      adopt: [
        { autoScalingGroup: "eks-legacy-workers", capacityType: "on-demand", instanceTypes: ["g5.xlarge"] },
      ],
      maxNodes: 6,
    },
  ],
};

/** Within its VPC only, measured into a workspace that is there already. */
const research: ClusterInput = {
  name: "research",
  region: "us-east-1",
  zones: ["us-east-1a", "us-east-1b"],
  metrics: { workspaceId: "ws-11111111-2222-3333-4444-555555555555" },
  network: { securityGroups: ["sg-0cccccccc"] },
  staleAfter: "5m",
  pools: [{ name: "l4", instanceTypes: ["g6.xlarge"], capacityTypes: ["on-demand"], maxNodes: 400 }],
};

export const TWO_CLUSTERS: ConfigInput = { clusters: [production, research] };

/** Nothing is made that is there already: neither groups, workspace, rules, scraper nor endpoints. */
export const ALL_THERE: ConfigInput = {
  clusters: [
    {
      name: "settled",
      region: "us-east-1",
      zones: ["us-east-1a"],
      metrics: { workspaceId: "ws-99999999-aaaa", scraper: false, recordingRules: false },
      network: { vpcEndpoints: false },
      pools: [
        {
          name: "legacy",
          adopt: [{ autoScalingGroup: "workers", capacityType: "spot", instanceTypes: ["g5.xlarge"] }],
          maxNodes: 6,
        },
      ],
    },
  ],
};

/** The account in which all of them are deployed. */
export const WORLD: WorldInput = {
  clusters: {
    // The first zone has a public subnet beside its private one.
    production: { vpcId: "vpc-0aaaaaaaa", subnetIds: ["subnet-a1", "subnet-a2", "subnet-b1"] },
    research: { vpcId: "vpc-0bbbbbbbb", subnetIds: ["subnet-c1", "subnet-d1"], publicAccess: false },
    settled: { subnetIds: ["subnet-a1"], publicAccessCidrs: ["203.0.113.0/24"] },
    old: { subnetIds: ["subnet-a1"], authenticationMode: "CONFIG_MAP" },
  },
  subnets: {
    "subnet-a1": { zone: "us-east-1a" },
    "subnet-a2": { zone: "us-east-1a", public: true },
    "subnet-b1": { zone: "us-east-1b" },
    "subnet-c1": { zone: "us-east-1a" },
    "subnet-d1": { zone: "us-east-1b" },
  },
};
