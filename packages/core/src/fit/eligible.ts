import type { ClusterSpace } from "./cluster-space.ts";
import type { CompiledPod } from "./compiled-pod.ts";
import type { NodeSpace } from "./node-space.ts";

/**
 * Things with nodes, by the pods that may be there at all. What taints, labels and volumes say of
 * each node is asked once for all kinds of pods that are alike in these, however much they ask for.
 */
export class Eligible<Thing> {
  readonly #space: ClusterSpace;
  readonly #things: readonly Thing[];
  readonly #nodeOf: (thing: Thing) => NodeSpace;
  readonly #byCheck = new Map<string, Thing[]>();

  constructor(space: ClusterSpace, things: readonly Thing[], nodeOf: (thing: Thing) => NodeSpace) {
    this.#space = space;
    this.#things = things;
    this.#nodeOf = nodeOf;
  }

  /** In their order. The list is the same for all who are alike: things that leave it have left it for all of them. */
  for(pod: CompiledPod): Thing[] {
    let eligible = this.#byCheck.get(pod.check.key);
    if (eligible === undefined) {
      eligible = this.#things.filter((thing) => this.#space.admits(pod, this.#nodeOf(thing)));
      this.#byCheck.set(pod.check.key, eligible);
    }
    return eligible;
  }
}
