import type { ContainerCommand } from "@gpu-autoscaler/adapters/inspection";
import { listed, POOL_LABEL, type Pod } from "@gpu-autoscaler/core";
import type { Examined } from "../examined.ts";
import { type Finding, failure, ok, unchecked, warning } from "../finding.ts";

/** Tags by which Cluster Autoscaler finds its groups: its documentation of auto-discovery on AWS. */
export function discoveryTags(tags: Readonly<Record<string, string>>): string[] {
  return Object.keys(tags).filter(
    (key) => key.startsWith("k8s.io/cluster-autoscaler/") && !key.startsWith(NODE_TEMPLATE),
  );
}

const NODE_TEMPLATE = "k8s.io/cluster-autoscaler/node-template/";
const NAMES = ["cluster-autoscaler", "karpenter"] as const;
type Kind = (typeof NAMES)[number];

/** Whether another autoscaler in the cluster scales the same groups, or answers the same pods. */
export async function checkOtherAutoscalers(of: Examined): Promise<readonly Finding[]> {
  const { pods, nodes } = await of.objects();
  const suspects = pods.flatMap((pod) => {
    const kind = kindOf(pod);
    return kind === null ? [] : [{ pod, kind }];
  });
  const taken = new Set(of.configured.map(({ name }) => name));
  const findings = await Promise.all(
    suspects.map(({ pod, kind }) =>
      kind === "karpenter" ? karpenterFinding(pod) : clusterAutoscalerFinding(pod, taken, of),
    ),
  );
  const claimed = nodes.filter(
    ({ labels }) => labels["karpenter.sh/nodepool"] !== undefined && POOL_LABEL in labels,
  );
  return [
    ...(suspects.length === 0
      ? [ok("other autoscalers", "no pod of Cluster Autoscaler or Karpenter runs in the cluster")]
      : findings),
    ...(claimed.length > 0
      ? [
          failure(
            `nodes ${listed(claimed.map(({ name }) => name))}`,
            "bear the labels of a Karpenter NodePool and of a pool of ours",
            "take the label gpu-autoscaler.io/pool out of the NodePool, or these nodes out of Karpenter",
          ),
        ]
      : []),
  ];
}

/** By its labels, as the charts set them, else by its name. */
function kindOf({ labels, name }: Pod): Kind | null {
  const told = [labels["app.kubernetes.io/name"], labels["k8s-app"], labels.app].filter(
    (label) => label !== undefined,
  );
  const isOf = (kind: Kind) =>
    told.some((label) => label === kind || label.endsWith(`-${kind}`)) || name.startsWith(`${kind}-`);
  return NAMES.find(isOf) ?? null;
}

/** It scales no Auto Scaling group, but launches nodes of its own for pods that no node can take. */
function karpenterFinding({ namespace, name }: Pod): Finding {
  return warning(
    `pod ${namespace}/${name}`,
    "Karpenter runs in the cluster: where a NodePool allows GPUs, both launch nodes for the same pending pod",
    "let its NodePools require karpenter.k8s.aws/instance-gpu-count DoesNotExist, or limit nvidia.com/gpu to 0 (docs/migration.md)",
  );
}

async function clusterAutoscalerFinding(
  { namespace, name }: Pod,
  taken: ReadonlySet<string>,
  of: Examined,
): Promise<Finding> {
  const place = `pod ${namespace}/${name}`;
  const containers = await of.kubernetes.containersOf(namespace, name);
  if (containers === null)
    return unchecked(place, "Cluster Autoscaler's pod was gone before it was looked at");
  const named = groupsNamed(containers).filter((group) => taken.has(group));
  const settings = await of.settings();
  const found = settings.filter(({ tags }) => discovers(containers, tags)).map((group) => group.name);
  const both = [...new Set([...named, ...found])];
  if (both.length > 0) {
    return failure(
      place,
      `Cluster Autoscaler scales groups of the configuration, too: ${listed(both)}`,
      "take them out of its --nodes, and its discovery tags off them (docs/migration.md)",
    );
  }
  return ok(place, "Cluster Autoscaler runs, and scales none of the configuration's groups");
}

/** Of `--nodes=1:10:name`, or `--nodes 1:10:name`. */
function groupsNamed(containers: readonly ContainerCommand[]): string[] {
  return optionsOf(containers, "--nodes").flatMap((value) => value.split(":").slice(2).join(":") || []);
}

/** Of `--node-group-auto-discovery=asg:tag=a,b=c`: a group is found that bears all of them. */
function discovers(containers: readonly ContainerCommand[], tags: Readonly<Record<string, string>>): boolean {
  return optionsOf(containers, "--node-group-auto-discovery").some((value) => {
    const wanted = (value.split("asg:tag=")[1] ?? "").split(",").filter(Boolean);
    return (
      wanted.length > 0 &&
      wanted.every((each) => {
        const [key = "", due] = each.split("=", 2);
        return key in tags && (due === undefined || tags[key] === due);
      })
    );
  });
}

function optionsOf(containers: readonly ContainerCommand[], name: string): string[] {
  const words = containers.flatMap(({ command }) => command.flatMap((each) => each.split(/\s+/)));
  return words.flatMap((word, at) => {
    if (word.startsWith(`${name}=`)) return word.slice(name.length + 1);
    return word === name ? (words[at + 1] ?? []) : [];
  });
}
