import * as fc from "fast-check";
import type { PodPart, Raw, Vocabulary } from "./drafts.ts";
import {
  gates,
  hostPorts,
  nodeAffinities,
  nodeSelectors,
  toleratingCordons,
  tolerations,
} from "./node-demands.ts";
import {
  negativeNamespaces,
  podAffinities,
  podAntiAffinities,
  spreading,
  spreadingByPolicies,
} from "./pod-demands.ts";
import {
  effectiveRequests,
  extendedRequests,
  nodeOfAFewCores,
  plainRequests,
  smallNode,
  smallRequests,
} from "./requests.ts";
import { volumes } from "./volumes.ts";

type Demands = (vocabulary: Vocabulary) => readonly fc.Arbitrary<PodPart>[];

/** What the cases of one predicate, or of several that interact, are made of. */
export interface Family {
  /** Demands of pods that are asked about, of which each has all. */
  readonly asks: Demands;
  /** Demands of pods that are there. */
  readonly holds?: Demands;
  readonly allocatable?: fc.Arbitrary<Raw>;
  /** How many nodes in ten have taints, and how many are cordoned: in other worlds, and in harsh ones. */
  readonly tainted?: readonly [number, number] | undefined;
  readonly cordoned?: readonly [number, number];
  /** Whether pods that are there are half of them only nominated. */
  readonly nominated?: boolean;
  /**
   * Whether a third of the nodes bears no pods, and taints where others may, so that it matters
   * whether spreading counts them.
   */
  readonly someBare?: boolean;
  /** How many worlds in ten are harsh; 4 by default. */
  readonly harsh?: number;
  /** Why kube-scheduler is known to answer otherwise. */
  readonly known?: string;
}

/** One time in so many. */
function seldom(times: number, demands: readonly fc.Arbitrary<PodPart>[]): readonly fc.Arbitrary<PodPart>[] {
  return demands.map((demand) =>
    fc.oneof({ weight: times - 1, arbitrary: fc.constant<PodPart>({}) }, { weight: 1, arbitrary: demand }),
  );
}

const SINGLE: Readonly<Record<string, Family>> = {
  resources: { asks: () => [plainRequests], holds: () => [smallRequests], allocatable: smallNode, harsh: 3 },
  "init containers, sidecars, overhead, pod-level resources": {
    asks: () => [effectiveRequests],
    holds: () => seldom(2, [effectiveRequests]),
    allocatable: nodeOfAFewCores,
    harsh: 2,
  },
  "taints and tolerations": { asks: (words) => [tolerations(words)], tainted: [6, 10], harsh: 6 },
  cordon: { asks: () => [toleratingCordons], cordoned: [4, 10], harsh: 6 },
  nodeSelector: { asks: () => [nodeSelectors], harsh: 6 },
  "node affinity": { asks: (words) => [nodeAffinities(words)], harsh: 0 },
  "pod affinity": { asks: (words) => [podAffinities(words)], harsh: 6 },
  "pod anti-affinity": { asks: (words) => [podAntiAffinities(words)], harsh: 8 },
  "anti-affinity of pods that are there": {
    asks: () => [],
    holds: (words) => seldom(words.harsh ? 1 : 3, [podAntiAffinities(words, 1)]),
    harsh: 8,
  },
  "topology spread": { asks: (words) => [spreading(words)], harsh: 9 },
  "host ports": {
    asks: (words) => [hostPorts(words, 3)],
    holds: (words) => [hostPorts(words, 3)],
    harsh: 6,
  },
  volumes: { asks: (words) => [volumes(words)], harsh: 0 },
  "scheduling gates": { asks: () => [gates], harsh: 0 },
  "room kept for nominated pods": {
    asks: () => [plainRequests],
    holds: () => [smallRequests],
    allocatable: smallNode,
    nominated: true,
    harsh: 4,
  },
};

function spreadingMostlyByPolicies(words: Vocabulary): fc.Arbitrary<PodPart> {
  return fc.oneof(
    { weight: 1, arbitrary: spreading(words) },
    { weight: 3, arbitrary: spreadingByPolicies(words) },
  );
}

/** Predicates that look at the same things, or at each other's results. */
const INTERACTING: Readonly<Record<string, Family>> = {
  "pod affinity with topology spread": {
    asks: (words) => [podAffinities(words, 1), spreading(words)],
    harsh: 3,
  },
  "pod anti-affinity with topology spread": {
    asks: (words) => [podAntiAffinities(words, 1), spreading(words)],
    harsh: 5,
  },
  "taints with topology spread": {
    asks: (words) => [tolerations(words), spreadingMostlyByPolicies(words)],
    tainted: [4, 7],
    cordoned: [1, 2],
    someBare: true,
    harsh: 6,
  },
  "node affinity with topology spread": {
    asks: (words) => [nodeAffinities(words), spreadingMostlyByPolicies(words)],
    someBare: true,
    harsh: 4,
  },
  "host ports with anti-affinity": {
    asks: (words) => [hostPorts(words, 2), podAntiAffinities(words, 1)],
    holds: (words) => seldom(2, [hostPorts(words, 2)]),
    harsh: 7,
  },
  "extended resources with taints": {
    asks: (words) => [extendedRequests, tolerations(words)],
    holds: () => seldom(3, [smallRequests]),
    allocatable: smallNode,
    tainted: [3, 6],
    harsh: 5,
  },
  "volumes with topology spread": { asks: (words) => [volumes(words), spreading(words)], harsh: 0 },
  everything: {
    asks: (words) => seldom(7, everyDemand(words)),
    holds: (words) => seldom(7, everyDemand(words)),
    allocatable: smallNode,
    tainted: [2, 4],
    cordoned: [1, 2],
    harsh: 0,
  },
};

export const FAMILIES: Readonly<Record<string, Family>> = {
  ...SINGLE,
  ...INTERACTING,
  "affinity to namespaces that lack a label": {
    asks: (words) => [negativeNamespaces(words)],
    known: "kubernetes#141526",
  },
};

function everyDemand(words: Vocabulary): readonly fc.Arbitrary<PodPart>[] {
  return [
    plainRequests,
    tolerations(words),
    nodeSelectors,
    nodeAffinities(words),
    podAffinities(words),
    podAntiAffinities(words),
    spreading(words),
    hostPorts(words, 2),
    volumes(words),
  ];
}
