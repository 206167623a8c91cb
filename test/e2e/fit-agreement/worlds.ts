import * as fc from "fast-check";
import {
  type NodeDraft,
  type PlacedDraft,
  type PlacedState,
  type PodDraft,
  type PodPart,
  type Raw,
  type Vocabulary,
  type WorldDraft,
  ZONE,
} from "./drafts.ts";
import type { Family } from "./families.ts";
import { taint } from "./node-demands.ts";
import { LARGE_NODE } from "./requests.ts";

export const NAMESPACES: readonly Raw[] = [
  { name: "default", labels: { team: "a" } },
  { name: "research", labels: { team: "b" } },
  { name: "lab", labels: { team: "b", beta: "yes" } },
];

/** Pods that are asked about in one world: each is a case. */
export const CASES_PER_WORLD = 5;

/**
 * The world of that ordinal in its family, of up to 100 nodes, most of a few. `prefix` begins the
 * names of its nodes.
 */
export function world(family: Family, ordinal: number, prefix: string): fc.Arbitrary<WorldDraft> {
  // In turn, not by chance, so that each run has its share of them.
  const harsh = (ordinal * 7) % 10 < (family.harsh ?? 4);
  return fc.tuple(harsh ? FEW : SOME, harsh ? CROWDED : LOOSE).chain(([nodes, crowd]) => {
    const pods = Math.ceil((nodes * crowd) / 10);
    // The larger the world, the more applications, or there would be one of each everywhere.
    const others = harsh ? 1 : Math.ceil(pods / 10);
    const words: Vocabulary = {
      harsh,
      apps: ["web", ...Array.from({ length: others }, (_, index) => `app-${index}`)],
      nodeNames: Array.from({ length: nodes }, (_, index) => nodeName(prefix, index)),
    };
    return worldOf(family, words, pods);
  });
}

const FEW = fc.integer({ min: 1, max: 6 });
const SOME = fc.oneof(
  { weight: 5, arbitrary: FEW },
  { weight: 3, arbitrary: fc.integer({ min: 7, max: 25 }) },
  { weight: 2, arbitrary: fc.integer({ min: 26, max: 100 }) },
);
/** Pods to ten nodes. */
const LOOSE = fc.integer({ min: 0, max: 20 });
const CROWDED = fc.integer({ min: 30, max: 60 });

function worldOf(family: Family, words: Vocabulary, pods: number): fc.Arbitrary<WorldDraft> {
  const { length } = words.nodeNames;
  const bare = family.someBare ? Math.floor(length / 3) : 0;
  const placed = fc
    .tuple(
      podOf(words, family.holds?.(words) ?? []),
      fc.nat({ max: length - bare - 1 }),
      family.nominated ? BOUND_OR_NOMINATED : USUAL_STATE,
    )
    .map(([pod, on, is]): PlacedDraft => ({ ...pod, on, state: is }));
  const exactly = (count: number) => ({ minLength: count, maxLength: count, size: "max" as const });
  return fc.record({
    nodes: fc
      .tuple(
        fc.array(nodeOf(family, words), exactly(length - bare)),
        fc.array(nodeOf({ ...family, tainted: family.tainted && ALL }, words), exactly(bare)),
      )
      .map((parts) => parts.flat()),
    placed: fc.array(placed, exactly(pods)),
    incoming: fc.array(podOf(words, family.asks(words)), exactly(CASES_PER_WORLD)),
  });
}

const ALL = [10, 10] as const;

function isTrueIn(tenths: number): fc.Arbitrary<boolean> {
  return fc.nat({ max: 9 }).map((dice) => dice < tenths);
}

export function nodeName(prefix: string, index: number): string {
  return `${prefix}-node-${index}`;
}

const USUAL_STATE: fc.Arbitrary<PlacedState> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<PlacedState>("bound") },
  { weight: 1, arbitrary: fc.constantFrom<PlacedState[]>("terminating", "ended") },
);
const BOUND_OR_NOMINATED = fc.constantFrom<PlacedState[]>("bound", "nominated");

const UNTOUCHED = [0, 0] as const;

function nodeOf(
  { allocatable = fc.constant(LARGE_NODE), tainted = UNTOUCHED, cordoned = UNTOUCHED }: Family,
  { harsh }: Vocabulary,
): fc.Arbitrary<NodeDraft> {
  const which = harsh ? 1 : 0;
  return fc
    .record({
      labels: fc.record(
        {
          [ZONE]: fc.constantFrom("a", "a", "b", "b", "c"),
          rack: fc.constantFrom("r1", "r1", "r2", "5"),
          gpus: fc.constantFrom("1", "4", "8", "many", ""),
        },
        { requiredKeys: [] },
      ),
      hasTaints: isTrueIn(tainted[which]),
      // The API server refuses two of a key and effect.
      taints: fc.uniqueArray(taint, {
        minLength: 1,
        maxLength: 3,
        selector: ({ key, effect }) => `${key} ${effect}`,
      }),
      unschedulable: isTrueIn(cordoned[which]),
      allocatable,
    })
    .map(({ hasTaints, taints, ...rest }) => ({ ...rest, taints: hasTaints ? taints : [] }));
}

function podOf(
  { apps, harsh }: Vocabulary,
  demands: readonly fc.Arbitrary<PodPart>[],
): fc.Arbitrary<PodDraft> {
  return fc
    .record({
      namespace: fc.constantFrom("default", "default", ...(harsh ? [] : ["research"]), "lab"),
      labels: fc.record(
        {
          app: fc.constantFrom(...apps),
          version: fc.constantFrom("1", "2"),
          beta: fc.constant("yes"),
        },
        { requiredKeys: harsh ? ["app"] : [] },
      ),
      parts: fc.tuple(...demands),
    })
    .map(({ parts, ...rest }) => ({ ...rest, part: parts.reduce(together, {}) }));
}

/** One pod that demands what both do. */
function together(one: PodPart, other: PodPart): PodPart {
  const lists = (name: string) => [one.spec?.[name], other.spec?.[name]].filter(Array.isArray).flat();
  const initContainers = lists("initContainers");
  const nodeSelector = { ...Object(one.spec?.nodeSelector), ...Object(other.spec?.nodeSelector) };
  return {
    spec: {
      ...one.spec,
      ...other.spec,
      ...(initContainers.length > 0 && { initContainers }),
      ...(Object.keys(nodeSelector).length > 0 && { nodeSelector }),
    },
    affinity: { ...one.affinity, ...other.affinity },
    container: { ...one.container, ...other.container },
    moreContainers: [...(one.moreContainers ?? []), ...(other.moreContainers ?? [])],
    claims: [...(one.claims ?? []), ...(other.claims ?? [])],
  };
}
