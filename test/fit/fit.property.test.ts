import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ClusterSpace,
  type CompiledPod,
  compilePod,
  Eligible,
  type NodeSpace,
} from "../../packages/core/src/fit/index.ts";
import type { PodSpec } from "../../packages/core/src/model/pod.ts";
import { judge } from "./judge.ts";
import { FAMILIES, NAMESPACES, type RandomWorld, world } from "./worlds.ts";

describe.each([...FAMILIES, "everything"])("with %s", (focus) => {
  test("a pod fits where an independent judge says so, for the reasons that it gives", () => {
    let asked = 0;
    let fitting = 0;
    fc.assert(
      fc.property(world(focus), (random) => {
        const { space, nodes } = clusterOf(random);
        const eligible = new Eligible(space, nodes, (each) => each);
        const placed = [...random.placed];
        for (const pod of random.incoming) {
          const compiled = compilePod(pod);
          let chosen: NodeSpace | null = null;
          for (const node of nodes) {
            const expected = judge(pod, node.spec.name, random.nodes, placed, NAMESPACES);
            const found = new Set(space.misfits(compiled, node).map(({ code }) => code));
            expect([...found].sort()).toEqual([...expected].sort());
            expect(space.fits(compiled, node)).toBe(expected.length === 0);
            expect(space.fitting(compiled, [node], (each) => each)).toHaveLength(
              expected.length === 0 ? 1 : 0,
            );
            const isLetIn = !expected.some((code) => OF_NODE.has(code));
            expect(eligible.for(compiled).includes(node)).toBe(isLetIn);
            asked += 1;
            if (expected.length > 0) continue;
            fitting += 1;
            chosen ??= node;
          }
          if (chosen === null) continue;
          space.place(pod, chosen);
          placed.push({ ...pod, nodeName: chosen.spec.name });
        }
      }),
      { numRuns: 300 },
    );
    // Cases that nearly all fit, or nearly none, would show little.
    expect(fitting / asked).toBeGreaterThan(0.3);
    expect(fitting / asked).toBeLessThan(0.7);
  });

  test("what is placed and displaced again leaves no trace", () => {
    fc.assert(
      fc.property(world(focus), fc.array(fc.nat(), { maxLength: 8 }), (random, dice) => {
        const { space, nodes } = clusterOf(random);
        const pods = random.incoming.map(compilePod);
        const before = answers(pods, space, nodes);
        const tried = dice.map((die) => ({ pod: pick(random.incoming, die), node: pick(nodes, die >> 3) }));
        for (const { pod, node } of tried) space.place(pod, node);
        answers(pods, space, nodes);
        for (const { pod, node } of tried.toReversed()) space.displace(pod, node);
        expect(answers(pods, space, nodes)).toEqual(before);
        expect(answers(random.incoming.map(compilePod), space, nodes)).toEqual(before);
      }),
    );
  });

  test("counts that are kept up through every change are those that are counted afresh", () => {
    fc.assert(
      fc.property(
        world(focus),
        fc.array(fc.nat(), { maxLength: 12 }),
        fc.boolean(),
        (random, dice, isExpected) => {
          const { space, nodes } = clusterOf(random, isExpected ? random.incoming : []);
          const pods = random.incoming.map(compilePod);
          const later = random.placed.map(compilePod);
          let kept: readonly NodeSpace[] = nodes;
          answers(pods, space, kept);
          for (const die of dice) {
            kept = changed(random, space, kept, die);
            expect(answers(pods, space, kept)).toEqual(answersAfresh(pods, kept));
          }
          // Whatever is asked for the first time after all the changes is counted then.
          expect(answers(later, space, kept)).toEqual(answersAfresh(later, kept));
        },
      ),
    );
  });
});

test("a node that is copied from a space alongside is as one that was added, with the same pods", () => {
  fc.assert(
    fc.property(world("everything"), fc.boolean(), (random, isKnown) => {
      const { space, nodes } = clusterOf(random);
      const alongside = space.alongside();
      const sources = random.nodes.map((spec, i) => alongside.addNode(spec, nodes[i]?.pods));
      const pods = random.incoming.map(compilePod);
      // What was found out of the sources must not be taken for true of the copies.
      if (isKnown) {
        answers(pods, alongside, sources);
        answers(pods, space, nodes);
      }
      const copies = sources.map((source, i) => space.addLike(source, `copy-${i}`));
      const all = [...nodes, ...copies];
      expect(answers(pods, space, all)).toEqual(answersAfresh(pods, all));
      expect(copies.map(({ spec }) => spec.labels[HOST])).toEqual(copies.map((_, i) => `copy-${i}`));
      for (const [i, source] of sources.entries()) expect(source.pods).toEqual(nodes[i]?.pods);
    }),
  );
});

test("who may not fit on a copy of a node of a space alongside does not", () => {
  let asked = 0;
  let kept = 0;
  fc.assert(
    fc.property(world("everything"), fc.nat(), (random, die) => {
      // The other nodes may bring topology domains that are not there yet.
      const half = Math.ceil(random.nodes.length / 2);
      const { space } = clusterOf({ ...random, nodes: random.nodes.slice(0, half) });
      const alongside = space.alongside();
      for (const [i, spec] of random.nodes.entries()) {
        const name = `new-${i}`;
        const there = [...random.placed, ...random.incoming].filter((_, p) => (die >> (i + p)) % 4 === 0);
        const source = alongside.addNode({ ...spec, name, labels: { ...spec.labels, [HOST]: name } }, there);
        for (const pod of random.incoming.map(compilePod)) {
          asked += 1;
          if (space.mayFitOnCopy(pod, source)) continue;
          kept += 1;
          const copy = space.addLike(source, `copy-${i}`);
          expect(space.fits(pod, copy)).toBe(false);
          space.removeNode(copy);
        }
      }
    }),
  );
  // Cases that nearly all may fit, or nearly none, would show little.
  expect(kept / asked).toBeGreaterThan(0.3);
  expect(kept / asked).toBeLessThan(0.9);
});

/** What a node says of itself, whoever runs on it. */
const OF_NODE = new Set([
  "UntoleratedTaint",
  "NodeUnschedulable",
  "NodeSelectorMismatch",
  "NodeAffinityMismatch",
  "VolumeZoneConflict",
]);

/** Adds, copies or removes a node, places or displaces a pod, by a throw of the dice, and gives the nodes that are left. */
function changed(random: RandomWorld, space: ClusterSpace, nodes: readonly NodeSpace[], die: number) {
  const choice = die >> 3;
  const node = pick(nodes, choice);
  const change = die % 8;
  if (change === 0 && nodes.length > 1) {
    space.removeNode(node);
    return nodes.filter((other) => other !== node);
  }
  if (change === 1) {
    const name = `added-${nodes.length}-${choice}`;
    return [...nodes, space.addNode({ ...node.spec, name, labels: { ...node.spec.labels, [HOST]: name } })];
  }
  if (change === 2) return [...nodes, space.addLike(node, `copied-${nodes.length}-${choice}`)];
  if (change < 5) space.place(pick([...random.incoming, ...random.placed], choice), node);
  else if (node.pods.length > 0) space.displace(pick(node.pods, choice), node);
  return nodes;
}

const HOST = "kubernetes.io/hostname";

function answersAfresh(pods: readonly CompiledPod[], nodes: readonly NodeSpace[]) {
  const space = new ClusterSpace(NAMESPACES);
  const fresh = nodes.map((node) => ({ node: space.addNode(node.spec), pods: node.pods }));
  for (const { node, pods: there } of fresh) for (const pod of there) space.place(pod, node);
  return answers(
    pods.map(({ spec }) => compilePod(spec)),
    space,
    fresh.map(({ node }) => node),
  );
}

/** All that can be asked: what keeps each pod off each node, in words, and what is left there. */
function answers(pods: readonly CompiledPod[], space: ClusterSpace, nodes: readonly NodeSpace[]) {
  return nodes.map((node) => ({
    free: leftOf(node),
    misfits: pods.map((pod) => space.misfits(pod, node)),
  }));
}

function leftOf({ free }: NodeSpace) {
  // A resource of which nothing is left or lacking is as good as none.
  const extended = Object.fromEntries(Object.entries(free.extended).filter(([, amount]) => amount !== 0));
  return { ...free, extended };
}

function clusterOf(random: RandomWorld, expected: readonly PodSpec[] = []) {
  const space = new ClusterSpace(NAMESPACES);
  space.expect(expected);
  const nodes = random.nodes.map((spec) => space.addNode(spec));
  for (const pod of random.placed) {
    const node = nodes.find(({ spec }) => spec.name === pod.nodeName);
    if (node) space.place(pod, node);
  }
  return { space, nodes };
}

function pick<Item>(items: readonly Item[], die: number): Item {
  const item = items[die % items.length];
  if (item === undefined) throw new Error("there is nothing to pick from");
  return item;
}
