import { isAlone, type NodeSpace } from "../../fit/index.ts";
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
  return isAlone(group.compiled.spec);
}

/** Fills nodes by arithmetic, one after another: what it works with is made once. */
export class Packer {
  readonly #placement: Pick<Placement, "remaining">;
  readonly #room = new Room();

  constructor(placement: Pick<Placement, "remaining">) {
    this.#placement = placement;
  }

  /**
   * Fills one node with pods of plain groups that all fit its labels and taints, first the leader's
   * (null: there is none), then the riders' in their order, each as many as there is room for. Stops
   * when no GPU is left.
   */
  pack(free: NodeSpace["free"], leader: DemandGroup | null, riders: readonly DemandGroup[]): Packing {
    this.#room.be(free);
    if (leader === null) return this.#packRiders([], null, riders);
    const count = this.#take(leader);
    const packing = count === 0 ? [] : [{ group: leader, count }];
    return count > 0 && !this.#room.hasGpusLeft() ? packing : this.#packRiders(packing, leader, riders);
  }

  #packRiders(packing: Packed[], leader: DemandGroup | null, riders: readonly DemandGroup[]): Packing {
    for (const group of riders) {
      const count = group === leader ? 0 : this.#take(group);
      if (count === 0) continue;
      packing.push({ group, count });
      if (!this.#room.hasGpusLeft()) break;
    }
    return packing;
  }

  /** As many of the group's pods as there is room for. */
  #take(group: DemandGroup): number {
    const room = this.#room;
    if ((room.extended[group.gpuResource] ?? 0) < group.gpuAmount) return 0;
    const { requests } = group.compiled.spec;
    const count = Math.min(this.#placement.remaining(group), howMany(requests, room));
    if (count > 0) room.take(requests, count);
    return count;
  }
}

/** Room that is being filled. */
class Room implements Resources {
  cpuMilli = 0;
  memoryBytes = 0;
  ephemeralStorageBytes = 0;
  pods = 0;
  readonly extended: Record<string, number> = {};

  be({ cpuMilli, memoryBytes, ephemeralStorageBytes, pods, extended }: Resources): void {
    this.cpuMilli = cpuMilli;
    this.memoryBytes = memoryBytes;
    this.ephemeralStorageBytes = ephemeralStorageBytes;
    this.pods = pods;
    for (const name in this.extended) this.extended[name] = 0;
    for (const name in extended) this.extended[name] = extended[name] ?? 0;
  }

  take(requests: Resources, count: number): void {
    this.cpuMilli -= count * requests.cpuMilli;
    this.memoryBytes -= count * requests.memoryBytes;
    this.ephemeralStorageBytes -= count * requests.ephemeralStorageBytes;
    this.pods -= count * Math.max(1, requests.pods);
    for (const name in requests.extended) {
      this.extended[name] = (this.extended[name] ?? 0) - count * (requests.extended[name] ?? 0);
    }
  }

  hasGpusLeft(): boolean {
    for (const name in this.extended) {
      if ((this.extended[name] ?? 0) > 0 && isGpuResource(name)) return true;
    }
    return false;
  }
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
