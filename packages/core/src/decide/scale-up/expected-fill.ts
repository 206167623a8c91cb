import type { Policy } from "../../model/policy.ts";
import type { Fleet } from "../fleet.ts";
import type { OpenOffering } from "./offerings.ts";
import type { Packing } from "./packing.ts";

/**
 * A Spot node has room for pods that are still to come: it counts as being as full as its pool's
 * nodes are. What is free there costs little, and whoever finds it neither waits for a boot nor
 * takes On-Demand's room, which costs three times as much. An On-Demand node is paid for by who
 * waits now: what is free there costs more than the waiting that it saves.
 *
 * Of the pool's nodes count those that others can come to: one that a single pod fills says nothing
 * of that, and a closed one takes nobody. The new node counts among them, with the pods that it is
 * launched for: so a few full nodes promise less than many.
 */
export class ExpectedFill {
  /** By pool. */
  readonly #shared = new Map<string, Shared>();

  constructor({ machines }: Fleet, { spot }: Policy) {
    if (!spot.expectFill) return;
    for (const { managed, status, closed, gpuPods, gpusHeld } of machines) {
      const gpus = managed?.template?.gpus ?? 0;
      if (!managed || status !== "serving" || closed || (gpuPods === 1 && gpusHeld >= gpus)) continue;
      const pool = this.#shared.get(managed.pool.name) ?? { held: 0, gpus: 0 };
      pool.held += gpusHeld;
      pool.gpus += gpus;
      this.#shared.set(managed.pool.name, pool);
    }
  }

  /**
   * How much of a new node the pods pay for that it is launched for: of its GPUs those that they
   * take, over those that will be taken in time. 1 where nobody is expected to follow.
   */
  partOf({ of: { group, pool }, template: { gpus, gpuResources } }: OpenOffering, packing: Packing): number {
    const others = group.capacityType === "spot" ? this.#shared.get(pool.name) : undefined;
    if (!others || gpus === 0) return 1;
    const taken = gpus * shareTaken(packing, gpuResources);
    const expected = (gpus * (others.held + taken)) / (others.gpus + gpus);
    return taken / Math.max(taken, expected);
  }
}

/** GPUs of the nodes that pods share, and those of them that are held. */
interface Shared {
  held: number;
  gpus: number;
}

function shareTaken(packing: Packing, gpuResources: Readonly<Record<string, number>>): number {
  let share = 0;
  for (const { group, count } of packing) {
    share += (count * group.gpuAmount) / (gpuResources[group.gpuResource] ?? group.gpuAmount);
  }
  return share;
}
