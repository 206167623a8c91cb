import type { Node, Taint } from "@gpu-autoscaler/core";
import { labelsOf, NONE } from "./empty.ts";
import { naming, readObject } from "./read-object.ts";
import { resourcesOf } from "./requests.ts";
import { nodeSchema, type RawTaint } from "./schemas.ts";
import { isTrue, timeOf } from "./times.ts";

/** A v1 Node. Throws `InvalidKubernetesObject`. */
export function nodeFrom(raw: unknown): Node {
  const { metadata, spec, status } = readObject("Node", nodeSchema, raw);
  return {
    name: metadata.name,
    uid: metadata.uid ?? "",
    resourceVersion: metadata.resourceVersion ?? "",
    instanceId: instanceIdOf(spec?.providerID),
    labels: labelsOf(metadata.labels),
    annotations: labelsOf(metadata.annotations),
    taints: taintsOf(spec?.taints),
    unschedulable: spec?.unschedulable ?? false,
    ready: isTrue(status?.conditions, "Ready"),
    createdAt: timeOf(metadata.creationTimestamp) ?? 0,
    allocatable: naming("Node", raw, () => resourcesOf(status?.allocatable)),
  };
}

/** Of "aws:///us-east-1a/i-0123456789abcdef0"; null for nodes that are no EC2 instances. */
function instanceIdOf(providerId: string | null | undefined): string | null {
  return /^aws:\/\/\/[^/]*\/(i-[0-9a-zA-Z-]+)$/.exec(providerId ?? "")?.[1] ?? null;
}

/** An effect that nobody knows has none. */
function taintsOf(raw: readonly RawTaint[] | null | undefined): readonly Taint[] {
  if (!raw || raw.length === 0) return NONE;
  const taints: Taint[] = [];
  for (const { key, value, effect } of raw) {
    if (effect === "NoSchedule" || effect === "PreferNoSchedule" || effect === "NoExecute") {
      taints.push({ key, value: value ?? "", effect });
    }
  }
  return taints;
}
