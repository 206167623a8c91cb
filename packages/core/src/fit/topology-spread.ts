import type { LabelSelector, Labels, PodSpec, TopologySpreadConstraint } from "../model/pod.ts";
import { selectorKey } from "./canonical-key.ts";
import { type LabelColumns, valueOn } from "./label-columns.ts";
import { selectorMatches } from "./label-selector.ts";
import { inclusionCheck } from "./node-checks.ts";
import type { NodeProfiles, RememberedCheck } from "./node-profiles.ts";
import type { NodeSpace, NodeState, PlacedPod } from "./node-space.ts";
import type { PlacedPods } from "./placed-pods.ts";
import { SelectorIndex } from "./selector-index.ts";
import { countPod, leastPods, podsIn, type SpreadCounts, spreadCounts } from "./spread-counts.ts";
import { NodeTally, type TopologyDomains } from "./topology-domains.ts";

/**
 * The plugin PodTopologySpread, constraints with DoNotSchedule. Counts are made when a pod first
 * asks for them, and kept as pods and nodes come and go.
 */
export class TopologySpread {
  readonly #nodes: ReadonlySet<NodeSpace>;
  readonly #columns: LabelColumns;
  readonly #profiles: NodeProfiles;
  readonly #placed: PlacedPods;
  readonly #tallies: NodeTally[] = [];
  readonly #spreads = new Map<string, SpreadCounts>();
  readonly #bySelector = new SelectorIndex<SpreadCounts>();

  constructor(
    nodes: ReadonlySet<NodeSpace>,
    columns: LabelColumns,
    profiles: NodeProfiles,
    placed: PlacedPods,
  ) {
    this.#nodes = nodes;
    this.#columns = columns;
    this.#profiles = profiles;
    this.#placed = placed;
  }

  countNode(node: NodeState, times: 1 | -1): void {
    for (const tally of this.#tallies) tally.count(node, times);
  }

  count(pod: PlacedPod, node: NodeState, times: 1 | -1): void {
    if (this.#spreads.size === 0) return;
    for (const spreads of this.#bySelector.candidates(pod.labels)) {
      for (const spread of spreads) countPod(spread, pod, node, times);
    }
  }

  bind(spec: PodSpec): readonly BoundConstraint[] {
    if (spec.topologySpread.length === 0) return NONE;
    const topologyKeys = [...new Set(spec.topologySpread.map((constraint) => constraint.topologyKey))].sort();
    return spec.topologySpread.map((constraint) => {
      const selector = effectiveSelector(constraint, spec.labels);
      return {
        spread: this.#spreadOf(spec, constraint, selector, topologyKeys),
        maxSkew: constraint.maxSkew,
        minDomains: constraint.minDomains,
        self: selectorMatches(selector, spec.labels) ? 1 : 0,
      };
    });
  }

  #spreadOf(
    spec: PodSpec,
    { topologyKey, nodeAffinityPolicy, nodeTaintsPolicy }: TopologySpreadConstraint,
    selector: LabelSelector | null,
    topologyKeys: readonly string[],
  ): SpreadCounts {
    const honour = { affinity: nodeAffinityPolicy === "Honor", taints: nodeTaintsPolicy === "Honor" };
    const included = this.#profiles.remember(inclusionCheck(spec, topologyKeys, honour));
    const { namespace } = spec;
    const key = [namespace, topologyKey, selectorKey(selector), included.check.key].join("\n");
    let spread = this.#spreads.get(key);
    if (spread === undefined) {
      spread = spreadCounts({ namespace, selector, domains: this.#domainsOf(topologyKey, included) });
      this.#spreads.set(key, spread);
      this.#countAll(spread);
    }
    return spread;
  }

  #domainsOf(topologyKey: string, included: RememberedCheck): TopologyDomains {
    const column = this.#columns.of(topologyKey);
    let tally = this.#tallies.find((each) => each.column === column && each.view === included.view);
    if (tally === undefined) {
      tally = new NodeTally(column, included.view, this.#nodes);
      this.#tallies.push(tally);
    }
    return tally.domainsOf(included);
  }

  #countAll(spread: SpreadCounts): void {
    // kube-scheduler counts no pod at all for an empty selector (countPodsMatchSelector), which
    // elsewhere selects everything.
    if (spread.selector === null || spread.selector.length === 0) return;
    this.#bySelector.add(spread.selector, spread);
    this.#placed.forEachCandidate(spread.selector, (pod, node) => countPod(spread, pod, node, 1));
  }
}

/** A compiled pod's constraint, in one cluster. */
export interface BoundConstraint {
  readonly spread: SpreadCounts;
  readonly maxSkew: number;
  readonly minDomains: number;
  /** 1: the pod itself will be counted. */
  readonly self: 0 | 1;
}

const NONE: readonly BoundConstraint[] = [];

/** The selector with the pod's own values of `matchLabelKeys`. null, which matches no pod, stays so. */
function effectiveSelector(
  { selector, matchLabelKeys }: TopologySpreadConstraint,
  labels: Labels,
): LabelSelector | null {
  if (selector === null || matchLabelKeys.length === 0) return selector;
  const own = matchLabelKeys.flatMap((key) => {
    const value = labels[key];
    return value === undefined ? [] : [{ key, operator: "In" as const, values: [value] }];
  });
  return [...own, ...selector];
}

/** With the pod there, its domain has at most `maxSkew` pods more than the domain that has fewest. */
export function keepsSkew(constraint: BoundConstraint, node: NodeState): boolean {
  return (
    valueOn(constraint.spread.domains.column, node) !== 0 && skewOn(constraint, node) <= constraint.maxSkew
  );
}

/** Fewer domains than `minDomains` count as if one more were empty. */
function skewOn({ spread, minDomains, self }: BoundConstraint, node: NodeState): number {
  const least = spread.domains.count < minDomains ? 0 : leastPods(spread);
  return podsIn(spread, node) + self - least;
}

export function describeSkew(constraint: BoundConstraint, node: NodeState): string {
  const { spread, maxSkew } = constraint;
  const { key } = spread.domains.column;
  if (valueOn(spread.domains.column, node) === 0) return `the node has no label ${key}`;
  const skew = skewOn(constraint, node);
  return `${key} ${node.spec.labels[key]} would have ${skew} more than the least, maxSkew is ${maxSkew}`;
}
