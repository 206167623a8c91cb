import type { LabelSelector } from "../model/pod.ts";
import { valueOn } from "./label-columns.ts";
import { selects } from "./label-selector.ts";
import { holds } from "./node-profiles.ts";
import type { NodeState, PlacedPod } from "./node-space.ts";
import type { TopologyDomains } from "./topology-domains.ts";

/** How many pods of a namespace match a selector, by domain, on the nodes that are included. */
export interface SpreadCounts {
  readonly namespace: string;
  /** null or empty: no pod is counted. */
  readonly selector: LabelSelector | null;
  readonly domains: TopologyDomains;
  /** By the number of the domain's value. */
  readonly pods: number[];
  /** The least number of pods of a domain, and how many domains have it; UNKNOWN: to be found again. */
  least: number;
  atLeast: number;
  /** The version of the domains that `least` is of. */
  leastOf: number;
}

const UNKNOWN = -1;

export function spreadCounts(of: Pick<SpreadCounts, "namespace" | "selector" | "domains">): SpreadCounts {
  return { ...of, pods: [], least: UNKNOWN, atLeast: 0, leastOf: 0 };
}

/** Pods that are being deleted do not count. */
export function countPod(spread: SpreadCounts, pod: PlacedPod, node: NodeState, times: 1 | -1): void {
  if (pod.namespace !== spread.namespace || (pod.deletedAt ?? null) !== null) return;
  if (spread.selector === null || !selects(spread.selector, pod.labels)) return;
  const { column, included, version } = spread.domains;
  const domain = valueOn(column, node);
  if (domain === 0 || !holds(included, node)) return;
  const before = spread.pods[domain] ?? 0;
  spread.pods[domain] = before + times;
  if (spread.least !== UNKNOWN && spread.leastOf === version) moveLeast(spread, before, before + times);
}

export function podsIn(spread: SpreadCounts, node: NodeState): number {
  return spread.pods[valueOn(spread.domains.column, node)] ?? 0;
}

/** Infinity where there is no domain. */
export function leastPods(spread: SpreadCounts): number {
  if (spread.least === UNKNOWN || spread.leastOf !== spread.domains.version) findLeast(spread);
  return spread.least;
}

function findLeast(spread: SpreadCounts): void {
  const { kinds, version } = spread.domains;
  spread.least = Number.POSITIVE_INFINITY;
  spread.leastOf = version;
  for (let domain = 1; domain < kinds.length; domain++) {
    if ((kinds[domain] ?? 0) === 0) continue;
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
