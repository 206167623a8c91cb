import type { LabelSelector } from "../model/pod.ts";
import { type LabelColumn, valueOn } from "./label-columns.ts";
import { selects } from "./label-selector.ts";
import { holds, type RememberedCheck } from "./node-profiles.ts";
import type { NodeState, PlacedPod } from "./node-space.ts";

/** How many pods of a namespace match a selector, by domain, on the nodes that are included. */
export interface SpreadCounts {
  readonly namespace: string;
  readonly column: LabelColumn;
  /** null or empty: no pod is counted. */
  readonly selector: LabelSelector | null;
  readonly included: RememberedCheck;
  /** By the number of the domain's value: included nodes, and pods on them. A domain has a node. */
  readonly nodes: number[];
  readonly pods: number[];
  domains: number;
  /** The least number of pods of a domain, and how many domains have it; UNKNOWN: to be found again. */
  least: number;
  atLeast: number;
}

const UNKNOWN = -1;

export function spreadCounts(
  of: Pick<SpreadCounts, "namespace" | "column" | "selector" | "included">,
): SpreadCounts {
  return { ...of, nodes: [], pods: [], domains: 0, least: UNKNOWN, atLeast: 0 };
}

export function countNode(spread: SpreadCounts, node: NodeState, times: 1 | -1): void {
  const domain = valueOn(spread.column, node);
  if (domain === 0 || !holds(spread.included, node)) return;
  const before = spread.nodes[domain] ?? 0;
  spread.nodes[domain] = before + times;
  if (before !== 0 && before + times !== 0) return;
  spread.domains += times;
  spread.least = UNKNOWN;
}

/** Pods that are being deleted do not count. */
export function countPod(spread: SpreadCounts, pod: PlacedPod, node: NodeState, times: 1 | -1): void {
  if (pod.namespace !== spread.namespace || (pod.deletedAt ?? null) !== null) return;
  if (spread.selector === null || !selects(spread.selector, pod.labels)) return;
  const domain = valueOn(spread.column, node);
  if (domain === 0 || !holds(spread.included, node)) return;
  const before = spread.pods[domain] ?? 0;
  spread.pods[domain] = before + times;
  if (spread.least !== UNKNOWN) moveLeast(spread, before, before + times);
}

export function podsIn(spread: SpreadCounts, node: NodeState): number {
  return spread.pods[valueOn(spread.column, node)] ?? 0;
}

/** Infinity where there is no domain. */
export function leastPods(spread: SpreadCounts): number {
  if (spread.least === UNKNOWN) findLeast(spread);
  return spread.least;
}

function findLeast(spread: SpreadCounts): void {
  spread.least = Number.POSITIVE_INFINITY;
  for (let domain = 1; domain < spread.nodes.length; domain++) {
    if ((spread.nodes[domain] ?? 0) === 0) continue;
    const pods = spread.pods[domain] ?? 0;
    if (pods < spread.least) {
      spread.least = pods;
      spread.atLeast = 0;
    }
    if (pods === spread.least) spread.atLeast += 1;
  }
}

/** So that the domains are gone through again only after the last of the emptiest took a pod. */
function moveLeast(spread: SpreadCounts, from: number, to: number): void {
  if (to < spread.least) {
    spread.least = to;
    spread.atLeast = 1;
  } else if (to === spread.least) {
    spread.atLeast += 1;
  } else if (from === spread.least) {
    spread.atLeast -= 1;
    if (spread.atLeast === 0) spread.least = UNKNOWN;
  }
}
