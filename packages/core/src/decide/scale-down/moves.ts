import { type CompiledPod, compilePod, hasGpusLeft } from "../../fit/index.ts";
import type { Pod } from "../../model/pod.ts";
import { type Reason, reason } from "../../model/reason.ts";
import { asksForGpu } from "../../model/resources.ts";
import type { Fleet } from "../fleet.ts";
import type { Machine } from "../machines.ts";
import type { Worth } from "../worth.ts";

/** Finds room on other nodes for the pods of nodes that are to go. */
export interface Moves {
  /**
   * Keeps room for all of the pods on nodes that stay; when one finds none, keeps room for none and
   * says which.
   */
  moveAll(pods: readonly Pod[]): Reason | null;
  /** The node takes no pods: it is to go itself. */
  close(machine: Machine): void;
  /** It stays after all. */
  open(machine: Machine): void;
  /** Nodes that have taken pods that are to move. */
  readonly taken: ReadonlySet<Machine>;
  /** Gives back all the room that was kept. */
  undo(): void;
}

/** `mayTake`: nodes that are a place to move to. GPU pods move to none that is too dear for them. */
export function createMoves(fleet: Fleet, worth: Worth, mayTake: (machine: Machine) => boolean): Moves {
  // Found when somebody is to move: in most ticks nobody is.
  let found: Targets | null = null;
  const targets = (): Targets => {
    found ??= targetsIn(fleet, mayTake);
    return found;
  };
  const closed = new Set<Machine>();
  const taken = new Set<Machine>();
  const kept: { readonly pod: Pod; readonly target: Machine }[] = [];

  const giveBack = (from: number): void => {
    for (const { pod, target } of kept.splice(from))
      if (target.space) fleet.space.displace(pod, target.space);
  };

  const takes = (pod: CompiledPod, { space, managed, closed }: Machine): boolean => {
    if (space === null || !fleet.space.fits(pod, space)) return false;
    if (!asksForGpu(pod.spec.requests)) return !closed;
    return managed === null ? !closed : worth.isWorthIt(pod, managed);
  };

  const targetFor = (pod: CompiledPod): Machine | null => {
    const { all, withGpus } = targets();
    for (const target of asksForGpu(pod.spec.requests) ? withGpus : all) {
      if (!closed.has(target) && takes(pod, target)) return target;
    }
    return null;
  };

  return {
    taken,
    moveAll(pods) {
      const from = kept.length;
      for (const pod of pods) {
        const target = targetFor(compilePod(pod));
        if (!target?.space) {
          giveBack(from);
          return reason("NoPlaceToMovePods", `${pod.namespace}/${pod.name}`);
        }
        fleet.space.place(pod, target.space);
        kept.push({ pod, target });
      }
      for (const { target } of kept.slice(from)) taken.add(target);
      return null;
    },
    close: (machine) => closed.add(machine),
    open: (machine) => closed.delete(machine),
    undo() {
      giveBack(0);
      taken.clear();
    },
  };
}

interface Targets {
  readonly all: readonly Machine[];
  /** Those that had a GPU left at the start, closed ones among them: room only shrinks. */
  readonly withGpus: readonly Machine[];
}

function targetsIn({ machines }: Fleet, mayTake: (machine: Machine) => boolean): Targets {
  const all = machines.filter((machine) => machine.space !== null && mayTake(machine));
  return { all, withGpus: all.filter(({ space }) => space !== null && hasGpusLeft(space)) };
}
