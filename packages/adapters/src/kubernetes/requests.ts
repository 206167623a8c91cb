import {
  AutoscalerError,
  NO_EXTENDED,
  quantityToMilli,
  quantityToUnits,
  type Resources,
} from "@gpu-autoscaler/core";
import type { Quantities, RawContainer, RawContainerStatuses, RawPodSpec } from "./schemas.ts";

/** A resource list. Throws where a quantity cannot be read. */
export function resourcesOf(quantities: Quantities): Resources {
  const amounts = noAmounts();
  add(amounts, quantities);
  return resourcesFrom(amounts, amounts.pods);
}

/**
 * What scheduling counts a pod with: the sum of its containers and sidecars or the most that is
 * needed while it initializes, whichever is more; pod-level resources in place of those; and the
 * overhead. As KEP-753 "Resources calculation for scheduling and pod admission" and
 * `PodRequests` of k8s.io/component-helpers/resource.
 *
 * `statuses`: of a pod that is being resized, whose containers count with the most of what is
 * asked for, set aside and in use.
 */
export function effectiveRequests(spec: RawPodSpec, statuses: RawContainerStatuses = null): Resources {
  const total = noAmounts();
  for (const container of spec.containers) add(total, requestsOf(container, statuses));
  const { initContainers } = spec;
  if (initContainers && initContainers.length > 0) addInitContainers(total, initContainers, statuses);
  setPodLevel(total, spec.resources?.requests);
  add(total, spec.overhead);
  return resourcesFrom(total, 1);
}

/** A sidecar runs on, beside the init containers after it and the containers. */
function addInitContainers(
  total: Amounts,
  initContainers: readonly RawContainer[],
  statuses: RawContainerStatuses,
): void {
  const sidecars = noAmounts();
  const most = noAmounts();
  for (const container of initContainers) {
    const isSidecar = container.restartPolicy === "Always";
    const requests = requestsOf(container, isSidecar ? statuses : null);
    if (isSidecar) {
      add(total, requests);
      add(sidecars, requests);
    } else {
      const during = copy(sidecars);
      add(during, requests);
      raise(most, during);
    }
  }
  raise(total, most);
}

/** Pod-level resources speak for CPU, memory and huge pages alone. */
function setPodLevel(total: Amounts, requests: Quantities): void {
  if (!requests) return;
  for (const name in requests) {
    if (name !== "cpu" && name !== "memory" && !name.startsWith("hugepages-")) continue;
    clear(total, name);
    add(total, { [name]: requests[name] ?? 0 });
  }
}

/** A limit without a request is the request, as admission has it (SetDefaults_Pod). */
function requestsOf({ name, resources }: RawContainer, statuses: RawContainerStatuses): Quantities {
  const { requests, limits } = resources ?? {};
  const asked = limits ? { ...limits, ...requests } : requests;
  const status = statuses?.find((candidate) => candidate.name === name);
  return status ? most([asked, status.resources?.requests, status.allocatedResources]) : asked;
}

function most(lists: readonly Quantities[]): Quantities {
  const names = new Set(lists.flatMap((list) => Object.keys(list ?? {})));
  return Object.fromEntries(
    [...names].map((name) => {
      const given = lists.flatMap((list) => list?.[name] ?? []);
      return [name, given.reduce((a, b) => (amountOf(name, a) >= amountOf(name, b) ? a : b))];
    }),
  );
}

/** Amounts that are being added up. */
interface Amounts {
  cpuMilli: number;
  memoryBytes: number;
  ephemeralStorageBytes: number;
  pods: number;
  /** Made when the first is added: most pods ask for none. */
  extended: Record<string, number> | null;
}

function noAmounts(): Amounts {
  return { cpuMilli: 0, memoryBytes: 0, ephemeralStorageBytes: 0, pods: 0, extended: null };
}

function resourcesFrom(amounts: Amounts, pods: number): Resources {
  const { cpuMilli, memoryBytes, ephemeralStorageBytes, extended } = amounts;
  return { cpuMilli, memoryBytes, ephemeralStorageBytes, pods, extended: extended ?? NO_EXTENDED };
}

function amountOf(name: string, quantity: string | number): number {
  const text = typeof quantity === "string" ? quantity : String(quantity);
  try {
    return name === "cpu" ? quantityToMilli(text) : quantityToUnits(text);
  } catch (cause) {
    throw new AutoscalerError(
      "InvalidQuantity",
      `${name}: ${cause instanceof Error ? cause.message : text}`,
      { cause },
    );
  }
}

function add(amounts: Amounts, quantities: Quantities): void {
  if (!quantities) return;
  for (const name in quantities) {
    const amount = amountOf(name, quantities[name] ?? 0);
    if (name === "cpu") amounts.cpuMilli += amount;
    else if (name === "memory") amounts.memoryBytes += amount;
    else if (name === "ephemeral-storage") amounts.ephemeralStorageBytes += amount;
    else if (name === "pods") amounts.pods += amount;
    else {
      amounts.extended ??= {};
      amounts.extended[name] = (amounts.extended[name] ?? 0) + amount;
    }
  }
}

function clear(amounts: Amounts, name: string): void {
  if (name === "cpu") amounts.cpuMilli = 0;
  else if (name === "memory") amounts.memoryBytes = 0;
  else if (amounts.extended) amounts.extended[name] = 0;
}

function copy(amounts: Amounts): Amounts {
  return { ...amounts, extended: amounts.extended && { ...amounts.extended } };
}

/** Makes each amount at least as much as the other. */
function raise(amounts: Amounts, least: Amounts): void {
  amounts.cpuMilli = Math.max(amounts.cpuMilli, least.cpuMilli);
  amounts.memoryBytes = Math.max(amounts.memoryBytes, least.memoryBytes);
  amounts.ephemeralStorageBytes = Math.max(amounts.ephemeralStorageBytes, least.ephemeralStorageBytes);
  for (const name in least.extended) {
    amounts.extended ??= {};
    amounts.extended[name] = Math.max(amounts.extended[name] ?? 0, least.extended[name] ?? 0);
  }
}
