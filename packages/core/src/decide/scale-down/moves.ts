import { compilePod } from "../../fit/index.ts";
import type { Pod } from "../../model/pod.ts";
import { type Reason, reason } from "../../model/reason.ts";
import type { Fleet, Machine } from "../fleet.ts";

/** Finds room on other nodes for the pods of nodes that are to go. */
export interface Moves {
  /**
   * Keeps room for all of the pods on ready nodes that stay; when one finds none, keeps room for
   * none and says which.
   */
  moveAll(pods: readonly Pod[]): Reason | null;
  /** The node takes no pods: it is to go itself. */
  close(machine: Machine): void;
  /** It stays after all. */
  open(machine: Machine): void;
  /** Whether a node has taken pods that are to move. */
  hasTaken(machine: Machine): boolean;
}

/** `going`: nodes that may go, and so are no place to move to. */
export function createMoves(fleet: Fleet, going: ReadonlySet<Machine>): Moves {
  const targets = new Set(
    fleet.machines.filter(
      (machine) => machine.status === "serving" && !machine.closed && !going.has(machine),
    ),
  );
  const taken = new Set<Machine>();

  return {
    moveAll(pods) {
      const moved: { pod: Pod; target: Machine }[] = [];
      for (const pod of pods) {
        const compiled = compilePod(pod);
        const target = [...targets].find(({ space }) => space && fleet.space.fits(compiled, space));
        if (!target?.space) {
          for (const each of moved) if (each.target.space) fleet.space.displace(each.pod, each.target.space);
          return reason("NoPlaceToMovePods", `${pod.namespace}/${pod.name}`);
        }
        fleet.space.place(pod, target.space);
        moved.push({ pod, target });
      }
      for (const { target } of moved) taken.add(target);
      return null;
    },
    close: (machine) => targets.delete(machine),
    open: (machine) => targets.add(machine),
    hasTaken: (machine) => taken.has(machine),
  };
}
