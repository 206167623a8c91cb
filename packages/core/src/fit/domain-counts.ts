import type { LabelSelector, PodAffinityTerm } from "../model/pod.ts";
import { type LabelColumn, valueOn } from "./label-columns.ts";
import type { NodeState } from "./node-space.ts";

/** A term whose own namespace is spelled out. */
export interface ScopedTerm {
  readonly topologyKey: string;
  /** null matches no pod. */
  readonly selector: LabelSelector | null;
  readonly namespaces: readonly string[];
  readonly namespaceSelector: LabelSelector | null;
}

export function scoped(term: PodAffinityTerm, namespace: string): ScopedTerm {
  const { topologyKey, selector, namespaces, namespaceSelector } = term;
  const own = namespaces.length === 0 && namespaceSelector === null;
  return { topologyKey, selector, namespaces: own ? [namespace] : namespaces, namespaceSelector };
}

/** Numbers of pods, by the number of their node's value of one label. */
export interface DomainCounts {
  readonly column: LabelColumn;
  readonly counts: number[];
}

/** How many placed pods match all of some terms, by domain of each topology key of theirs. */
export interface PeerCounts {
  readonly terms: readonly ScopedTerm[];
  readonly domains: readonly DomainCounts[];
  /** Over all domains. */
  total: number;
}

/** A required anti-affinity term of placed pods, and how many bear it in each domain of its topology key. */
export interface RepellingTerm {
  readonly term: ScopedTerm;
  readonly domain: DomainCounts;
}

export function countPeer(peers: PeerCounts, node: NodeState, times: 1 | -1): void {
  for (const domain of peers.domains) {
    if (countIn(domain, node, times)) peers.total += times;
  }
}

/** false: the node is in no domain. */
export function countIn({ column, counts }: DomainCounts, node: NodeState, times: 1 | -1): boolean {
  const value = valueOn(column, node);
  if (value === 0) return false;
  counts[value] = (counts[value] ?? 0) + times;
  return true;
}

/** 0 where the node is in no domain. */
export function countAt({ column, counts }: DomainCounts, node: NodeState): number {
  return counts[valueOn(column, node)] ?? 0;
}
