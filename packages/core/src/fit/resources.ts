import type { Reason } from "../model/reason.ts";
import { reason } from "../model/reason.ts";
import { NO_EXTENDED, type Resources } from "../model/resources.ts";
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

/** Amounts by number. Made in full length, as a list that grows takes more room than it needs. */
export function numbered(extended: Resources["extended"], resources: ResourceNumbers): number[] {
  const amounts = new Array<number>(resources.size).fill(0);
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

/** What is left of a node, by name and by number. */
interface Left {
  readonly free: FreeResources;
  readonly freeExtended: number[];
}

/** Takes the requests `times` times; -1 gives them back. */
export function take(left: Left, requests: Resources, resources: ResourceNumbers, times: 1 | -1): void {
  const { free } = left;
  free.cpuMilli -= times * requests.cpuMilli;
  free.memoryBytes -= times * requests.memoryBytes;
  free.ephemeralStorageBytes -= times * requests.ephemeralStorageBytes;
  free.pods -= times * requests.pods;
  if (requests.extended !== NO_EXTENDED) takeExtended(left, requests.extended, resources, times);
}

/** Takes the requests of all of these. */
export function takeAll(
  left: Left,
  askers: readonly { readonly requests: Resources }[],
  resources: ResourceNumbers,
): void {
  let cpuMilli = 0;
  let memoryBytes = 0;
  let ephemeralStorageBytes = 0;
  let pods = 0;
  for (const { requests } of askers) {
    cpuMilli += requests.cpuMilli;
    memoryBytes += requests.memoryBytes;
    ephemeralStorageBytes += requests.ephemeralStorageBytes;
    pods += requests.pods;
    if (requests.extended !== NO_EXTENDED) takeExtended(left, requests.extended, resources, 1);
  }
  const { free } = left;
  free.cpuMilli -= cpuMilli;
  free.memoryBytes -= memoryBytes;
  free.ephemeralStorageBytes -= ephemeralStorageBytes;
  free.pods -= pods;
}

function takeExtended(
  { free, freeExtended }: Left,
  extended: Resources["extended"],
  resources: ResourceNumbers,
  times: 1 | -1,
): void {
  for (const name in extended) {
    const number = numberOf(resources, name);
    const left = (freeExtended[number] ?? 0) - times * (extended[name] ?? 0);
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
  for (const name of shortExtended(asked, free)) {
    const detail = shortage(name, String, asked.extended[name] ?? 0, free.extended[name] ?? 0);
    reasons.push(reason("InsufficientExtendedResource", detail));
  }
  return reasons;
}

/** By name. */
function shortExtended(asked: Resources, free: FreeResources): readonly string[] {
  const names: string[] = [];
  for (const name in asked.extended) {
    if (isShort(asked.extended[name] ?? 0, free.extended[name] ?? 0)) names.push(name);
  }
  return names.length > 1 ? names.sort() : names;
}

function isShort(asked: number, left: number): boolean {
  return asked > 0 && asked > left;
}

function shortage(name: string, format: (amount: number) => string, asked: number, left: number): string {
  const verb = left === 1 ? "is" : "are";
  return `asks for ${format(asked)} ${name}, ${format(Math.max(left, 0))} ${verb} left`;
}
