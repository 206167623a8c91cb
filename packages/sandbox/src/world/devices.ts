import { type EpochMs, expectedGpuResources, isGpuResource, type Sharing } from "@gpu-autoscaler/core";
import { hexOf } from "./random.ts";

/** What DCGM measures and the device plugin hands out: a GPU, or a MIG instance of one. */
export interface Device {
  /** The GPU's UUID, with the MIG instance's number behind a slash where there is one. */
  readonly id: string;
  readonly resource: string;
  /** How many the device plugin offers of it: 1, or the replicas of a time-sliced GPU. */
  readonly units: number;
  /** When DCGM first sees it. */
  readonly since: EpochMs;
  held: number;
  /** `namespace/name` of the pods that hold it, with when it was given to them. */
  readonly holders: Map<string, EpochMs>;
  /** Utilization by what pods run, and by what no pod accounts for, in thousandths. */
  podLoadMilli: number;
  strayLoadMilli: number;
  readonly load: LoadHistory;
}

/** Utilization as steps: from `times[i]` on it is `values[i]`, in thousandths. Before the first it is 0. */
interface LoadHistory {
  readonly times: EpochMs[];
  readonly values: number[];
}

/** The devices of a node with so many physical GPUs. */
export function devicesOf(node: string, sharing: Sharing, gpus: number, since: EpochMs): Device[] {
  const devices: Device[] = [];
  for (let index = 0; index < gpus; index++) {
    const uuid = uuidOf(node, index);
    const resources = Object.entries(expectedGpuResources(sharing, 1));
    if (sharing.kind !== "mig") {
      for (const [resource, units] of resources) devices.push(aDevice(uuid, resource, units, since));
      continue;
    }
    let instance = 0;
    for (const [resource, count] of resources) {
      for (let i = 0; i < count; i++) devices.push(aDevice(`${uuid}/${instance++}`, resource, 1, since));
    }
  }
  return devices;
}

/**
 * Takes the units that a pod asks for: of the device with most units left, in order of the GPUs, as
 * the device plugin spreads replicas.
 */
export function takeDevices(
  devices: readonly Device[],
  extended: Readonly<Record<string, number>>,
  pod: string,
  now: EpochMs,
): { readonly device: Device; readonly units: number }[] {
  const taken = new Map<Device, number>();
  for (const resource in extended) {
    if (!isGpuResource(resource)) continue;
    for (let count = extended[resource] ?? 0; count > 0; count--) {
      const device = freest(devices, resource);
      if (!device) break;
      device.held += 1;
      device.holders.set(pod, now);
      taken.set(device, (taken.get(device) ?? 0) + 1);
    }
  }
  return [...taken].map(([device, units]) => ({ device, units }));
}

export function giveBack(device: Device, units: number, pod: string): void {
  device.held -= units;
  device.holders.delete(pod);
}

/** Adds to the load by pods: what of the device they hold, times how busy they keep it. */
export function addPodLoad(device: Device, byMilli: number, now: EpochMs): void {
  device.podLoadMilli += byMilli;
  noteLoad(device, now);
}

export function setStrayLoad(device: Device, milli: number, now: EpochMs): void {
  device.strayLoadMilli = milli;
  noteLoad(device, now);
}

function noteLoad(device: Device, now: EpochMs): void {
  const { times, values } = device.load;
  const value = Math.min(1_000, Math.round(device.podLoadMilli + device.strayLoadMilli));
  if (times.at(-1) === now) values[values.length - 1] = value;
  else {
    times.push(now);
    values.push(value);
  }
}

function freest(devices: readonly Device[], resource: string): Device | null {
  let best: Device | null = null;
  for (const device of devices) {
    if (device.resource !== resource) continue;
    const left = device.units - device.held;
    if (left > 0 && (best === null || left > best.units - best.held)) best = device;
  }
  return best;
}

function aDevice(id: string, resource: string, units: number, since: EpochMs): Device {
  const load: LoadHistory = { times: [], values: [] };
  return {
    id,
    resource,
    units,
    since,
    held: 0,
    holders: new Map(),
    podLoadMilli: 0,
    strayLoadMilli: 0,
    load,
  };
}

function uuidOf(node: string, index: number): string {
  const [a, b, c, d] = ["a", "b", "c", "d"].map((part) => hexOf(`${node}/${index}/${part}`));
  return `GPU-${a}-${b?.slice(0, 4)}-${b?.slice(4)}-${c?.slice(0, 4)}-${c?.slice(4)}${d}`;
}
