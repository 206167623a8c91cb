import type { Reason } from "../model/reason.ts";
import { reason } from "../model/reason.ts";
import type { Resources } from "../model/resources.ts";
import { formatBytes, formatMilli } from "../quantity.ts";
import { numberOf } from "./label-columns.ts";

/** What is left of a node. Negative where its pods ask for more than it has. */
export interface FreeResources {
  cpuMilli: number;
  memoryBytes: number;
  ephemeralStorageBytes: number;
  pods: number;
  readonly extended: Record<string, number>;
}

/** Extended resources by number, so that they are compared without looking up names. */
export type ResourceNumbers = Map<string, number>;

/** A pod's requests, laid out for the comparison with many nodes. */
export interface AskedResources {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly ephemeralStorageBytes: number;
  readonly pods: number;
  /** The numbers of the extended resources that it asks for. */
  readonly extended: readonly number[];
  /** How much of each, above 0. */
  readonly amounts: readonly number[];
}

export function freeOf({
  cpuMilli,
  memoryBytes,
  ephemeralStorageBytes,
  pods,
  extended,
}: Resources): FreeResources {
  return { cpuMilli, memoryBytes, ephemeralStorageBytes, pods, extended: { ...extended } };
}

export function numbered(extended: Resources["extended"], resources: ResourceNumbers): number[] {
  const amounts: number[] = [];
  for (const name in extended) amounts[numberOf(resources, name)] = extended[name] ?? 0;
  return amounts;
}

export function askedOf(requests: Resources, resources: ResourceNumbers): AskedResources {
  const { cpuMilli, memoryBytes, ephemeralStorageBytes, pods } = requests;
  const asked = Object.entries(requests.extended).filter(([, amount]) => amount > 0);
  const extended = asked.map(([name]) => numberOf(resources, name));
  const amounts = asked.map(([, amount]) => amount);
  return { cpuMilli, memoryBytes, ephemeralStorageBytes, pods, extended, amounts };
}

/** Takes the requests `times` times; -1 gives them back. */
export function take(
  { free, freeExtended }: { readonly free: FreeResources; readonly freeExtended: number[] },
  requests: Resources,
  resources: ResourceNumbers,
  times: 1 | -1,
): void {
  free.cpuMilli -= times * requests.cpuMilli;
  free.memoryBytes -= times * requests.memoryBytes;
  free.ephemeralStorageBytes -= times * requests.ephemeralStorageBytes;
  free.pods -= times * requests.pods;
  for (const name in requests.extended) {
    const number = numberOf(resources, name);
    const left = (freeExtended[number] ?? 0) - times * (requests.extended[name] ?? 0);
    freeExtended[number] = left;
    free.extended[name] = left;
  }
}

/**
 * The plugin NodeResourcesFit: what is asked for is left. What is not asked for may be
 * overcommitted. The scarcest come first.
 */
export function hasRoom(
  asked: AskedResources,
  free: FreeResources,
  freeExtended: readonly number[],
): boolean {
  const { extended, amounts } = asked;
  for (let i = 0; i < extended.length; i++) {
    if ((amounts[i] ?? 0) > (freeExtended[extended[i] ?? -1] ?? 0)) return false;
  }
  return (
    !isShort(asked.cpuMilli, free.cpuMilli) &&
    !isShort(asked.memoryBytes, free.memoryBytes) &&
    !isShort(asked.pods, free.pods) &&
    !isShort(asked.ephemeralStorageBytes, free.ephemeralStorageBytes)
  );
}

export function shortages(asked: Resources, free: FreeResources): Reason[] {
  const reasons: Reason[] = [];
  if (isShort(asked.cpuMilli, free.cpuMilli)) {
    reasons.push(reason("InsufficientCpu", shortage("cpu", formatMilli, asked.cpuMilli, free.cpuMilli)));
  }
  if (isShort(asked.memoryBytes, free.memoryBytes)) {
    reasons.push(
      reason("InsufficientMemory", shortage("memory", formatBytes, asked.memoryBytes, free.memoryBytes)),
    );
  }
  if (isShort(asked.ephemeralStorageBytes, free.ephemeralStorageBytes)) {
    const { ephemeralStorageBytes } = asked;
    const detail = shortage(
      "ephemeral-storage",
      formatBytes,
      ephemeralStorageBytes,
      free.ephemeralStorageBytes,
    );
    reasons.push(reason("InsufficientEphemeralStorage", detail));
  }
  if (isShort(asked.pods, free.pods))
    reasons.push(reason("TooManyPods", shortage("pods", String, asked.pods, free.pods)));
  for (const name of Object.keys(asked.extended).sort()) {
    const amount = asked.extended[name] ?? 0;
    const left = free.extended[name] ?? 0;
    if (!isShort(amount, left)) continue;
    reasons.push(reason("InsufficientExtendedResource", shortage(name, String, amount, left)));
  }
  return reasons;
}

function isShort(asked: number, left: number): boolean {
  return asked > 0 && asked > left;
}

function shortage(name: string, format: (amount: number) => string, asked: number, left: number): string {
  const verb = left === 1 ? "is" : "are";
  return `asks for ${format(asked)} ${name}, ${format(Math.max(left, 0))} ${verb} left`;
}
