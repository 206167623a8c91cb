import type { Labels, PodAffinityTerm, PodSpec } from "../model/pod.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { affinityTermKey } from "./canonical-key.ts";
import {
  countAt,
  countIn,
  countPeer,
  type PeerCounts,
  type RepellingTerm,
  type ScopedTerm,
  scoped,
} from "./domain-counts.ts";
import { type LabelColumns, valueOn } from "./label-columns.ts";
import { describeSelector, selects } from "./label-selector.ts";
import type { NodeState, PlacedPod } from "./node-space.ts";
import type { PlacedPods } from "./placed-pods.ts";
import { SelectorIndex } from "./selector-index.ts";

/**
 * The plugin InterPodAffinity: required affinity and anti-affinity of the pod, and required
 * anti-affinity of pods that are there. Counts are made when a pod first asks for them, from the
 * pods that are placed then, and kept as pods come and go.
 */
export class PodAffinity {
  readonly #namespaces: Snapshot["namespaces"];
  readonly #columns: LabelColumns;
  readonly #placed: PlacedPods;
  readonly #peers = new Map<string, PeerCounts>();
  readonly #peersBySelector = new SelectorIndex<PeerCounts>();
  readonly #repelling = new Map<string, RepellingTerm>();
  readonly #repellingBySelector = new SelectorIndex<RepellingTerm>();

  constructor(namespaces: Snapshot["namespaces"], columns: LabelColumns, placed: PlacedPods) {
    this.#namespaces = namespaces;
    this.#columns = columns;
    this.#placed = placed;
  }

  count(pod: PlacedPod, node: NodeState, times: 1 | -1): void {
    if (this.#peers.size > 0) {
      for (const candidates of this.#peersBySelector.candidates(pod.labels)) {
        for (const peers of candidates) {
          if (this.#matchesAll(peers.terms, pod)) countPeer(peers, node, times);
        }
      }
    }
    if (pod.podAntiAffinity.length === 0) return;
    for (const term of pod.podAntiAffinity) this.#countRepelling(pod.namespace, term, node, times);
  }

  bind(spec: PodSpec): BoundAffinity {
    const { namespace, podAffinity, podAntiAffinity } = spec;
    const near = podAffinity.length === 0 ? null : this.#peersOf(podAffinity, namespace);
    return {
      near,
      opensSeries: near !== null && this.#matchesAll(near.terms, spec),
      awayFrom: podAntiAffinity.map((term) => this.#peersOf([term], namespace)),
      repelledBy: [],
      repellingSeen: 0,
    };
  }

  /** The terms of placed pods that this pod is kept away by, brought up to date. */
  repelledBy(bound: BoundAffinity, spec: PodSpec): readonly RepellingTerm[] {
    if (bound.repellingSeen !== this.#repelling.size) {
      bound.repellingSeen = this.#repelling.size;
      bound.repelledBy.length = 0;
      for (const candidates of this.#repellingBySelector.candidates(spec.labels)) {
        for (const repelling of candidates) {
          if (this.#matches(repelling.term, spec)) bound.repelledBy.push(repelling);
        }
      }
    }
    return bound.repelledBy;
  }

  #peersOf(terms: readonly PodAffinityTerm[], namespace: string): PeerCounts {
    const key = terms.map((term) => affinityTermKey(term, namespace)).join("\n");
    let peers = this.#peers.get(key);
    if (peers === undefined) {
      peers = this.#countedPeers(terms.map((term) => scoped(term, namespace)));
      this.#peers.set(key, peers);
    }
    return peers;
  }

  #countedPeers(terms: readonly ScopedTerm[]): PeerCounts {
    const topologyKeys = new Set(terms.map((term) => term.topologyKey));
    const domains = [...topologyKeys].map((key) => ({ column: this.#columns.of(key), counts: [] }));
    const peers: PeerCounts = { terms, domains, total: 0 };
    const selector = terms[0]?.selector ?? null;
    if (selector !== null) {
      this.#peersBySelector.add(selector, peers);
      this.#placed.forEachCandidate(selector, (pod, node) => {
        if (this.#matchesAll(terms, pod)) countPeer(peers, node, 1);
      });
    }
    return peers;
  }

  #countRepelling(namespace: string, term: PodAffinityTerm, node: NodeState, times: 1 | -1): void {
    if (term.selector === null) return;
    const key = affinityTermKey(term, namespace);
    let repelling = this.#repelling.get(key);
    if (repelling === undefined) {
      const domain = { column: this.#columns.of(term.topologyKey), counts: [] };
      repelling = { term: scoped(term, namespace), domain };
      this.#repelling.set(key, repelling);
      this.#repellingBySelector.add(term.selector, repelling);
    }
    countIn(repelling.domain, node, times);
  }

  #matchesAll(terms: readonly ScopedTerm[], pod: PodSpec): boolean {
    for (const term of terms) {
      if (!this.#matches(term, pod)) return false;
    }
    return true;
  }

  #matches({ selector, namespaces, namespaceSelector }: ScopedTerm, pod: PodSpec): boolean {
    if (selector === null || !selects(selector, pod.labels)) return false;
    if (namespaces.includes(pod.namespace)) return true;
    return (
      namespaceSelector !== null && selects(namespaceSelector, this.#namespaces[pod.namespace] ?? NO_LABELS)
    );
  }
}

/** A compiled pod's affinity, in one cluster. */
export interface BoundAffinity {
  readonly near: PeerCounts | null;
  /** It matches its own affinity: the first of a series may start anywhere. */
  readonly opensSeries: boolean;
  readonly awayFrom: readonly PeerCounts[];
  readonly repelledBy: RepellingTerm[];
  /** How many kinds of repelling terms there were when `repelledBy` was found. */
  repellingSeen: number;
}

const NO_LABELS: Labels = {};

/**
 * In every domain there is a pod that matches all terms; or no such pod is anywhere, the pod
 * matches its own terms, and the node bears their topology keys.
 */
export function meetsAffinity({ near, opensSeries }: BoundAffinity, node: NodeState): boolean {
  if (near === null) return true;
  let peersEverywhere = true;
  for (const domain of near.domains) {
    if (valueOn(domain.column, node) === 0) return false;
    if (countAt(domain, node) === 0) peersEverywhere = false;
  }
  return peersEverywhere || (opensSeries && near.total === 0);
}

/** Whether anti-affinity of the pod is violated there. A node without the topology key violates none. */
export function violatesAntiAffinity({ awayFrom }: BoundAffinity, node: NodeState): boolean {
  for (const peers of awayFrom) {
    for (const domain of peers.domains) {
      if (countAt(domain, node) > 0) return true;
    }
  }
  return false;
}

/** Whether a pod there keeps this one away. */
export function isRepelled(terms: readonly RepellingTerm[], node: NodeState): boolean {
  for (const { domain } of terms) {
    if (countAt(domain, node) > 0) return true;
  }
  return false;
}

export function describeAffinity({ near }: BoundAffinity, node: NodeState): string {
  const domains = near?.domains ?? [];
  const lacking = domains.find(({ column }) => valueOn(column, node) === 0);
  if (lacking) return `the node has no label ${lacking.column.key}`;
  const empty = domains.find((domain) => countAt(domain, node) === 0);
  const wanted = near?.terms
    .map(({ selector }) => (selector ? describeSelector(selector) : "nothing"))
    .join(" and ");
  return `no pod with ${wanted} in ${describeDomain(empty?.column.key ?? "", node)}`;
}

export function describeViolations({ awayFrom }: BoundAffinity, node: NodeState): string {
  const violated = awayFrom.filter((peers) => peers.domains.some((domain) => countAt(domain, node) > 0));
  return inWords(
    violated.flatMap((peers) => peers.terms),
    node,
  );
}

export function describeRepelled(terms: readonly RepellingTerm[], node: NodeState): string {
  const repelling = terms.filter(({ domain }) => countAt(domain, node) > 0);
  return inWords(
    repelling.map(({ term }) => term),
    node,
  );
}

/** In the same order, in whatever order the pods came. */
function inWords(terms: readonly ScopedTerm[], node: NodeState): string {
  const phrases = terms.map(
    ({ selector, topologyKey }) =>
      `${describeSelector(selector ?? [])} in ${describeDomain(topologyKey, node)}`,
  );
  return [...new Set(phrases)].sort().join("; ");
}

function describeDomain(topologyKey: string, { spec }: NodeState): string {
  return `${topologyKey} ${spec.labels[topologyKey]}`;
}
