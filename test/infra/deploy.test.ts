import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ALL_THERE, TWO_CLUSTERS, WORLD } from "./configurations.ts";
import type { Deployed } from "./deployed.ts";
import { findPlatform, type Platform } from "./platform.ts";
import { alarmsSuite } from "./suites/alarms.ts";
import { eventsSuite } from "./suites/events.ts";
import { functionsSuite } from "./suites/functions.ts";
import { groupsSuite } from "./suites/groups.ts";
import { metricsSuite } from "./suites/metrics.ts";
import { networkSuite } from "./suites/network.ts";
import { nodesSuite } from "./suites/nodes.ts";
import { permissionsSuite } from "./suites/permissions.ts";
import { removalSuite } from "./suites/removal.ts";
import { synthesize } from "./synth.ts";
import { typeErrors } from "./types.ts";

let platform: Platform | { readonly missing: string } = { missing: "it was not looked for" };
let deployed: Deployed | null = null;

function thePlatform(): Platform {
  if ("missing" in platform) throw new Error(platform.missing);
  return platform;
}

function whatIsDeployed(): Deployed {
  if (!deployed) throw new Error("the deploys failed");
  return deployed;
}

beforeAll(async () => {
  platform = await findPlatform();
  if ("missing" in platform) {
    const line = "!".repeat(100);
    process.stderr.write(`\n${line}\nNothing of infra/ was tested: ${platform.missing}\n${line}\n\n`);
    return;
  }
  const two = await synthesize(platform, {
    stage: "production",
    configuration: TWO_CLUSTERS,
    world: WORLD,
  });
  const settled = await synthesize(platform, { stage: "trial", configuration: ALL_THERE, world: WORLD });
  deployed = { two, settled };
});

beforeEach(({ skip }) => {
  if ("missing" in platform) skip(platform.missing);
});

describe("groups", () => groupsSuite(whatIsDeployed));
describe("nodes", () => nodesSuite(whatIsDeployed));
describe("functions and schedules", () => functionsSuite(whatIsDeployed));
describe("events", () => eventsSuite(whatIsDeployed));
describe("permissions", () => permissionsSuite(whatIsDeployed));
describe("metrics", () => metricsSuite(whatIsDeployed));
describe("network", () => networkSuite(whatIsDeployed));
describe("alarms", () => alarmsSuite(whatIsDeployed));
describe("removal", () => removalSuite(whatIsDeployed));

test("infra/ and sst.config.ts hold against the types of the real platform", async () => {
  expect(await typeErrors(thePlatform())).toBe("");
}, 300_000);

describe("a deploy is refused, with what to do about it", () => {
  const pools = [{ name: "l4", instanceTypes: ["g6.xlarge"], maxNodes: 1 }];
  const aCluster = { name: "production", region: "us-east-1", zones: ["us-east-1a"], pools };
  test.each([
    {
      of: "clusters in two regions",
      clusters: [aCluster, { ...aCluster, name: "research", region: "eu-west-1", zones: ["eu-west-1a"] }],
      want: "clusters in us-east-1 and eu-west-1, and a stage is deployed to one region",
    },
    {
      of: "a configuration with mistakes",
      clusters: [{ ...aCluster, pools: [{ name: "l4", instanceTypes: ["g6.xlrge"], maxNodes: 0 }] }],
      want: 'instanceTypes[0]: unknown instance type "g6.xlrge": did you mean "g6.xlarge"?\n  clusters[0].pools[0].maxNodes',
    },
    {
      of: "a cluster without access entries",
      clusters: [{ ...aCluster, name: "old" }],
      want: "aws eks update-cluster-config --name old --access-config authenticationMode=API_AND_CONFIG_MAP",
    },
    {
      of: "a zone in which the cluster has no subnet",
      clusters: [{ ...aCluster, zones: ["us-east-1a", "us-east-1f"] }],
      want: "none of its subnets of the cluster production is in us-east-1f: name one in network.subnets",
    },
  ])(
    "$of",
    async ({ clusters, want }) => {
      const deploy = synthesize(thePlatform(), { stage: "trial", configuration: { clusters }, world: WORLD });
      await expect(deploy).rejects.toThrow(want);
    },
    450_000,
  );
});
