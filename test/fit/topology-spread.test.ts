import { expect, test } from "vitest";
import { ClusterSpace, compilePod } from "../../packages/core/src/fit/index.ts";
import type { Node } from "../../packages/core/src/model/node.ts";
import type { Pod } from "../../packages/core/src/model/pod.ts";
import { aNode, aPod } from "../builders/index.ts";
import { misfits } from "./misfits.ts";

const ZONE = "topology.kubernetes.io/zone";
const HOST = "kubernetes.io/hostname";

const a = aNode("a").inZone("a");
const b = aNode("b").inZone("b");
const c = aNode("c").inZone("c");
const web = aPod("web").labelled({ app: "web" });
const spread = web.spreadOver(ZONE);

interface Case {
  pod: Pod;
  /** The first is asked. */
  nodes: Node[];
  placed: Pod[];
  want: string[];
}

const twoMore = [
  "TopologySpreadConstraint: topology.kubernetes.io/zone a would have 2 more than the least, maxSkew is 1",
];

const cases: Record<string, Case> = {
  "the first pod goes anywhere": { pod: spread.build(), nodes: [a.build(), b.build()], placed: [], want: [] },
  "a zone takes no second pod before the other has one": {
    pod: spread.build(),
    nodes: [a.build(), b.build()],
    placed: [web.on("a").build()],
    want: twoMore,
  },
  "a zone takes a second pod once the other has one": {
    pod: spread.build(),
    nodes: [a.build(), b.build()],
    placed: [web.on("a").build(), web.on("b").build()],
    want: [],
  },
  "a wider skew is allowed": {
    pod: web.spreadOver(ZONE, { maxSkew: 2 }).build(),
    nodes: [a.build(), b.build()],
    placed: [web.on("a").build()],
    want: [],
  },
  "pods of other applications do not count": {
    pod: spread.build(),
    nodes: [a.build(), b.build()],
    placed: [aPod().labelled({ app: "cache" }).on("a").build()],
    want: [],
  },
  "pods of other namespaces do not count": {
    pod: spread.build(),
    nodes: [a.build(), b.build()],
    placed: [web.inNamespace("lab").on("a").build()],
    want: [],
  },
  "pods that are being deleted do not count": {
    pod: spread.build(),
    nodes: [a.build(), b.build()],
    placed: [web.on("a").deletedAt(1).build()],
    want: [],
  },
  "a pod that its own constraint does not select adds nothing": {
    pod: spread.with({ labels: { app: "api" } }).build(),
    nodes: [a.build(), b.build()],
    placed: [web.on("a").build()],
    want: [],
  },
  "a node without the topology key does not fit": {
    pod: web.spreadOver("rack").build(),
    nodes: [a.build(), b.build()],
    placed: [],
    want: ["TopologySpreadConstraint: the node has no label rack"],
  },
  "a node that lacks the key of any constraint is no domain for the others": {
    pod: spread.spreadOver("rack").build(),
    nodes: [a.labelled({ rack: "r1" }).build(), b.build()],
    placed: [web.on("a").build()],
    want: [],
  },
  "a zone that node affinity rules out is no domain": {
    pod: spread.requiring({ key: ZONE, operator: "NotIn", values: ["b"] }).build(),
    nodes: [a.build(), b.build()],
    placed: [web.on("a").build()],
    want: [],
  },
  "a zone that nodeSelector rules out is no domain": {
    pod: spread.selecting({ [ZONE]: "a" }).build(),
    nodes: [a.build(), b.build()],
    placed: [web.on("a").build()],
    want: [],
  },
  "a node that affinity by name rules out is no domain": {
    pod: spread.requiringNodeNamed("a").build(),
    nodes: [a.build(), b.build()],
    placed: [web.on("a").build()],
    want: [],
  },
  "with nodeAffinityPolicy Ignore a zone that is ruled out is a domain": {
    pod: web
      .selecting({ [ZONE]: "a" })
      .spreadOver(ZONE, { nodeAffinityPolicy: "Ignore" })
      .build(),
    nodes: [a.build(), b.build()],
    placed: [web.on("a").build()],
    want: twoMore,
  },
  "a zone of tainted nodes is a domain": {
    pod: spread.build(),
    nodes: [a.build(), b.tainted("gpu").build()],
    placed: [web.on("a").build()],
    want: twoMore,
  },
  "with nodeTaintsPolicy Honor a zone of tainted nodes is no domain": {
    pod: web.spreadOver(ZONE, { nodeTaintsPolicy: "Honor" }).build(),
    nodes: [a.build(), b.tainted("gpu").build()],
    placed: [web.on("a").build()],
    want: [],
  },
  "with nodeTaintsPolicy Honor a zone whose taints are tolerated is a domain": {
    pod: web.tolerating("gpu").spreadOver(ZONE, { nodeTaintsPolicy: "Honor" }).build(),
    nodes: [a.build(), b.tainted("gpu").build()],
    placed: [web.on("a").build()],
    want: twoMore,
  },
  "fewer domains than minDomains count as if one were empty": {
    pod: web.spreadOver(ZONE, { minDomains: 3 }).build(),
    nodes: [a.build(), b.build()],
    placed: [web.on("a").build(), web.on("b").build()],
    want: twoMore,
  },
  "as many domains as minDomains count as they are": {
    pod: web.spreadOver(ZONE, { minDomains: 3 }).build(),
    nodes: [a.build(), b.build(), c.build()],
    placed: ["a", "b", "c"].map((node) => web.on(node).build()),
    want: [],
  },
  "pods of another revision do not count with matchLabelKeys": {
    pod: web
      .labelled({ "pod-template-hash": "new" })
      .spreadOver(ZONE, { matchLabelKeys: ["pod-template-hash", "not-there"] })
      .build(),
    nodes: [a.build(), b.build()],
    placed: [web.labelled({ "pod-template-hash": "old" }).on("a").build()],
    want: [],
  },
  "pods of the same revision count with matchLabelKeys": {
    pod: web
      .labelled({ "pod-template-hash": "new" })
      .spreadOver(ZONE, { selector: [], matchLabelKeys: ["pod-template-hash"] })
      .build(),
    nodes: [a.build(), b.build()],
    placed: [web.labelled({ "pod-template-hash": "new" }).on("a").build()],
    want: twoMore,
  },
  "an empty selector counts nobody, as kube-scheduler has it": {
    pod: web.spreadOver(ZONE, { selector: [] }).build(),
    nodes: [a.build(), b.build()],
    placed: web.on("a").times(3),
    want: [],
  },
  "no selector counts nobody": {
    pod: web.spreadOver(ZONE, { selector: null }).build(),
    nodes: [a.build(), b.build()],
    placed: web.on("a").times(3),
    want: [],
  },
  "each constraint that is violated is told": {
    pod: spread.spreadOver(HOST).build(),
    nodes: [a.build(), b.build()],
    placed: [web.on("a").build()],
    want: [`${twoMore[0]}; kubernetes.io/hostname a would have 2 more than the least, maxSkew is 1`],
  },
};

test.each(Object.entries(cases))("%s", (_, { pod, nodes: [node, ...others], placed, want }) => {
  if (!node) throw new Error("there is no node");
  const found = misfits(pod, node, { nodes: others, placed });
  expect(found.map(({ code, detail }) => `${code}: ${detail}`)).toEqual(want);
});

test("a zone whose last node has gone is none, whoever asks, and is one again with the next", () => {
  const space = new ClusterSpace({});
  const [inA, inB] = [a, b].map((node) => space.addNode(node.build()));
  if (!inA || !inB) throw new Error("there is no node");
  space.place(web.build(), inA);
  const known = compilePod(spread.build());
  expect(space.fits(known, inA)).toBe(false);
  space.removeNode(inB);
  // It asks about the same labels of nodes as the other, and not the same.
  const fresh = compilePod(web.spreadOver(ZONE, { nodeTaintsPolicy: "Honor" }).build());
  expect([known, fresh].map((pod) => space.fits(pod, inA))).toEqual([true, true]);
  space.addNode(b.build());
  expect([known, fresh].map((pod) => space.fits(pod, inA))).toEqual([false, false]);
});
