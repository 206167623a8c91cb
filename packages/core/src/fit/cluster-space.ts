import { AutoscalerError } from "../model/errors.ts";
import type { Reason } from "../model/reason.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { BoundPod, CompiledPod } from "./compiled-pod.ts";
import { portConflict } from "./host-ports.ts";
import { LabelColumns } from "./label-columns.ts";
import { misfitsOf } from "./misfits.ts";
import { holds, NodeProfiles } from "./node-profiles.ts";
import {
  displaceFrom,
  type NodeSpace,
  type NodeSpec,
  type NodeState,
  nodeSpace,
  type PlacedPod,
  placeOn,
} from "./node-space.ts";
import { PlacedPods } from "./placed-pods.ts";
import { isRepelled, meetsAffinity, PodAffinity, violatesAntiAffinity } from "./pod-affinity.ts";
import { askedOf, hasRoom, type ResourceNumbers } from "./resources.ts";
import { keepsSkew, TopologySpread } from "./topology-spread.ts";

/**
 * The nodes and pods of a cluster, to ask where one more pod fits as kube-scheduler with its
 * default plugins would judge (1.33 to 1.36), and to try out placements: whatever is placed can be
 * displaced again, and leaves no trace.
 *
 * Not judged: limits on the number of attached volumes (NodeVolumeLimits), ReadWriteOncePod claims
 * (VolumeRestrictions), devices through resource claims.
 */
export class ClusterSpace {
  readonly #nodes = new Set<NodeSpace>();
  readonly #resources: ResourceNumbers = new Map();
  readonly #columns = new LabelColumns();
  readonly #profiles = new NodeProfiles(this.#columns);
  readonly #placed = new PlacedPods(this.#nodes);
  readonly #affinity: PodAffinity;
  readonly #spread = new TopologySpread(this.#nodes, this.#columns, this.#profiles, this.#placed);

  /** `namespaces`: their labels, by name. One that is missing has none. */
  constructor(namespaces: Snapshot["namespaces"]) {
    this.#affinity = new PodAffinity(namespaces, this.#columns, this.#placed);
  }

  /** In the order in which they were added. */
  get nodes(): ReadonlySet<NodeSpace> {
    return this.#nodes;
  }

  addNode(spec: NodeSpec): NodeSpace {
    const node = nodeSpace(spec, this.#profiles.taintIdOf(spec), this.#resources);
    this.#nodes.add(node);
    this.#spread.countNode(node.state, 1);
    return node;
  }

  /** With the pods that are on it. */
  removeNode(node: NodeSpace): void {
    for (const pod of node.pods) this.#count(pod, node.state, -1);
    this.#spread.countNode(node.state, -1);
    this.#nodes.delete(node);
  }

  /** Whether it fits or not. A pod that begins to be deleted is displaced as it was and placed as it is. */
  place(pod: PlacedPod, node: NodeSpace): void {
    placeOn(node.state, pod, this.#resources);
    this.#count(pod, node.state, 1);
  }

  /** Undoes `place` of the very same object. Throws `PodNotPlaced` if it is not there. */
  displace(pod: PlacedPod, node: NodeSpace): void {
    if (!displaceFrom(node.state, pod, this.#resources)) {
      const message = `a pod of namespace ${pod.namespace} is not placed on node ${node.spec.name}`;
      throw new AutoscalerError("PodNotPlaced", message);
    }
    this.#count(pod, node.state, -1);
  }

  fits(pod: CompiledPod, node: NodeSpace): boolean {
    const { state } = node;
    const { asked, check, affinity, constraints } = this.#bind(pod);
    if (!hasRoom(asked, state.free, state.freeExtended) || !holds(check, state)) return false;
    const { hostPorts } = pod.spec;
    if (hostPorts.length > 0 && state.usedPorts !== null && portConflict(hostPorts, state.usedPorts))
      return false;

    if (!meetsAffinity(affinity, state) || violatesAntiAffinity(affinity, state)) return false;
    if (isRepelled(this.#affinity.repelledBy(affinity, pod.spec), state)) return false;
    for (const constraint of constraints) {
      if (!keepsSkew(constraint, state)) return false;
    }
    return true;
  }

  /** Every predicate that fails, each with its particulars. Empty where the pod fits. */
  misfits(pod: CompiledPod, node: NodeSpace): readonly Reason[] {
    const bound = this.#bind(pod);
    return misfitsOf(pod, bound, this.#affinity.repelledBy(bound.affinity, pod.spec), node.state);
  }

  #count(pod: PlacedPod, node: NodeState, times: 1 | -1): void {
    this.#affinity.count(pod, node, times);
    this.#spread.count(pod, node, times);
    if (times === 1) this.#placed.place(pod, node);
    else this.#placed.displace(pod, node);
  }

  #bind(pod: CompiledPod): BoundPod {
    if (pod.bound !== null && pod.bound.space === this) return pod.bound;
    pod.bound = {
      space: this,
      asked: askedOf(pod.spec.requests, this.#resources),
      check: this.#profiles.remember(pod.check),
      affinity: this.#affinity.bind(pod.spec),
      constraints: this.#spread.bind(pod.spec),
    };
    return pod.bound;
  }
}
