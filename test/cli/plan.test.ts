import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AutoscalerError, MINUTE_MS, type Ports, parseConfig, policyOf } from "@gpu-autoscaler/core";
import { createMemoryStateStore, createWorld, type World, type WorldOptions } from "@gpu-autoscaler/sandbox";
import { describe, expect, test } from "vitest";
import { openReach } from "../../packages/cli/src/reach/open-reach.ts";
import { aPod, pricesOf } from "../builders/index.ts";
import { aCluster, aConfig, aConfigOfPools, aPool } from "../config/a-config.ts";
import { pass } from "../sandbox/a-world.ts";
import { aReach, type ReachParts } from "./a-reach.ts";
import { runCommand } from "./run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "plan-"));
const L4 = aPool({ capacityTypes: ["on-demand"] });
const ONE_POOL = aConfigOfPools(L4);

function configFile(input: unknown): string {
  const file = join(mkdtempSync(join(folder, "config-")), "autoscaler.config.mjs");
  writeFileSync(file, `export default ${JSON.stringify(input)};\n`);
  return file;
}

/** The configuration's first cluster as a sandbox has it, through ports that fail the test when something is changed. */
function aPlan(parts: Partial<ReachParts> = {}, options: Partial<WorldOptions> = {}) {
  const config = parts.config ?? ONE_POOL;
  const policy = policyOf(parseConfig(config), "production");
  const world = createWorld({
    cluster: policy.cluster,
    pools: policy.pools,
    prices: pricesOf(policy),
    ...options,
  });
  const { clock, clusterReader, capacityReader, gpuMetrics, priceList, interruptionFeed } = world.ports;
  const eyes = {
    clock,
    clusterReader,
    capacityReader,
    gpuMetrics,
    priceList,
    interruptionFeed,
    ...parts.eyes,
  };
  const reach = aReach({ ...parts, config, eyes });
  const file = configFile(config);
  const plan = (...argv: string[]) => runCommand(["plan", "--config", file, ...argv], { reach });
  return { world, plan, reach };
}

function submit(world: World, name: string, gpus = 1): void {
  world.verbs.submit(aPod(name).gpu(gpus).cpu(1).memoryGi(1).classed("training").build());
  pass(world, { seconds: 5 });
}

/** Nothing of Auto Scaling is there yet. */
const NO_GROUPS = {
  readGroups: async () => ({ at: Date.UTC(2026, 0, 1) + 5_000, groups: [], gaps: ["none of the groups"] }),
};

describe("a plan tells", () => {
  test("what would be launched, for whom, and what else there was", async () => {
    const { world, plan, reach } = aPlan();
    submit(world, "trainer");
    const { status, stdout, stderr } = await plan();
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout.replaceAll(/\([0-9a-f]{16}-\w+-0\)/g, "(KEY)")).toMatchInlineSnapshot(`
      "cluster production in us-east-1, 2026-01-01 00:00:05Z: a plan, nothing was changed
      by context admin; from an empty state: no table is known (--table, TABLE_NAME, .sst/outputs.json), so that keep times begin now

      pool l4
        would
          launch 1 × production-l4-on-demand-4x16 in us-east-1a  (KEY)
            PodsUnschedulable: Pods that no node can take have waited long enough: nodes are launched for them.
            for default/trainer (1 nvidia.com/gpu, 1 cpu, 1 Gi)
              on-demand, $0.8048 an hour for a node of 1 GPU, which takes 1 of them: $0.8048 a pod
              rather than
                NotCheapest: Another offering serves these pods for as little or less.
                  production-l4-on-demand-4x16 in us-east-1b: on-demand, $0.8048 an hour for a node of 1 GPU, which takes 1 of them: $0.8048 a pod, as much

      in all: 1 node launched for $0.8048 an hour, 0 instances ended, 0 other effects, 0 pods waiting without a launch
      "
    `);
    expect(reach.closed()).toBe(1);
    expect((await world.ports.capacityReader.readGroups()).groups[0]?.instances).toEqual([]);
  });

  test("which pods wait without a launch, and why", async () => {
    const { world, plan } = aPlan();
    submit(world, "giant", 8);
    const { stdout } = await plan();
    expect(stdout).toContain(
      "pods that wait\n  pod default/giant: pending since 2026-01-01 00:00:00Z, NoFeasibleGroup",
    );
    expect(stdout).toContain("asks for 8 nvidia.com/gpu, 1 is left");
    expect(stdout).toContain(
      "0 nodes launched, 0 instances ended, 0 other effects, 1 pod waiting without a launch",
    );
  });

  test("which nodes are kept, and what would be ended when their time is over", async () => {
    const { world, plan } = aPlan({ table: "state" });
    const node = world.verbs.addRunningNode("production-l4-on-demand-4x16", "us-east-1a");
    pass(world, { minutes: 1 });
    expect((await plan()).stdout).toMatch(new RegExp(`keeps\n +${node}: NotUnneededLongEnough`));
  });

  test("which parts could not be seen, and what that took away", async () => {
    const { world, plan } = aPlan(
      {},
      {
        faults: [
          { call: "readPrices", kind: "internal-error" },
          { call: "readMeasurements", kind: "internal-error" },
        ],
      },
    );
    submit(world, "trainer");
    const { status, stdout } = await plan();
    expect(status).toBe(0);
    expect(stdout).toContain("what could not be seen, and what follows\n");
    for (const code of ["PricesStale (", "MeasurementsStale ("]) expect(stdout).toContain(code);
  });

  test("that a pool is paused, or in dry run", async () => {
    const config = aConfigOfPools(L4, aPool({ name: "other", capacityTypes: ["on-demand"], dryRun: true }));
    const stateStore = createMemoryStateStore();
    const { plan, reach } = aPlan({ config, table: "state", stateStore });
    await reach.table("state", "us-east-1").setPaused("production", "l4", true);
    const { stdout } = await plan();
    expect(stdout).toContain("pool l4 (paused: nothing of it would be done): nothing to do");
    expect(stdout).toContain("pool other (dry run: decided and recorded, not done): nothing to do");
    expect(stdout).toContain("with the state of table state");
  });
});

describe("before anything is deployed", () => {
  test("groups that do not exist yet are planned with, and named", async () => {
    const { world } = aPlan();
    submit(world, "trainer");
    const { stdout } = await runWith({ ...world.ports, capacityReader: NO_GROUPS }, ONE_POOL);
    expect(stdout).toContain("launch 1 × production-l4-on-demand-4x16 in us-east-1a");
    expect(stdout).toContain(
      "Auto Scaling groups that do not exist yet, planned with as they will be deployed: production-l4-on-demand-4x16",
    );
    expect(stdout).toContain(
      "from an empty state: no table is known (--table, TABLE_NAME, .sst/outputs.json)",
    );
  });

  test("a group that a pool adopts is not made up", async () => {
    const config = aConfigOfPools({
      name: "old",
      maxNodes: 3,
      adopt: [{ autoScalingGroup: "workers", capacityType: "on-demand", instanceTypes: ["g6.xlarge"] }],
    });
    const { world } = aPlan();
    submit(world, "trainer");
    const { stdout } = await runWith({ ...world.ports, capacityReader: NO_GROUPS }, config);
    expect(stdout).toContain(
      "Auto Scaling has no group workers, which a pool adopts: correct autoScalingGroup",
    );
    expect(stdout).not.toContain("desired capacity");
    expect(stdout).toContain("0 nodes launched, 0 instances ended, 0 other effects, 1 pod waiting");
  });
});

/** A plan through these ports. */
async function runWith(eyes: Ports, config: unknown) {
  const reach = aReach({ config, eyes });
  return runCommand(["plan", "--config", configFile(config)], { reach });
}

describe("--watch", () => {
  test("remembers from plan to plan, and prints what changed", async () => {
    let rounds = 0;
    const { world, plan } = aPlan({
      rest: async (ms) => {
        expect(ms).toBe(MINUTE_MS);
        pass(world, { minutes: 1 });
        return ++rounds < 4;
      },
    });
    const node = world.verbs.addRunningNode("production-l4-on-demand-4x16", "us-east-1a");
    const { stdout } = await plan("--watch");
    const [, ...news] = stdout.split(/^(?=2026-)/m);
    expect(stdout).toContain("keep times begin now");
    expect(news.join("")).toContain(`+ pool l4: terminate i-`);
    expect(news.join("")).toContain(`- pool l4: keeps ${node}: NotUnneededLongEnough`);
  });

  test("says nothing while nothing changes, and goes on after a plan that could not be decided", async () => {
    let rounds = 0;
    const stateStore = createMemoryStateStore();
    const load = async (cluster: string) => {
      if (rounds === 1) throw new AutoscalerError("throttled", "the table is busy", { retryable: true });
      return stateStore.load(cluster);
    };
    const { plan } = aPlan({
      table: "state",
      stateStore: { ...stateStore, load },
      rest: async () => ++rounds < 3,
    });
    const { status, stdout, stderr } = await plan("--watch", "--json");
    expect(status).toBe(0);
    expect(stderr).toBe("error: the table is busy\n");
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).cluster),
    ).toEqual(["production", "production"]);
  });
});

test("--json prints one object, in the terms of the decision log", async () => {
  const { world, plan } = aPlan({ table: "state" });
  submit(world, "trainer");
  const told = JSON.parse((await plan("--json")).stdout);
  expect(told).toMatchObject({
    cluster: "production",
    region: "us-east-1",
    context: "admin",
    table: "state",
    state: "empty",
    paused: [],
    dryRun: [],
    effects: [{ kind: "LaunchInstances", zone: "us-east-1a", count: 1 }],
    demand: [{ pods: ["default/trainer"] }],
    problems: [],
  });
  expect(told).not.toHaveProperty("outcomes");
});

test("--events writes a decision that explain tells of", async () => {
  const { world, plan } = aPlan();
  submit(world, "trainer");
  const events = join(folder, "plan.jsonl");
  await plan("--events", events);
  expect(readFileSync(events, "utf8").trimEnd().split("\n")).toHaveLength(1);
  const { stdout } = await runCommand(["explain", "pod", "default/trainer", "--events", events]);
  expect(stdout).toContain("Launching");
});

describe("what is refused, with exit status 2 and no stack trace", () => {
  const file = configFile(ONE_POOL);
  const several = configFile(aConfig(aCluster(), aCluster({ name: "staging" })));

  test.each([
    ["no configuration", ["--config", join(folder, "none.ts")], "there is no such file"],
    ["several clusters and none named", ["--config", several], "name one by --cluster (production, staging)"],
    ["a mistyped cluster", ["--config", file, "--cluster", "prodction"], 'did you mean "production"?'],
    ["no kubeconfig", ["--config", file], `kubeconfig ${folder}/.kube/config: there is no such file`],
    [
      "an address of metrics that is none",
      ["--config", file, "--metrics-url", "ws-1"],
      '"ws-1" is no address',
    ],
    ["a mistyped option", ["--wach"], "Did you mean --watch?"],
    ["an argument that belongs nowhere", ["production"], "too many arguments"],
  ])("%s", async (_, argv, words) => {
    const reach = openReach({ environment: {}, home: folder });
    const { status, stdout, stderr } = await runCommand(["plan", ...argv], { reach });
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(words);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test("a context that leads to another cluster", async () => {
    const { plan, reach } = aPlan({ way: { context: "dev", eksCluster: "staging", eksRegion: "eu-west-1" } });
    const { status, stdout, stderr } = await plan();
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toBe(
      'error: context "dev" leads to cluster staging in eu-west-1, and the configuration\'s is production in us-east-1: give --context NAME, or write one by `aws eks update-kubeconfig --name production --region us-east-1`\n',
    );
    expect(reach.closed()).toBe(1);
  });

  test("a state that cannot be read", async () => {
    const load = async () => {
      throw new AutoscalerError("state-format", "the stored state is of another version");
    };
    const { plan } = aPlan({ table: "state", stateStore: { ...createMemoryStateStore(), load } });
    const { status, stderr } = await plan();
    expect([status, stderr]).toEqual([2, "error: the stored state is of another version\n"]);
  });
});

test("--help tells every option, with examples", async () => {
  const { status, stdout } = await runCommand(["plan", "--help"]);
  expect(status).toBe(0);
  for (const option of "config cluster kubeconfig context table metrics-url watch json events".split(" ")) {
    expect(stdout).toContain(`--${option}`);
  }
  expect(stdout).toContain("$ gpu-autoscaler plan --cluster staging --context staging --watch");
});
