import { type DaemonSet, listed, type Pool, tolerates } from "@gpu-autoscaler/core";
import type { Examined } from "../examined.ts";
import { type Finding, failure, ok, warning } from "../finding.ts";
import { poolNodesOf } from "./gpu-nodes.ts";

interface Needed {
  readonly what: string;
  readonly isIt: (name: string) => boolean;
}

const DEVICE_PLUGIN: Needed = {
  what: "NVIDIA's device plugin",
  isIt: (name) => name.includes("nvidia") && name.includes("device-plugin"),
};
const EXPORTER: Needed = { what: "the DCGM exporter", isIt: (name) => name.includes("dcgm-exporter") };

/** Whether the device plugin and the DCGM exporter are there, and come to the nodes of every pool. */
export async function checkDaemonSets(of: Examined): Promise<readonly Finding[]> {
  const [{ daemonSets }, nodes] = await Promise.all([of.objects(), poolNodesOf(of)]);
  const named = ({ isIt }: Needed) => daemonSets.filter(({ name }) => isIt(name));
  const [plugins, exporters] = [named(DEVICE_PLUGIN), named(EXPORTER)];
  return [
    ...(plugins.length > 0
      ? landings(DEVICE_PLUGIN, plugins, of.policy.pools, failure)
      : [
          noPlugin(
            nodes.length > 0,
            nodes.some(({ node, expected }) => servesSome(node.allocatable.extended, expected)),
          ),
        ]),
    ...(exporters.length > 0
      ? landings(EXPORTER, exporters, of.policy.pools, warning)
      : [
          warning(
            EXPORTER.what,
            "no DaemonSet of it is in the cluster: GPU utilization is unknown, and nothing is done that depends on it",
            "install it: https://github.com/NVIDIA/dcgm-exporter",
          ),
        ]),
  ];
}

function noPlugin(areNodes: boolean, someServe: boolean): Finding {
  const place = DEVICE_PLUGIN.what;
  if (someServe) {
    return ok(
      place,
      "no DaemonSet of it, and nodes serve GPUs: their image has it built in, as Bottlerocket's",
    );
  }
  const nobody = areNodes
    ? "and no node of the pools serves GPUs"
    : "and no node is there that could show whether its image has it";
  return (areNodes ? failure : warning)(
    place,
    `no DaemonSet of it is in the cluster, ${nobody}: nodes of AL2023 never serve GPUs without it`,
    "install it: https://github.com/NVIDIA/k8s-device-plugin; pools of Bottlerocket alone need none",
  );
}

function servesSome(
  extended: Readonly<Record<string, number>>,
  expected: Readonly<Record<string, number>>,
): boolean {
  return Object.keys(expected).some((name) => (extended[name] ?? 0) > 0);
}

/** By taints alone: labels that it selects nodes by may be set when a node is there. */
function landings(
  { what }: Needed,
  daemonSets: readonly DaemonSet[],
  pools: readonly Pool[],
  severity: typeof failure,
): Finding[] {
  const names = listed(daemonSets.map(({ namespace, name }) => `${namespace}/${name}`));
  const wrong = pools.flatMap((pool) => {
    const keptOut = daemonSets.map((daemonSet) => untolerated(daemonSet, pool));
    if (keptOut.some((taints) => taints.length === 0)) return [];
    const taints = listed([...new Set(keptOut.flat())]);
    return [
      severity(
        `pool ${pool.name}`,
        `${what} (${names}) does not tolerate its nodes' taint ${taints}`,
        `add a toleration for ${taints} to the DaemonSet`,
      ),
    ];
  });
  return wrong.length > 0 ? wrong : [ok(what, `${names} tolerates the taints of every pool`)];
}

/** Keys of taints that keep its pods away. */
function untolerated({ template }: DaemonSet, { taints }: Pool): string[] {
  return taints
    .filter(({ effect }) => effect !== "PreferNoSchedule")
    .filter((taint) => !template.tolerations.some((toleration) => tolerates(toleration, taint)))
    .map(({ key }) => key);
}
