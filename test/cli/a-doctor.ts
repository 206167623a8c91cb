import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GroupSettings } from "@gpu-autoscaler/adapters/inspection";
import { AutoscalerError, type DaemonSet, parseConfig, policyOf } from "@gpu-autoscaler/core";
import { createWorld, type WorldOptions } from "@gpu-autoscaler/sandbox";
import { expect } from "vitest";
import { aPod, pricesOf } from "../builders/index.ts";
import { aConfigOfPools, aPool } from "../config/a-config.ts";
import { pass } from "../sandbox/a-world.ts";
import { aReach, fineGroup, type ReachParts } from "./a-reach.ts";
import { runCommand } from "./run-command.ts";

/** `doctor` on a cluster of the sandbox, with faults that a test plants. */

export const GROUP = "production-l4-on-demand-4x16";
export const CONFIG = aConfigOfPools(aPool({ capacityTypes: ["on-demand"] }));
export const file = join(mkdtempSync(join(tmpdir(), "doctor-")), "autoscaler.config.mjs");
writeFileSync(file, `export default ${JSON.stringify(CONFIG)};\n`);

const daemonSet = (name: string): DaemonSet => ({
  namespace: "kube-system",
  name,
  template: aPod(name).build(),
});
const DAEMON_SETS = ["nvidia-device-plugin-daemonset", "dcgm-exporter"].map(daemonSet);

interface Told {
  readonly status: string;
  readonly check: string;
  readonly place: string;
  readonly message: string;
  readonly mend: string | null;
}

/** A healthy cluster of one pool, one node of which serves; with what a test plants. */
export async function doctorOf({ eyes, ...planted }: Planted = {}, options: Partial<WorldOptions> = {}) {
  const config = planted.config ?? CONFIG;
  const policy = policyOf(parseConfig(config), "production");
  const world = createWorld({
    cluster: policy.cluster,
    pools: policy.pools,
    prices: pricesOf(policy),
    daemonSets: DAEMON_SETS,
    ...options,
  });
  const group = policy.pools[0]?.groups[0]?.name ?? "";
  await world.ports.capacityWriter.launchInstances({ group, zone: "us-east-1a", count: 1, token: "one" });
  pass(world, { minutes: 20 });
  const [node] = (await world.ports.clusterReader.readCluster()).nodes;
  const reach = aReach({ table: "state", ...planted, config, eyes: { ...world.ports, ...eyes } });
  const { status, stdout, stderr } = await runCommand(["doctor", "--config", file, "--json"], { reach });
  expect(stderr).toBe("");
  const findings: Told[] = JSON.parse(stdout).findings;
  const grave = findings.filter((each) => each.status === "failure" || each.status === "warning");
  return { status, findings, grave, node: node?.name ?? "none" };
}

export type Planted = Partial<Omit<ReachParts, "eyes">> & { readonly eyes?: Partial<ReachParts["eyes"]> };

export const OURS = { "gpu-autoscaler.io/cluster": "production" };
export const settings = (changes: Partial<GroupSettings>) => {
  const [group] = policyOf(parseConfig(CONFIG), "production").pools.flatMap(({ groups }) => groups);
  if (!group) throw new Error("the configuration has no group");
  return { aws: { groups: async () => [{ ...fineGroup(group), ...changes }] } };
};

export const refused = async () => {
  throw new AutoscalerError("aws-unreachable", "no answer of it: see to the network");
};
export const other = (name: string, labels: Record<string, string> = {}) =>
  aPod(name).inNamespace("kube-system").labelled(labels).on("elsewhere").build();
export const withPod = (pod: ReturnType<typeof other>, command: readonly string[] = []) => ({
  pod,
  kubernetes: { containersOf: async () => [{ image: "image", command }] },
});

/** With a pod of somebody else in the cluster. */
export async function besides(pod: ReturnType<typeof other>, planted: Partial<ReachParts>) {
  const policy = policyOf(parseConfig(CONFIG), "production");
  const world = createWorld({ cluster: policy.cluster, pools: policy.pools, prices: pricesOf(policy) });
  const objects = await world.ports.clusterReader.readCluster();
  const clusterReader = {
    ...world.ports.clusterReader,
    readCluster: async () => ({ ...objects, daemonSets: DAEMON_SETS, pods: [pod] }),
  };
  const reach = aReach({
    table: "state",
    ...planted,
    config: CONFIG,
    eyes: { ...world.ports, clusterReader },
  });
  const { stdout } = await runCommand(["doctor", "--config", file, "--json"], { reach });
  const findings: Told[] = JSON.parse(stdout).findings;
  return {
    failures: findings.filter(({ status }) => status === "failure"),
    of: findings.filter(({ check }) => check === "other autoscalers"),
  };
}
