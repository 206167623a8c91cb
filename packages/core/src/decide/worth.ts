import type { CompiledPod } from "../fit/index.ts";
import type { Policy } from "../model/policy.ts";
import type { CapacityType } from "../model/pool.ts";
import { largestGpuRequest } from "../model/resources.ts";
import type { NanoDollars } from "../model/units.ts";
import type { Fleet, ManagedInstance } from "./fleet.ts";
import type { Offerings, OpenOffering } from "./scale-up/offerings.ts";
import { howMany } from "./scale-up/packing.ts";
import type { NodeTemplate } from "./template.ts";

/** Whether pods are where they cost least: by their share of a node's price, in GPUs. */
export interface Worth {
  /** Whether nothing that can be launched now, of the same capacity type, would serve the pod for much less. */
  isNeeded(pod: CompiledPod, gpuResource: string, gpuAmount: number, instance: ManagedInstance): boolean;
  /** Whether a small pod that demands nothing of its node could come to the node and be served for much less elsewhere. */
  isUndercut(instance: ManagedInstance): boolean;
  /** Whether the pod may move there by what it costs: small pods could not come for much less, or it needs the node. */
  isWorthIt(pod: CompiledPod, there: ManagedInstance | OpenOffering): boolean;
}

/** A node that is there, or could be. */
interface Place {
  readonly capacityType: CapacityType;
  readonly template: NodeTemplate | null;
  readonly nanoDollarsPerHour: NanoDollars;
}

export function createWorth(offerings: () => Offerings, fleet: Fleet, { scaleDown }: Policy): Worth {
  const { pricing } = fleet;
  const closeAboveMilli = mostMayMove(fleet) ? scaleDown.closeMovableAboveMilli : scaleDown.closeAboveMilli;
  const undercut = new Map<NodeTemplate, Map<string, boolean>>();
  let byPrice: readonly OpenOffering[] | null = null;
  const cheapestFirst = () => {
    byPrice ??= offerings().open.toSorted((a, b) => pricePerGpu(a) - pricePerGpu(b));
    return byPrice;
  };
  const placeOf = ({ group, zone, instanceType, template }: ManagedInstance): Place => {
    const nanoDollarsPerHour = pricing.ofInstance(group, zone, instanceType);
    return { capacityType: group.capacityType, template, nanoDollarsPerHour };
  };
  const newPlaceOf = ({ of, template, price: { nanoDollarsPerHour } }: OpenOffering): Place => ({
    capacityType: of.group.capacityType,
    template,
    nanoDollarsPerHour,
  });
  /** What a part of the node's GPUs costs an hour, less what is not worth the trouble; null for nothing. */
  const mostElsewhere = (
    { capacityType, template, nanoDollarsPerHour }: Place,
    gpuResource: string,
    gpuAmount: number,
  ): number => {
    const total = template?.gpuResources[gpuResource] ?? 0;
    if (total === 0 || capacityType === "reserved") return 0;
    return ((nanoDollarsPerHour * gpuAmount) / total / closeAboveMilli) * 1000;
  };

  const isNeededAt = (pod: CompiledPod, gpuResource: string, gpuAmount: number, place: Place): boolean => {
    const most = mostElsewhere(place, gpuResource, gpuAmount);
    for (const offering of cheapestFirst()) {
      const gpus = offering.template.gpuResources[gpuResource] ?? 0;
      if (gpus < gpuAmount || offering.of.group.capacityType !== place.capacityType) continue;
      const price = offering.price.nanoDollarsPerHour;
      if ((price / gpus) * gpuAmount >= most || offering.of.pool.dryRun) continue;
      if (!offerings().emptySpace.fits(pod, offering.empty)) continue;
      if (price / Math.max(1, howMany(pod.spec.requests, offering.empty.free)) < most) return false;
    }
    return true;
  };

  const isUndercutAt = (place: Place): boolean => {
    const { template, capacityType } = place;
    if (!template || !isUntainted(template.taints)) return false;
    return Object.keys(template.gpuResources).some((resource) => {
      const most = mostElsewhere(place, resource, 1);
      return cheapestFirst().some(({ of, price, template: other }) => {
        const gpus = other.gpuResources[resource] ?? 0;
        const isOpen = !of.pool.dryRun && of.group.capacityType === capacityType;
        return isOpen && gpus > 0 && price.nanoDollarsPerHour / gpus < most && isUntainted(other.taints);
      });
    });
  };

  /** The same for all nodes of one template in one zone. */
  const isUndercut = (template: NodeTemplate, zone: string, place: () => Place): boolean => {
    let byZone = undercut.get(template);
    if (byZone === undefined) {
      byZone = new Map();
      undercut.set(template, byZone);
    }
    let is = byZone.get(zone);
    if (is === undefined) {
      is = isUndercutAt(place());
      byZone.set(zone, is);
    }
    return is;
  };

  const isInstanceUndercut = (instance: ManagedInstance): boolean =>
    instance.template !== null && isUndercut(instance.template, instance.zone, () => placeOf(instance));

  return {
    isNeeded: (pod, gpuResource, gpuAmount, instance) =>
      isNeededAt(pod, gpuResource, gpuAmount, placeOf(instance)),
    isUndercut: isInstanceUndercut,
    isWorthIt(pod, there) {
      const isNew = "price" in there;
      const isDear = isNew
        ? isUndercut(there.template, there.zone, () => newPlaceOf(there))
        : isInstanceUndercut(there);
      if (!isDear) return true;
      const { gpuResource, gpuAmount } = largestGpuRequest(pod.spec.requests);
      return isNeededAt(pod, gpuResource, gpuAmount, isNew ? newPlaceOf(there) : placeOf(there));
    },
  };
}

/** Whether most GPU pods may be moved. */
function mostMayMove({ machines }: Fleet): boolean {
  let pods = 0;
  let movable = 0;
  for (const { gpuPods, movableGpuPods } of machines) {
    pods += gpuPods;
    movable += movableGpuPods;
  }
  return movable * 2 > pods;
}

function isUntainted(taints: readonly { readonly effect: string }[]): boolean {
  return taints.every(({ effect }) => effect === "PreferNoSchedule");
}

function pricePerGpu({ price, template }: OpenOffering): number {
  return price.nanoDollarsPerHour / Math.max(1, template.gpus);
}
