import { GPU_MODEL_LABEL, instanceType, POOL_LABEL } from "@gpu-autoscaler/core";
import type { PoolConfig } from "./configuration.ts";

/**
 * What the kubelet gives its node: what the planner expects of a new node of the pool, and what
 * NVIDIA's device plugin and MIG manager go by to make the pool's sharing layout.
 */
export function nodeLabels(pool: PoolConfig): Record<string, string> {
  const model = instanceType(pool.instanceTypes?.[0] ?? "")?.gpuModel ?? "";
  return {
    [POOL_LABEL]: pool.name,
    ...(model === "" ? {} : { [GPU_MODEL_LABEL]: model }),
    ...sharingLabels(pool),
    ...pool.labels,
  };
}

/** Which configuration of NVIDIA's device plugin the node goes by; the plugin runs where it is. */
const DEVICE_PLUGIN = "nvidia.com/device-plugin.config";

/**
 * Names of layouts in deploy/device-plugin-values.yaml and in the MIG manager's configuration.
 * Bottlerocket has its device plugin built in, which is told by user data.
 */
function sharingLabels({ image, sharing: { timeSlicing, mig } }: PoolConfig): Record<string, string> {
  if (image === "bottlerocket") return {};
  if (timeSlicing) {
    const renamed = timeSlicing.renameByDefault ? "" : "-same-name";
    return { [DEVICE_PLUGIN]: `time-slicing-${timeSlicing.replicas}${renamed}` };
  }
  if (!mig) return { [DEVICE_PLUGIN]: "whole" };
  return { [DEVICE_PLUGIN]: `mig-${mig.strategy}`, "nvidia.com/mig.config": migLayout(mig.profiles) };
}

/** `all-1g.10gb`, which the MIG manager ships, or `1g.10gb-2_3g.40gb-1`, which one adds to its configuration. */
function migLayout(profiles: Readonly<Record<string, number>>): string {
  const [first, ...others] = Object.entries(profiles);
  if (first && others.length === 0) return `all-${first[0]}`;
  return Object.entries(profiles)
    .map(([profile, count]) => `${profile}-${count}`)
    .join("_");
}
