import { AutoscalerError, parseConfig } from "@gpu-autoscaler/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aCluster, aConfig, aConfigOfPools, aPool } from "./a-config.ts";
import { BROKEN_CONFIGS } from "./broken-configs.ts";

/** The problems with which a configuration is refused, by path. */
function problemsOf(input: unknown): Record<string, string> {
  try {
    parseConfig(input);
  } catch (error) {
    if (!(error instanceof AutoscalerError) || !Array.isArray(error.data.problems)) throw error;
    expect(error.code).toBe("invalid-config");
    for (const { path, message } of error.data.problems) {
      expect(error.message).toContain(`${path ? `${path}: ` : ""}${message}`);
    }
    return Object.fromEntries(error.data.problems.map(({ path, message }) => [path, message]));
  }
  return {};
}

describe("a broken configuration is refused with all its problems, each with place and reason", () => {
  test.each(Object.entries(BROKEN_CONFIGS))("%s", (_, { input, want }) => {
    const problems = problemsOf(input);
    expect(Object.keys(problems).sort()).toEqual(Object.keys(want).sort());
    for (const [path, words] of Object.entries(want)) expect(problems[path]).toContain(words);
  });
});

describe("a good configuration is read", () => {
  test.each<[string, unknown]>([
    ["the least that there is to say", aConfig(aCluster())],
    [
      "several sizes of one GPU",
      aConfigOfPools(aPool({ instanceTypes: ["g6.xlarge", "g6.2xlarge", "gr6.4xlarge"] })),
    ],
    [
      "a workspace, subnets and security groups that are there already",
      aConfig(
        aCluster({
          metrics: {
            workspaceId: "ws-0123abcd-4567-89ab-cdef-0123456789ab",
            scraper: false,
            recordingRules: false,
          },
          network: {
            subnets: ["subnet-0123456789abcdef0"],
            securityGroups: ["sg-01234567"],
            vpcEndpoints: false,
          },
          pools: [aPool({ image: "bottlerocket", sharing: { timeSlicing: { replicas: 4 } } })],
        }),
      ),
    ],
    ["Spot alone", aConfigOfPools(aPool({ capacityTypes: ["spot"] }))],
    [
      "a reservation alone",
      aConfigOfPools(
        aPool({
          capacityTypes: [],
          capacityReservations: [
            { id: "cr-0123456789abcdef0", instanceType: "g6.xlarge", zone: "us-east-1b" },
          ],
        }),
      ),
    ],
    [
      "an adopted group of a type that the catalog has not",
      aConfigOfPools(
        aPool({
          instanceTypes: undefined,
          adopt: [{ autoScalingGroup: "new", capacityType: "spot", instanceTypes: ["g99.xlarge"] }],
        }),
      ),
    ],
    [
      "MIG mixed",
      aConfigOfPools(
        aPool({
          instanceTypes: ["p4d.24xlarge"],
          sharing: { mig: { strategy: "mixed", profiles: { "3g.20gb": 1, "1g.5gb": 4 } } },
        }),
      ),
    ],
    ["a local zone", aConfig(aCluster({ region: "us-west-2", zones: ["us-west-2a", "us-west-2-lax-1a"] }))],
    ["one pool name in two clusters", aConfig(aCluster(), aCluster({ name: "staging" }))],
    [
      "a label with a prefix and an empty value",
      aConfigOfPools(aPool({ labels: { "example.com/gpu-tier": "" } })),
    ],
    [
      "a taint without a value",
      aConfigOfPools(aPool({ taints: [{ key: "nvidia.com/gpu", effect: "NoSchedule" }] })),
    ],
  ])("%s", (_, input) => {
    expect(problemsOf(input)).toEqual({});
  });
});

test("whatever is given, a configuration is read or refused, and nothing else is thrown", () => {
  const anything = fc.anything({ maxDepth: 3, withNullPrototype: true });
  const keys = [
    "clusters",
    "pools",
    "name",
    "region",
    "zones",
    "adopt",
    "sharing",
    "labels",
    "taints",
    "limits",
  ];
  const configLike = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 6 }, anything, tie("list"), tie("fields")),
    list: fc.array(tie("value"), { maxLength: 3 }),
    fields: fc.dictionary(fc.constantFrom(...keys), tie("value")),
  })).value;
  fc.assert(
    fc.property(fc.oneof(anything, configLike), configLike, configLike, (whole, cluster, pool) => {
      problemsOf(whole);
      problemsOf(aConfig(cluster));
      problemsOf(aConfigOfPools(pool, aPool()));
    }),
  );
});

test("each problem of a pool is found whatever else is wrong with it", () => {
  const changes = fc.subarray([
    ["minNodes", 11, "minNodes"],
    ["taints", [{ key: "-", effect: "NoSchedule" }], "taints[0].key"],
    ["keepTime", "x", "keepTime"],
    ["zones", ["us-east-1f"], "zones[0]"],
    ["sharing", { timeSlicing: { replicas: 0 } }, "sharing.timeSlicing.replicas"],
    ["colour", "red", "colour"],
  ] as const);
  fc.assert(
    fc.property(changes, (chosen) => {
      const pool = aPool(Object.fromEntries(chosen.map(([key, value]) => [key, value])));
      const paths = Object.keys(problemsOf(aConfigOfPools(pool)));
      expect(paths.sort()).toEqual(chosen.map(([, , path]) => `clusters[0].pools[0].${path}`).sort());
    }),
  );
});
