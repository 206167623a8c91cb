import {
  type ConfigInput,
  onDemandNanoDollarsPerHour,
  type Policy,
  type Prices,
  parseConfig,
  policyOf,
} from "@gpu-autoscaler/core";

/** Whether a run may buy Spot: not at all, up to the policy's share, or nothing else. */
export type SpotUse = "none" | "mix" | "all";

export const COMPARISON_CLUSTER = "comparison";
const REGION = "us-east-1";
const ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"];

/** The g6 family: 1 GPU, 4 and 8. */
const INSTANCE_TYPES = [
  "g6.xlarge",
  "g6.2xlarge",
  "g6.4xlarge",
  "g6.8xlarge",
  "g6.16xlarge",
  "g6.12xlarge",
  "g6.24xlarge",
  "g6.48xlarge",
];

/** So that no maximum decides a comparison. */
const NEVER_REACHED = 100_000;

/** What Spot costs of On-Demand, in hundredths. */
const SPOT_PRICE_PERCENT = 35;

/**
 * The one fixed world in which policies are compared: the g6 family in three zones of us-east-1, a
 * pool for each type (their sizes differ), maxima that never bind, and for the rest what ships.
 * `none` has On-Demand groups alone, `mix` a Spot group beside each and 60 % for Spot, `all` likewise
 * without a limit for Spot, on which every class of pods may run.
 */
export function comparisonPolicy(spot: SpotUse): Policy {
  const config: ConfigInput = {
    clusters: [
      {
        name: COMPARISON_CLUSTER,
        region: REGION,
        zones: ZONES,
        spot: SPOT_SETTINGS[spot],
        pools: INSTANCE_TYPES.map((instanceType) => ({
          name: instanceType.replace(".", "-"),
          instanceTypes: [instanceType],
          capacityTypes: CAPACITY_TYPES[spot],
          maxNodes: NEVER_REACHED,
        })),
      },
    ],
  };
  return policyOf(parseConfig(config), COMPARISON_CLUSTER);
}

const CAPACITY_TYPES: Readonly<Record<SpotUse, ("on-demand" | "spot")[]>> = {
  none: ["on-demand"],
  mix: ["on-demand", "spot"],
  all: ["on-demand", "spot"],
};

const SPOT_SETTINGS: Readonly<Record<SpotUse, ConfigInput["clusters"][number]["spot"]>> = {
  none: { share: 0 },
  mix: { share: 0.6 },
  all: { share: 1, interruptibleClasses: ["training", "batch", "serving"] },
};

/** Prices of the comparison world: the On-Demand table, and Spot at 0.35 of it in every zone. */
export function comparisonPrices(): Prices {
  return sandboxPrices(comparisonPolicy("mix"));
}

/**
 * Prices of a policy's instance types in the sandbox: On-Demand by the catalog, Spot at 0.35 of it
 * in every zone, which lies within what EC2 asks for GPU instances. A type without a price in the
 * policy's region is left out.
 */
export function sandboxPrices(policy: Policy): Prices {
  const onDemand: Record<string, number> = {};
  const spot: Record<string, number> = {};
  for (const group of policy.pools.flatMap(({ groups }) => groups)) {
    for (const instanceType of group.instanceTypes) {
      const price = onDemandNanoDollarsPerHour(instanceType, policy.region);
      if (price === null) continue;
      onDemand[instanceType] = price;
      for (const zone of group.zones) {
        spot[`${instanceType}/${zone}`] = Math.round((price * SPOT_PRICE_PERCENT) / 100);
      }
    }
  }
  return { onDemand, spot };
}

/** A user's policy in a run that may use Spot in this way. */
export function policyForSpot(policy: Policy, spot: SpotUse): Policy {
  if (spot === "mix") return policy;
  if (spot === "all") {
    return {
      ...policy,
      spot: { ...policy.spot, shareMilli: 1_000, interruptibleClasses: ["training", "batch", "serving"] },
    };
  }
  return {
    ...policy,
    pools: policy.pools.map((pool) => ({
      ...pool,
      groups: pool.groups.filter(({ capacityType }) => capacityType !== "spot"),
    })),
    spot: { ...policy.spot, shareMilli: 0 },
  };
}
