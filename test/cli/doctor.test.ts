import { readFileSync } from "node:fs";
import { GRANTED_VERBS } from "@gpu-autoscaler/adapters/inspection";
import { AutoscalerError, parseConfig, policyOf } from "@gpu-autoscaler/core";
import { createWorld } from "@gpu-autoscaler/sandbox";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { openReach } from "../../packages/cli/src/reach/open-reach.ts";
import { pricesOf } from "../builders/index.ts";
import { aConfigOfPools, aPool } from "../config/a-config.ts";
import { ROOT } from "../docs/pages.ts";
import { CONFIG, doctorOf, file, refused } from "./a-doctor.ts";
import { aReach } from "./a-reach.ts";
import { runCommand } from "./run-command.ts";

test("a healthy cluster: nothing but ok and what cannot be checked, exit status 0", async () => {
  const { status, grave, findings } = await doctorOf();
  expect(grave).toEqual([]);
  expect(status).toBe(0);
  expect(new Set(findings.map(({ check }) => check)).size).toBe(11);
  expect(findings.filter((each) => each.status === "unchecked").map(({ place }) => place)).toEqual([
    "AWS, by the functions' role",
    "EC2 quotas",
  ]);
});

test("what the quotas must allow is told, by their names", async () => {
  const config = aConfigOfPools(
    aPool({ instanceTypes: ["g6.xlarge", "g6.2xlarge"] }),
    aPool({ name: "h100", instanceTypes: ["p5.48xlarge"], maxNodes: 2 }),
  );
  const { findings } = await doctorOf({ config });
  expect(findings.find(({ place }) => place === "EC2 quotas")?.message).toContain(
    'would need "Running On-Demand G and VT instances" 80 vCPUs, "All G and VT Spot Instance Requests" 80 vCPUs, "Running On-Demand P instances" 384 vCPUs, "All P5 Spot Instance Requests" 384 vCPUs',
  );
});

test("what a denied call keeps from a part is told once", async () => {
  const error = new AutoscalerError("aws-access-denied", "ec2:DescribeInstances in us-east-1: allow it");
  const tryReads = async () => [{ action: "ec2:DescribeInstances", error }];
  const readPrices = async () => ({
    at: 0,
    prices: { onDemand: {}, spot: {} },
    gaps: [`launch times: ${error.message}`, "Spot prices: as last read"],
  });
  const { grave } = await doctorOf({ aws: { tryReads }, eyes: { priceList: { readPrices } } });
  expect(grave.map(({ status, message }) => [status, message])).toEqual([
    ["failure", `ec2:DescribeInstances failed: ${error.message}`],
    ["warning", "Spot prices: as last read"],
  ]);
});

test("what depends on an unreachable cluster is not checked, and says why", async () => {
  const policy = policyOf(parseConfig(CONFIG), "production");
  const world = createWorld({ cluster: policy.cluster, pools: policy.pools, prices: pricesOf(policy) });
  const reach = aReach({
    config: CONFIG,
    eyes: { ...world.ports, clusterReader: { ...world.ports.clusterReader, readCluster: refused } },
    kubernetes: { version: refused, mayI: refused, mayGroup: refused },
  });
  const { status, stdout } = await runCommand(["doctor", "--config", file], { reach });
  expect(status).toBe(1);
  expect(stdout).toContain("FAILURE      cluster: no answer of it: see to the network");
  for (const check of ["GPU nodes", "DaemonSets", "other autoscalers", "permissions in Kubernetes"]) {
    expect(stdout).toContain(`not checked  ${check}: not looked at: no answer of it`);
  }
});

test("a check that does not end is given up, and the others are told", async () => {
  const policy = policyOf(parseConfig(CONFIG), "production");
  const world = createWorld({ cluster: policy.cluster, pools: policy.pools, prices: pricesOf(policy) });
  const reach = aReach({
    config: CONFIG,
    eyes: world.ports,
    aws: { clockAheadMs: () => new Promise(() => {}) },
  });
  const { stdout } = await runCommand(["doctor", "--config", file, "--timeout", "1"], { reach });
  expect(stdout).toContain("not checked  clock: gave no result within 1 s");
  expect(stdout).toContain("ok           cluster production: https://api answers, Kubernetes v1.35.2-eks-1");
});

test("the verbs that are checked are those that deploy/rbac.yaml grants", () => {
  const [role] = readFileSync(`${ROOT}deploy/rbac.yaml`, "utf8").split(/^---$/m);
  const { rules }: { rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[] } = parse(
    role ?? "",
  );
  const granted = rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => ({ verb, group, resource }))),
    ),
  );
  expect(granted).toEqual(GRANTED_VERBS);
});

test.each([
  ["no time", ["--timeout", "0"], "Give whole seconds from 1 to 600."],
  ["no configuration", ["--config", "/nowhere.ts"], "there is no such file"],
])("%s is refused, with exit status 2", async (_, argv, words) => {
  const reach = openReach({ environment: {}, home: "/nowhere" });
  const { status, stderr } = await runCommand(["doctor", ...argv], { reach });
  expect(status).toBe(2);
  expect(stderr).toContain(words);
});

test("--help tells every option, with examples", async () => {
  const { status, stdout } = await runCommand(["doctor", "--help"]);
  expect(status).toBe(0);
  for (const option of "config cluster kubeconfig context table metrics-url timeout json".split(" ")) {
    expect(stdout).toContain(`--${option}`);
  }
  expect(stdout).toContain("$ gpu-autoscaler doctor --json | jq");
});
