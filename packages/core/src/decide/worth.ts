import { type CompiledPod, compilePod } from "../fit/index.ts";
import type { Policy } from "../model/policy.ts";
import type { CapacityType } from "../model/pool.ts";
import { largestGpuRequest } from "../model/resources.ts";
import type { NanoDollars } from "../model/units.ts";
import { append } from "./append.ts";
import type { Fleet } from "./fleet.ts";
import type { ManagedInstance } from "./machines.ts";
import type { Offerings, OpenOffering, PricedOfferings } from "./scale-up/offerings.ts";
import { howMany } from "./scale-up/packing.ts";
import type { NodeTemplate } from "./template.ts";

/** Whether pods are where they cost least: by their share of a node's price, in GPUs. */
export interface Worth {
  /** Whether nothing that can be launched now, of the same capacity type, would serve the pod for much less. */
  isNeeded(pod: CompiledPod, gpuResource: string, gpuAmount: number, instance: ManagedInstance): boolean;
  /** Whether small pods could come to the node, and most of those that run would be served for much less elsewhere. */
  isUndercut(instance: ManagedInstance): boolean;
  /** Whether the pod may move there by what it costs: the node is not undercut, or the pod needs it. */
  isWorthIt(pod: CompiledPod, there: ManagedInstance | OpenOffering): boolean;
}

/** A node that is there, or could be. */
interface Place {
  readonly capacityType: CapacityType;
  readonly template: NodeTemplate | null;
  readonly nanoDollarsPerHour: NanoDollars;
}

export function createWorth(
  priced: () => PricedOfferings,
  offerings: () => Offerings,
  fleet: Fleet,
  { scaleDown }: Policy,
): Worth {
  const { pricing } = fleet;
  const undercut = new Map<NodeTemplate, Map<string, boolean>>();
  const cheapest = new Map<CompiledPod, Map<CapacityType, NanoDollars>>();
  let kinds: readonly PodKind[] | null = null;
  let sizes: ReadonlyMap<string, ReadonlySet<number>> | null = null;
  let cheapestGpus: ReadonlyMap<CapacityType, NanoDollars> | null = null;
  const kindsThere = () => {
    kinds ??= kindsOf(fleet);
    return kinds;
  };

  /** Whether a node can be had that has the GPUs, and fewer than `total`. */
  const isServedBySmaller = (gpuResource: string, gpuAmount: number, total: number): boolean => {
    sizes ??= sizesOf(priced());
    for (const gpus of sizes.get(gpuResource) ?? []) if (gpus >= gpuAmount && gpus < total) return true;
    return false;
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

  /** What the pod costs an hour on a new node that is full of its kind, at the least; Infinity where none takes it. */
  const cheapestFor = (pod: CompiledPod, gpuResource: string, capacityType: CapacityType): NanoDollars => {
    let byType = cheapest.get(pod);
    if (byType === undefined) {
      byType = cheapestByType(pod, gpuResource, offerings());
      cheapest.set(pod, byType);
    }
    return byType.get(capacityType) ?? Number.POSITIVE_INFINITY;
  };

  const cheapestGpu = (capacityType: CapacityType): NanoDollars => {
    cheapestGpus ??= cheapestGpuByType(priced());
    return cheapestGpus.get(capacityType) ?? Number.POSITIVE_INFINITY;
  };

  /** What a part of the node's GPUs costs an hour, less what is not worth the trouble; 0 where it offers none. */
  const mostElsewhere = (
    { capacityType, template, nanoDollarsPerHour }: Place,
    gpuResource: string,
    gpuAmount: number,
  ): NanoDollars => {
    const total = template?.gpuResources[gpuResource] ?? 0;
    if (total === 0 || capacityType === "reserved") return 0;
    return ((nanoDollarsPerHour * gpuAmount) / total / scaleDown.closeAboveMilli) * 1000;
  };

  const isNeededAt = (pod: CompiledPod, gpuResource: string, gpuAmount: number, place: Place): boolean =>
    cheapestFor(pod, gpuResource, place.capacityType) >= mostElsewhere(place, gpuResource, gpuAmount);

  /** Whether a GPU there costs much more than the cheapest, and most of the small pods that run do not need such a node. */
  const isUndercutAt = (place: Place): boolean => {
    if (!isDearAt(place)) return false;
    let pods = 0;
    let inNeed = 0;
    for (const { pod, count, gpuResource, gpuAmount } of kindsThere()) {
      const total = place.template?.gpuResources[gpuResource] ?? 0;
      // Pods of which no smaller node has the GPUs come to this one anyway.
      if (!isServedBySmaller(gpuResource, gpuAmount, total)) continue;
      pods += count;
      if (isNeededAt(pod, gpuResource, gpuAmount, place)) inNeed += count;
    }
    return inNeed * 2 <= pods;
  };

  const isDearAt = ({ capacityType, template, nanoDollarsPerHour }: Place): boolean => {
    if (!template || !isUntainted(template.taints)) return false;
    const here = nanoDollarsPerHour / Math.max(1, template.gpus);
    return here * 1000 > cheapestGpu(capacityType) * scaleDown.closeAboveMilli;
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

function cheapestByType(
  pod: CompiledPod,
  gpuResource: string,
  { open, emptySpace }: Offerings,
): Map<CapacityType, NanoDollars> {
  const cheapest = new Map<CapacityType, NanoDollars>();
  for (const { of, template, price, empty } of open) {
    const { capacityType } = of.group;
    if (of.pool.dryRun || !(gpuResource in template.gpuResources)) continue;
    const least = cheapest.get(capacityType) ?? Number.POSITIVE_INFINITY;
    const each = price.nanoDollarsPerHour / Math.max(1, howMany(pod.spec.requests, empty.free));
    if (each < least && emptySpace.fits(pod, empty)) cheapest.set(capacityType, each);
  }
  return cheapest;
}

/** For pods that tolerate nothing, and demand nothing of their node. */
function cheapestGpuByType({ open }: PricedOfferings): Map<CapacityType, NanoDollars> {
  const cheapest = new Map<CapacityType, NanoDollars>();
  for (const { of, template, price } of open) {
    const { capacityType } = of.group;
    if (of.pool.dryRun || !isUntainted(template.taints)) continue;
    const each = price.nanoDollarsPerHour / Math.max(1, template.gpus);
    if (each < (cheapest.get(capacityType) ?? Number.POSITIVE_INFINITY)) cheapest.set(capacityType, each);
  }
  return cheapest;
}

/** Pods that ask for the same. */
interface PodKind {
  readonly pod: CompiledPod;
  count: number;
  readonly gpuResource: string;
  readonly gpuAmount: number;
}

/**
 * What GPU pods ask for on the nodes that there are: the first one of each node, by its uid, stands
 * for those of its node, since going through all would be a good part of a decision.
 */
function kindsOf({ machines }: Fleet): readonly PodKind[] {
  const kinds: PodKind[] = [];
  const byMemory = new Map<number, PodKind[]>();
  for (const { firstGpuPod: pod, gpuPods } of machines) {
    if (pod === null) continue;
    const { cpuMilli, memoryBytes } = pod.requests;
    const { gpuResource, gpuAmount } = largestGpuRequest(pod.requests);
    const known = byMemory
      .get(memoryBytes)
      ?.find(
        (kind) =>
          kind.gpuAmount === gpuAmount &&
          kind.gpuResource === gpuResource &&
          kind.pod.spec.requests.cpuMilli === cpuMilli,
      );
    if (known) {
      known.count += gpuPods;
      continue;
    }
    const kind = { pod: compilePod(pod), count: gpuPods, gpuResource, gpuAmount };
    kinds.push(kind);
    append(byMemory, memoryBytes, kind);
  }
  return kinds;
}

/** How many of each GPU resource the nodes have that can be had. */
function sizesOf({ open }: PricedOfferings): ReadonlyMap<string, ReadonlySet<number>> {
  const sizes = new Map<string, Set<number>>();
  let last: NodeTemplate | null = null;
  for (const { template } of open) {
    if (template === last) continue;
    last = template;
    for (const name in template.gpuResources) {
      const known = sizes.get(name) ?? new Set();
      sizes.set(name, known.add(template.gpuResources[name] ?? 0));
    }
  }
  return sizes;
}

function isUntainted(taints: readonly { readonly effect: string }[]): boolean {
  return taints.every(({ effect }) => effect === "PreferNoSchedule");
}
