import { AutoscalerError } from "../model/errors.ts";
import type { PodSpec } from "../model/pod.ts";
import type { Reason } from "../model/reason.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { isAlone } from "./alone.ts";
import type { BoundPod, CompiledPod } from "./compiled-pod.ts";
import { portConflict } from "./host-ports.ts";
import { LabelColumns } from "./label-columns.ts";
import { misfitsOf } from "./misfits.ts";
import { holds, NodeProfiles } from "./node-profiles.ts";
import {
  copyOf,
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
  readonly #placed = new PlacedPods(this.#nodes);
  readonly #namespaces: Snapshot["namespaces"];
  readonly #resources: ResourceNumbers;
  readonly #columns: LabelColumns;
  readonly #profiles: NodeProfiles;
  readonly #affinity: PodAffinity;
  readonly #spread: TopologySpread;

  /**
   * `namespaces`: their labels, by name. One that is missing has none.
   * `like`: a space of the same cluster, to share what is learned of labels and checks.
   */
  constructor(namespaces: Snapshot["namespaces"], like: ClusterSpace | null = null) {
    this.#namespaces = namespaces;
    this.#resources = like === null ? new Map() : like.#resources;
    this.#columns = like === null ? new LabelColumns() : like.#columns;
    this.#profiles = like === null ? new NodeProfiles(this.#columns) : like.#profiles;
    this.#affinity = new PodAffinity(namespaces, this.#columns, this.#placed);
    this.#spread = new TopologySpread(this.#nodes, this.#columns, this.#profiles, this.#placed);
  }

  /** An empty space of the same cluster, whose nodes this one can copy. */
  alongside(): ClusterSpace {
    return new ClusterSpace(this.#namespaces, this);
  }

  /** Pods that will be asked about: it takes less to prepare for them before nodes and pods are added. */
  expect(pods: Iterable<PodSpec>): void {
    for (const { podAffinity, podAntiAffinity, topologySpread } of pods) {
      for (const { selector } of podAffinity) if (selector !== null) this.#placed.expect(selector);
      for (const { selector } of podAntiAffinity) if (selector !== null) this.#placed.expect(selector);
      for (const { selector } of topologySpread) if (selector !== null) this.#placed.expect(selector);
    }
  }

  /** In the order in which they were added. */
  get nodes(): ReadonlySet<NodeSpace> {
    return this.#nodes;
  }

  /** `pods`: those that are on it. */
  addNode(spec: NodeSpec, pods: readonly PlacedPod[] = NOBODY): NodeSpace {
    const node = nodeSpace(spec, this.#profiles.taintIdOf(spec), this.#resources, pods);
    this.#add(node);
    return node;
  }

  /** A copy of a node of this space, or of one alongside, and of what is on it, under another name. */
  addLike({ state }: NodeSpace, name: string): NodeSpace {
    const node = copyOf(state, name);
    this.#profiles.rename(node.state);
    this.#add(node);
    return node;
  }

  #add(node: NodeSpace): void {
    this.#nodes.add(node);
    this.#spread.countNode(node.state, 1);
    for (const pod of node.pods) this.#count(pod, node.state, 1);
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

  fits(pod: CompiledPod, { state }: NodeSpace): boolean {
    return this.#fits(pod, this.#bind(pod), state);
  }

  /**
   * false: the pod will not fit on a copy of this node of a space alongside, with no need to make one.
   * Pods that come with the copy keep others off; only to affinity they could be company.
   */
  mayFitOnCopy(pod: CompiledPod, node: NodeSpace): boolean {
    return pod.spec.podAffinity.length > 0 || this.fits(pod, node);
  }

  /** Whether taints, cordon, labels and volumes let the pod on the node, whatever runs there. */
  admits(pod: CompiledPod, { state }: NodeSpace): boolean {
    return holds(this.#bind(pod).check, state);
  }

  /** Those of some things whose nodes the pod fits on. */
  fitting<Thing>(pod: CompiledPod, things: readonly Thing[], nodeOf: (thing: Thing) => NodeSpace): Thing[] {
    const bound = this.#bind(pod);
    return things.filter((thing) => this.#fits(pod, bound, nodeOf(thing).state));
  }

  #fits(pod: CompiledPod, bound: BoundPod, state: NodeState): boolean {
    if (!hasRoom(bound.asked, state.free, state.freeExtended) || !holds(bound.check, state)) return false;
    if (isRepelled(this.#affinity.repelledBy(bound.affinity, pod.spec), state)) return false;
    return bound.isAlone || this.#fitsAmongOthers(pod, bound, state);
  }

  #fitsAmongOthers({ spec: { hostPorts } }: CompiledPod, bound: BoundPod, state: NodeState): boolean {
    if (hostPorts.length > 0 && state.usedPorts !== null && portConflict(hostPorts, state.usedPorts))
      return false;
    const { affinity, constraints } = bound;
    if (!meetsAffinity(affinity, state) || violatesAntiAffinity(affinity, state)) return false;
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
    const before = pod.bound;
    if (before !== null && before.space === this) return before;
    const known = before !== null && before.space.#profiles === this.#profiles ? before : null;
    pod.bound = {
      space: this,
      isAlone: isAlone(pod.spec),
      asked: known?.asked ?? askedOf(pod.spec.requests, this.#resources),
      check: known?.check ?? this.#profiles.remember(pod.check),
      affinity: this.#affinity.bind(pod.spec),
      constraints: this.#spread.bind(pod.spec),
    };
    return pod.bound;
  }
}

const NOBODY: readonly PlacedPod[] = [];
