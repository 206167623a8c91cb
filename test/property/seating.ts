import { gangOf, type Plan, type Pod } from "@gpu-autoscaler/core";
import { type JudgedPod, judge } from "../fit/judge.ts";
import type { Situation } from "./arbitraries.ts";
import type { Future, FutureNode } from "./future.ts";

/** Equal pods that the plan says will run, and on which nodes. */
interface Party {
  readonly pods: readonly Pod[];
  readonly claim: string;
  /** Their gang's name, and the node label whose value it shares; null for pods by themselves. */
  readonly gang: { readonly key: string; readonly topologyKey: string | null } | null;
}

/** Every pod that a plan claims a place for, in the order of the decision. */
export function partiesOf({ snapshot }: Situation, plan: Plan): Party[] {
  const byName = new Map(snapshot.pods.map((pod) => [`${pod.namespace}/${pod.name}`, pod]));
  return plan.demand.flatMap((decision) => {
    let from = 0;
    return decision.outcomes.flatMap(({ count, reason, effect }): Party[] => {
      const names = decision.pods.slice(from, from + count);
      from += count;
      const pods = names.flatMap((name) => byName.get(name) ?? []);
      const [first] = pods;
      if (!first || !PLACED.has(reason.code)) return [];
      return [
        { pods, claim: effect === null ? reason.code : `${reason.code} ${effect}`, gang: gangOf(first) },
      ];
    });
  });
}

const PLACED: ReadonlySet<string> = new Set([
  "FitsExistingNode",
  "FitsUpcomingNode",
  "Launching",
  "LaunchRepeated",
  "DemandReturned",
]);

/** How many judgements are spent on one search. */
const MOST_TRIES = 6_000;

/** Who sits so far, who waits, and in which domain each gang is. */
interface Table {
  readonly placed: readonly JudgedPod[];
  readonly waiting: readonly Party[];
  readonly domains: ReadonlyMap<string, string>;
  /** Which nodes are there already. */
  readonly stage: number;
}

/**
 * Looks for a seat for every pod, in whatever order kube-scheduler may take them, each on a node of
 * its claim and each gang within one domain. null: the search was given up.
 */
export function canAllSit(
  future: Future,
  parties: readonly Party[],
  { snapshot }: Situation,
): boolean | null {
  // Pods are bound as nodes come: those that are yet to come say nothing before.
  const specsUpTo = [0, 1, 2].map((stage) =>
    future.nodes.filter((node) => node.stage <= stage).map(({ spec }) => spec),
  );
  const stageOf = ({ claim }: Party) =>
    Math.min(...future.nodes.filter((node) => node.claim === claim).map(({ stage }) => stage));
  const waiting = parties.toSorted((a, b) => stageOf(a) - stageOf(b));
  let tries = 0;

  /** The tables after one more pod of the party sat down, on each node that takes it. */
  function* seat(table: Table, party: Party): Generator<Table> {
    const [pod, ...rest] = party.pods;
    if (!pod) return;
    const others = table.waiting.filter((each) => each !== party);
    const waiting = rest.length > 0 ? [{ ...party, pods: rest }, ...others] : others;
    for (const node of future.nodes) {
      if (node.claim !== party.claim || !isInDomain(party, node, table)) continue;
      if (++tries > MOST_TRIES) return;
      const stage = Math.max(table.stage, node.stage);
      const specs = specsUpTo[stage] ?? [];
      const there = table.placed.filter(({ nodeName }) => specs.some(({ name }) => name === nodeName));
      if (judge(pod, node.spec.name, specs, there, future.namespaces).length > 0) continue;
      const placed = [...table.placed, { ...pod, nodeName: node.spec.name }];
      yield { placed, waiting, domains: withDomain(party, node, table.domains), stage };
    }
  }

  const seatAll = (table: Table): boolean => {
    if (table.waiting.length === 0) return true;
    for (const party of table.waiting) {
      let sat = false;
      for (const next of seat(table, party)) {
        sat = true;
        if (seatAll(next)) return true;
      }
      // Nobody who sits down later makes it matter when a pod without wishes did.
      if (sat && !looksAtOthers(party)) return false;
      if (tries > MOST_TRIES) return false;
    }
    return false;
  };

  const domains = domainsOfBound(future, snapshot.pods);
  const isSeated = seatAll({ placed: future.placed, waiting, domains, stage: 0 });
  return isSeated || tries <= MOST_TRIES ? isSeated : null;
}

function looksAtOthers({ pods: [pod] }: Party): boolean {
  return (
    pod !== undefined &&
    pod.podAffinity.length + pod.podAntiAffinity.length + pod.topologySpread.length + pod.hostPorts.length > 0
  );
}

function isInDomain({ gang }: Party, { spec }: FutureNode, { domains }: Table): boolean {
  if (!gang || gang.topologyKey === null) return true;
  const value = spec.labels[gang.topologyKey];
  const known = domains.get(gang.key);
  return value !== undefined && (known === undefined || known === value);
}

function withDomain({ gang }: Party, { spec }: FutureNode, domains: Table["domains"]): Table["domains"] {
  if (!gang || gang.topologyKey === null || domains.has(gang.key)) return domains;
  return new Map([...domains, [gang.key, spec.labels[gang.topologyKey] ?? ""]]);
}

/** Where gangs are of which pods are bound already. */
function domainsOfBound({ nodes }: Future, pods: readonly Pod[]): Map<string, string> {
  const domains = new Map<string, string>();
  for (const pod of pods) {
    const gang = gangOf(pod);
    const node = nodes.find(({ spec }) => spec.name === pod.nodeName);
    const value = gang?.topologyKey && node?.spec.labels[gang.topologyKey];
    if (gang && value && pod.deletedAt === null) domains.set(gang.key, value);
  }
  return domains;
}
