import type { NodeSpace } from "../../fit/index.ts";
import { isGpuResource, type Resources } from "../../model/resources.ts";
import type { DemandGroup } from "../demand.ts";
import type { Placement } from "./placement.ts";

/** What goes on one node: how many pods of each group. */
export type Packing = readonly Packed[];

interface Packed {
  readonly group: DemandGroup;
  readonly count: number;
}

/**
 * Whether where the group's pods may go depends on nothing but the node's own labels, taints and
 * room: then a node can be packed with it by arithmetic.
 */
export function isPlain(group: DemandGroup): boolean {
  const [pod] = group.pods;
  return (
    pod !== undefined &&
    pod.podAffinity.length === 0 &&
    pod.podAntiAffinity.length === 0 &&
    pod.topologySpread.length === 0 &&
    pod.hostPorts.length === 0
  );
}

/** Room that is being filled. */
interface Room {
  cpuMilli: number;
  memoryBytes: number;
  ephemeralStorageBytes: number;
  pods: number;
  readonly extended: Record<string, number>;
}

/**
 * Fills one node with pods of plain groups that all fit its labels and taints, first the leader's
 * (null: there is none), then the riders' in their order, each as many as there is room for. Stops
 * when no GPU is left.
 */
export function pack(
  free: NodeSpace["free"],
  leader: DemandGroup | null,
  riders: readonly DemandGroup[],
  placement: Pick<Placement, "remaining">,
): Packing {
  const room: Room = {
    cpuMilli: free.cpuMilli,
    memoryBytes: free.memoryBytes,
    ephemeralStorageBytes: free.ephemeralStorageBytes,
    pods: free.pods,
    extended: { ...free.extended },
  };
  const packing: Packed[] = [];
  if (leader && !packGroup(packing, room, leader, placement)) return packing;
  for (const rider of riders) {
    if (rider !== leader && !packGroup(packing, room, rider, placement)) break;
  }
  return packing;
}

/** false when no GPU is left. */
function packGroup(
  packing: Packed[],
  room: Room,
  group: DemandGroup,
  placement: Pick<Placement, "remaining">,
): boolean {
  if ((room.extended[group.gpuResource] ?? 0) < group.gpuAmount) return true;
  const { requests } = group.compiled.spec;
  const count = Math.min(placement.remaining(group), howMany(requests, room));
  if (count === 0) return true;
  takeRoom(room, requests, count);
  packing.push({ group, count });
  return hasGpusLeft(room);
}

function hasGpusLeft(room: Room): boolean {
  for (const name in room.extended) {
    if (isGpuResource(name) && (room.extended[name] ?? 0) > 0) return true;
  }
  return false;
}

/** How many pods with these requests fit in the room. */
export function howMany(requests: Resources, room: Resources): number {
  let count = Math.floor(room.pods / Math.max(1, requests.pods));
  if (requests.cpuMilli > 0) count = Math.min(count, Math.floor(room.cpuMilli / requests.cpuMilli));
  if (requests.memoryBytes > 0) count = Math.min(count, Math.floor(room.memoryBytes / requests.memoryBytes));
  if (requests.ephemeralStorageBytes > 0) {
    count = Math.min(count, Math.floor(room.ephemeralStorageBytes / requests.ephemeralStorageBytes));
  }
  for (const name in requests.extended) {
    const amount = requests.extended[name] ?? 0;
    if (amount > 0) count = Math.min(count, Math.floor((room.extended[name] ?? 0) / amount));
  }
  return Math.max(0, count);
}

function takeRoom(room: Room, requests: Resources, count: number): void {
  room.cpuMilli -= count * requests.cpuMilli;
  room.memoryBytes -= count * requests.memoryBytes;
  room.ephemeralStorageBytes -= count * requests.ephemeralStorageBytes;
  room.pods -= count * Math.max(1, requests.pods);
  for (const name in requests.extended) {
    room.extended[name] = (room.extended[name] ?? 0) - count * (requests.extended[name] ?? 0);
  }
}
