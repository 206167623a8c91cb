import type { CompiledPod } from "../fit/index.ts";
import type { Policy } from "../model/policy.ts";
import type { Fleet, ManagedInstance } from "./fleet.ts";
import type { Offerings, OpenOffering } from "./scale-up/offerings.ts";
import { howMany } from "./scale-up/packing.ts";

/** Whether pods are where they cost least: by their share of a node's price, in GPUs. */
export interface Worth {
  /** Whether nothing that can be launched now, of the same capacity type, would serve the pod for much less. */
  isNeeded(pod: CompiledPod, gpuResource: string, gpuAmount: number, instance: ManagedInstance): boolean;
  /** Whether a small pod that demands nothing of its node could come to the node and be served for much less elsewhere. */
  isUndercut(instance: ManagedInstance): boolean;
}

export function createWorth(offerings: () => Offerings, { pricing }: Fleet, { scaleDown }: Policy): Worth {
  const undercut = new Map<string, boolean>();
  let byPrice: readonly OpenOffering[] | null = null;
  const cheapestFirst = () => {
    byPrice ??= offerings().open.toSorted((a, b) => pricePerGpu(a) - pricePerGpu(b));
    return byPrice;
  };
  /** What a part of the node's GPUs costs an hour, less what is not worth the trouble; null for nothing. */
  const mostElsewhere = (instance: ManagedInstance, gpuResource: string, gpuAmount: number): number => {
    const { group, zone, instanceType, template } = instance;
    const total = template?.gpuResources[gpuResource] ?? 0;
    if (total === 0 || group.capacityType === "reserved") return 0;
    const here = (pricing.ofInstance(group, zone, instanceType) * gpuAmount) / total;
    return (here * 1000) / scaleDown.closeAboveMilli;
  };

  const isNeeded: Worth["isNeeded"] = (pod, gpuResource, gpuAmount, instance) => {
    const most = mostElsewhere(instance, gpuResource, gpuAmount);
    for (const offering of cheapestFirst()) {
      const gpus = offering.template.gpuResources[gpuResource] ?? 0;
      if (gpus < gpuAmount || offering.of.group.capacityType !== instance.group.capacityType) continue;
      const price = offering.price.nanoDollarsPerHour;
      if ((price / gpus) * gpuAmount >= most || offering.of.pool.dryRun) continue;
      if (!offerings().emptySpace.fits(pod, offering.empty)) continue;
      if (price / Math.max(1, howMany(pod.spec.requests, offering.empty.free)) < most) return false;
    }
    return true;
  };

  const isUndercutAt = (instance: ManagedInstance): boolean => {
    const { template } = instance;
    if (!template || !isUntainted(template.taints)) return false;
    return Object.keys(template.gpuResources).some((resource) => {
      const most = mostElsewhere(instance, resource, 1);
      return cheapestFirst().some(({ of, price, template: other }) => {
        const gpus = other.gpuResources[resource] ?? 0;
        const isOpen = !of.pool.dryRun && of.group.capacityType === instance.group.capacityType;
        return isOpen && gpus > 0 && price.nanoDollarsPerHour / gpus < most && isUntainted(other.taints);
      });
    });
  };

  return {
    isNeeded,
    isUndercut(instance) {
      const key = `${instance.group.name}/${instance.zone}/${instance.instanceType}`;
      const known = undercut.get(key);
      if (known !== undefined) return known;
      const is = isUndercutAt(instance);
      undercut.set(key, is);
      return is;
    },
  };
}

function isUntainted(taints: readonly { readonly effect: string }[]): boolean {
  return taints.every(({ effect }) => effect === "PreferNoSchedule");
}

function pricePerGpu({ price, template }: OpenOffering): number {
  return price.nanoDollarsPerHour / Math.max(1, template.gpus);
}
