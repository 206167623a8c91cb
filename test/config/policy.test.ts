import {
  AutoscalerError,
  expectedGpuResources,
  type Pool,
  parseConfig,
  policyOf,
} from "@gpu-autoscaler/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import autoscalerConfig from "../../autoscaler.config.ts";
import { aCluster, aConfig, aConfigOfPools, aPool } from "./a-config.ts";

const MINUTE_MS = 60_000;

function policyFrom(input: unknown) {
  return policyOf(parseConfig(input), "production");
}

function poolFrom(changes: Record<string, unknown>): Pool {
  const [pool] = policyFrom(aConfigOfPools(aPool(changes))).pools;
  if (!pool) throw new Error("the policy has no pool");
  return pool;
}

test("what the configuration leaves out has the defaults", () => {
  expect(policyFrom(aConfig(aCluster({ pools: [aPool({ capacityTypes: ["on-demand"] })] })))).toEqual({
    cluster: "production",
    region: "us-east-1",
    pools: [
      {
        name: "l4",
        sharing: { kind: "whole" },
        labels: {},
        taints: [],
        groups: [
          {
            name: "production-l4-on-demand-4x16",
            pool: "l4",
            capacityType: "on-demand",
            zones: ["us-east-1a", "us-east-1b"],
            instanceTypes: ["g6.xlarge"],
            minNodes: 0,
            maxNodes: 10,
            adopted: false,
            reservationEndsAt: null,
          },
        ],
        minNodes: 0,
        maxNodes: 10,
        keepTimeMs: null,
        underusedAfterMs: 10 * MINUTE_MS,
        headroom: true,
        provisionTimeoutMs: 15 * MINUTE_MS,
        dryRun: false,
      },
    ],
    scaleUp: {
      pendingForMs: { high: 0, normal: 0, low: 0 },
      maxLaunchesPerTick: 100,
      maxNodes: Number.POSITIVE_INFINITY,
      maxNanoDollarsPerHour: Number.POSITIVE_INFINITY,
    },
    spot: {
      shareMilli: 600,
      interruptibleClasses: ["training", "batch"],
      lossHours: 1,
      priorInterruptionsMilli: 10,
      expectFill: true,
    },
    scaleDown: {
      underusedShareMilli: 500,
      underusedUtilizationMilli: 200,
      closeAboveMilli: 1200,
      replaceAboveMilli: 1100,
      waitNanoDollarsPerHour: 2_000_000_000,
      disruptionShareMilli: 100,
      drainTimeoutMs: 15 * MINUTE_MS,
      drainRestMs: 60 * MINUTE_MS,
      unreadyShareMilli: 450,
      unreadyNodes: 3,
    },
    headroom: { aboveMilli: 800, rearmBelowMilli: 700, keepMs: 30 * MINUTE_MS },
    capacityErrors: {
      firstRestMs: 3 * MINUTE_MS,
      longestRestMs: 30 * MINUTE_MS,
      forgetAfterMs: 180 * MINUTE_MS,
    },
    staleAfterMs: 3 * MINUTE_MS,
  });
});

test("human units become the program's", () => {
  const policy = policyFrom(
    aConfig(
      aCluster({
        scaleUp: { pendingFor: { normal: "1m30s" }, maxLaunchesPerTick: 7 },
        limits: { nodes: 12, dollarsPerHour: 99.95 },
        spot: { share: 0.125, lossTime: "30m", interruptionsPerHour: 0.05 },
        capacityErrors: { firstRest: "45s", longestRest: "1h", forgetAfter: "2h" },
        staleAfter: "90s",
      }),
    ),
  );
  expect(policy.scaleUp).toEqual({
    pendingForMs: { high: 0, normal: 90_000, low: 0 },
    maxLaunchesPerTick: 7,
    maxNodes: 12,
    maxNanoDollarsPerHour: 99_950_000_000,
  });
  expect(policy.spot).toMatchObject({ shareMilli: 125, lossHours: 0.5, priorInterruptionsMilli: 50 });
  expect(policy.capacityErrors).toEqual({
    firstRestMs: 45_000,
    longestRestMs: 3_600_000,
    forgetAfterMs: 7_200_000,
  });
  expect(policy.staleAfterMs).toBe(90_000);
});

describe("groups follow from a pool", () => {
  const namesOf = (changes: Record<string, unknown>) => poolFrom(changes).groups.map(({ name }) => name);

  test("one for each capacity type and size", () => {
    expect(namesOf({ instanceTypes: ["g6.xlarge", "gr6.4xlarge", "g6.4xlarge"] })).toEqual([
      "production-l4-on-demand-4x16",
      "production-l4-on-demand-16x128",
      "production-l4-on-demand-16x64",
      "production-l4-spot-4x16",
      "production-l4-spot-16x128",
      "production-l4-spot-16x64",
    ]);
  });

  test("types of one size share a group, so that EC2 can choose", () => {
    const { groups } = poolFrom({
      instanceTypes: ["p5e.48xlarge", "p5en.48xlarge"],
      capacityTypes: ["spot"],
    });
    expect(groups.map(({ name, instanceTypes }) => [name, instanceTypes])).toEqual([
      ["production-l4-spot-192x2048", ["p5e.48xlarge", "p5en.48xlarge"]],
    ]);
  });

  test("another size leaves the names of those that are there", () => {
    const before = namesOf({ instanceTypes: ["g6.2xlarge"] });
    const after = namesOf({ instanceTypes: ["g6.xlarge", "g6.2xlarge"] });
    expect(after).toEqual(expect.arrayContaining(before));
  });

  test("a reservation has a group of its own, in its zone, until it ends", () => {
    const { groups } = poolFrom({
      instanceTypes: ["g6.xlarge", "g6.2xlarge"],
      capacityTypes: [],
      capacityReservations: [
        {
          id: "cr-0123456789abcdef0",
          instanceType: "g6.2xlarge",
          zone: "us-east-1b",
          endsAt: "2027-03-01T11:30:00Z",
        },
      ],
    });
    expect(groups).toMatchObject([
      {
        name: "production-l4-reserved-cr-0123456789abcdef0",
        capacityType: "reserved",
        zones: ["us-east-1b"],
        instanceTypes: ["g6.2xlarge"],
        reservationEndsAt: Date.UTC(2027, 2, 1, 11, 30),
      },
    ]);
  });

  test("adopted groups keep their names, sizes and zones", () => {
    const { groups } = poolFrom({
      instanceTypes: undefined,
      zones: ["us-east-1b"],
      adopt: [
        {
          autoScalingGroup: "Workers A",
          capacityType: "spot",
          instanceTypes: ["g5.xlarge"],
          minNodes: 1,
          maxNodes: 4,
        },
        {
          autoScalingGroup: "B",
          capacityType: "on-demand",
          instanceTypes: ["g5.xlarge"],
          zones: ["us-east-1a"],
        },
      ],
    });
    expect(groups).toMatchObject([
      {
        name: "Workers A",
        adopted: true,
        capacityType: "spot",
        zones: ["us-east-1b"],
        minNodes: 1,
        maxNodes: 4,
      },
      {
        name: "B",
        adopted: true,
        capacityType: "on-demand",
        zones: ["us-east-1a"],
        minNodes: 0,
        maxNodes: 10,
      },
    ]);
  });
});

describe("the sharing layout follows from a pool", () => {
  test.each([
    [
      "time-slicing renames the resource",
      { timeSlicing: { replicas: 4 } },
      1,
      { "nvidia.com/gpu.shared": 4 },
    ],
    [
      "time-slicing under its own name",
      { timeSlicing: { replicas: 4, renameByDefault: false } },
      1,
      { "nvidia.com/gpu": 4 },
    ],
    [
      "MIG mixed",
      { mig: { strategy: "mixed", profiles: { "1g.10gb": 4, "3g.40gb": 1 } } },
      8,
      { "nvidia.com/mig-1g.10gb": 32, "nvidia.com/mig-3g.40gb": 8 },
    ],
  ])("%s", (_, sharing, gpus, want) => {
    const pool = poolFrom({ instanceTypes: [gpus === 1 ? "g6.xlarge" : "p5.48xlarge"], sharing });
    expect(expectedGpuResources(pool.sharing, gpus)).toEqual(want);
  });
});

test("a pool of Graviton nodes says so in its labels", () => {
  expect(poolFrom({ instanceTypes: ["g5g.xlarge"] }).labels).toEqual({ "kubernetes.io/arch": "arm64" });
});

test("an unknown cluster is refused with the nearest that there is", () => {
  const config = parseConfig(aConfig(aCluster()));
  expect(() => policyOf(config, "prodution")).toThrow(AutoscalerError);
  expect(() => policyOf(config, "prodution")).toThrow('no cluster "prodution": did you mean "production"?');
});

test("durations mean what they say", () => {
  const part = fc.integer({ min: 0, max: 999_999 });
  fc.assert(
    fc.property(part, part, part, (h, m, s) => {
      const keepTimeMs = (h * 3_600 + m * 60 + s) * 1_000;
      expect(poolFrom({ keepTime: `${h}h${m}m${s}s` })).toMatchObject({ keepTimeMs });
    }),
    { numRuns: 30 },
  );
});

test("instants are those of the calendar", () => {
  const instant = fc.date({ min: new Date("2000-01-01"), max: new Date("2400-01-01"), noInvalidDate: true });
  fc.assert(
    fc.property(instant, (date) => {
      const endsAt = `${date.toISOString().slice(0, 19)}Z`;
      const reservation = {
        id: "cr-0123456789abcdef0",
        instanceType: "g6.xlarge",
        zone: "us-east-1a",
        endsAt,
      };
      const [group] = poolFrom({ capacityTypes: [], capacityReservations: [reservation] }).groups;
      expect(group?.reservationEndsAt).toBe(Date.parse(endsAt));
    }),
  );
});

test("the configuration of this repository is a good one", () => {
  const policy = policyOf(parseConfig(autoscalerConfig), "production");
  expect(policy.pools.map(({ name, groups }) => [name, groups.length])).toEqual([
    ["l4", 6],
    ["l4-four", 2],
    ["h100-training", 2],
    ["inference", 1],
    ["legacy", 1],
  ]);
});
