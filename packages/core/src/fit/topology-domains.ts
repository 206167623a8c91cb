import { type LabelColumn, valueOn } from "./label-columns.ts";
import { holds, profileOn, type RememberedCheck, type View } from "./node-profiles.ts";
import type { NodeState } from "./node-space.ts";

/** The domains of a topology key among the nodes that are included. Many constraints share them. */
export interface TopologyDomains {
  readonly column: LabelColumn;
  readonly included: RememberedCheck;
  /** How many kinds of included nodes there are, by the number of the domain's value. A domain has one. */
  readonly kinds: number[];
  count: number;
  /** Grows when a domain comes or goes. */
  version: number;
}

/**
 * Counts nodes by what one view sees of them and by their value of one topology key. Nodes that are
 * the same in both are a *kind*, and domains come and go with kinds: so each node is counted once,
 * however many checks of the view say which nodes are included.
 */
export class NodeTally {
  readonly column: LabelColumn;
  readonly view: View;
  /** By profile. */
  readonly #profiles: (ProfileTally | undefined)[] = [];
  readonly #domains = new Map<RememberedCheck, TopologyDomains>();

  constructor(column: LabelColumn, view: View, nodes: Iterable<{ readonly state: NodeState }>) {
    this.column = column;
    this.view = view;
    for (const { state } of nodes) this.count(state, 1);
  }

  count(node: NodeState, times: 1 | -1): void {
    const value = valueOn(this.column, node);
    if (value === 0) return;
    const { nodes } = this.#tallyOf(node);
    const before = nodes.get(value) ?? 0;
    const after = before + times;
    if (after === 0) nodes.delete(value);
    else nodes.set(value, after);
    if (before !== 0 && after !== 0) return;
    for (const domains of this.#domains.values()) {
      if (holds(domains.included, node)) countKind(domains, value, times);
    }
  }

  /** The domains among the nodes that this check of the view includes. */
  domainsOf(included: RememberedCheck): TopologyDomains {
    let domains = this.#domains.get(included);
    if (domains === undefined) {
      domains = { column: this.column, included, kinds: [], count: 0, version: 0 };
      this.#domains.set(included, domains);
      for (const tally of this.#profiles) {
        if (tally === undefined || !holds(included, tally.example)) continue;
        for (const value of tally.nodes.keys()) countKind(domains, value, 1);
      }
    }
    return domains;
  }

  #tallyOf(node: NodeState): ProfileTally {
    const profile = profileOn(this.view, node);
    let tally = this.#profiles[profile];
    if (tally === undefined) {
      tally = { example: node, nodes: new Map() };
      this.#profiles[profile] = tally;
    }
    return tally;
  }
}

/** The nodes of one profile. */
interface ProfileTally {
  /** What checks of the view say of it they say of all. */
  readonly example: NodeState;
  /** How many there are, by the number of the domain's value; those that have none are not there. */
  readonly nodes: Map<number, number>;
}

function countKind(domains: TopologyDomains, value: number, times: 1 | -1): void {
  const before = domains.kinds[value] ?? 0;
  domains.kinds[value] = before + times;
  if (before !== 0 && before + times !== 0) return;
  domains.count += times;
  domains.version += 1;
}
