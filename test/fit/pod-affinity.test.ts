import { describe, expect, test } from "vitest";
import type { Pod } from "../../packages/core/src/model/pod.ts";
import { aNode, aPod, matching } from "../builders/index.ts";
import { misfits } from "./misfits.ts";

const ZONE = "topology.kubernetes.io/zone";
const HOST = "kubernetes.io/hostname";

const here = aNode("here").inZone("a").build();
const nodes = [aNode("beside").inZone("a").build(), aNode("away").inZone("b").build()];
const namespaces = { default: {}, lab: { team: "research" }, shop: { team: "sales" } };

const web = aPod("web").labelled({ app: "web" });
const cache = aPod("cache").labelled({ app: "cache" });

function check(cases: Record<string, { pod: Pod; placed?: Pod[]; want: string[] }>) {
  test.each(Object.entries(cases))("%s", (_, { pod, placed = [], want }) => {
    const found = misfits(pod, here, { nodes, placed, namespaces });
    expect(found.map(({ code, detail }) => `${code}: ${detail}`)).toEqual(want);
  });
}

describe("required pod affinity", () => {
  const lonely = ["PodAffinityMismatch: no pod with app=cache in topology.kubernetes.io/zone a"];
  check({
    "is met by such a pod on another node of the zone": {
      pod: web.near({ app: "cache" }, ZONE).build(),
      placed: [cache.on("beside").build()],
      want: [],
    },
    "is not met by such a pod in another zone": {
      pod: web.near({ app: "cache" }, ZONE).build(),
      placed: [cache.on("away").build()],
      want: lonely,
    },
    "is not met by a pod of another namespace": {
      pod: web.near({ app: "cache" }, ZONE).build(),
      placed: [cache.inNamespace("lab").on("beside").build()],
      want: lonely,
    },
    "is met by a pod of a namespace that it names": {
      pod: web.near({ app: "cache" }, ZONE, { namespaces: ["lab"] }).build(),
      placed: [cache.inNamespace("lab").on("beside").build()],
      want: [],
    },
    "does not look into its own namespace when it names another": {
      pod: web.near({ app: "cache" }, ZONE, { namespaces: ["lab"] }).build(),
      placed: [cache.on("beside").build()],
      want: lonely,
    },
    "is met by a pod of a namespace that it selects": {
      pod: web.near({ app: "cache" }, ZONE, { namespaceSelector: matching({ team: "research" }) }).build(),
      placed: [cache.inNamespace("lab").on("beside").build()],
      want: [],
    },
    "is not met by a pod of a namespace that it does not select": {
      pod: web.near({ app: "cache" }, ZONE, { namespaceSelector: matching({ team: "research" }) }).build(),
      placed: [cache.inNamespace("shop").on("beside").build()],
      want: lonely,
    },
    "looks into every namespace with an empty namespace selector": {
      pod: web.near({ app: "cache" }, ZONE, { namespaceSelector: [] }).build(),
      placed: [cache.inNamespace("unheard-of").on("beside").build()],
      want: [],
    },
    "lets the first of a series in that matches itself": {
      pod: web.near({ app: "web" }, ZONE).build(),
      placed: [cache.on("away").build()],
      want: [],
    },
    "holds the second of a series to the first": {
      pod: web.near({ app: "web" }, ZONE).build(),
      placed: [web.on("away").build()],
      want: ["PodAffinityMismatch: no pod with app=web in topology.kubernetes.io/zone a"],
    },
    "lets in no first that does not match itself": {
      pod: web.near({ app: "cache" }, ZONE).build(),
      want: lonely,
    },
    "lets in no first on a node without the topology key": {
      pod: web.near({ app: "web" }, "rack").build(),
      want: ["PodAffinityMismatch: the node has no label rack"],
    },
    "wants one pod that matches all terms, not one for each": {
      pod: web.near({ app: "cache" }, ZONE).near({ tier: "gold" }, HOST).build(),
      placed: [cache.on("here").build(), aPod().labelled({ tier: "gold" }).on("here").build()],
      want: ["PodAffinityMismatch: no pod with app=cache and tier=gold in topology.kubernetes.io/zone a"],
    },
    "is met by one pod that matches all terms": {
      pod: web.near({ app: "cache" }, ZONE).near({ tier: "gold" }, HOST).build(),
      placed: [cache.labelled({ tier: "gold" }).on("here").build()],
      want: [],
    },
    "without a selector is met by nobody": {
      pod: web.near({}, ZONE, { selector: null }).build(),
      placed: [cache.on("here").build()],
      want: ["PodAffinityMismatch: no pod with nothing in topology.kubernetes.io/zone a"],
    },
    "with an empty selector is met by anybody": {
      pod: web.near({}, ZONE).build(),
      placed: [cache.on("beside").build()],
      want: [],
    },
    "is met by a pod that is being deleted": {
      pod: web.near({ app: "cache" }, ZONE).build(),
      placed: [cache.on("beside").deletedAt(1).build()],
      want: [],
    },
  });
});

describe("required pod anti-affinity", () => {
  check({
    "keeps a pod off the node of its like": {
      pod: web.awayFrom({ app: "web" }, HOST).build(),
      placed: [web.on("here").build()],
      want: ["PodAntiAffinityConflict: keeps away from app=web in kubernetes.io/hostname here"],
    },
    "lets it onto the next node": {
      pod: web.awayFrom({ app: "web" }, HOST).build(),
      placed: [web.on("beside").build()],
      want: [],
    },
    "keeps it out of a whole zone": {
      pod: web.awayFrom({ app: "cache" }, ZONE).build(),
      placed: [cache.on("beside").build()],
      want: ["PodAntiAffinityConflict: keeps away from app=cache in topology.kubernetes.io/zone a"],
    },
    "is violated by one of its terms alone": {
      pod: web.awayFrom({ app: "db" }, ZONE).awayFrom({ app: "cache" }, HOST).build(),
      placed: [cache.on("here").build()],
      want: ["PodAntiAffinityConflict: keeps away from app=cache in kubernetes.io/hostname here"],
    },
    "is not violated on a node without the topology key": {
      pod: web.awayFrom({ app: "cache" }, "rack").build(),
      placed: [cache.on("here").build()],
      want: [],
    },
    "is violated by a pod that is being deleted": {
      pod: web.awayFrom({ app: "cache" }, HOST).build(),
      placed: [cache.on("here").deletedAt(1).build()],
      want: ["PodAntiAffinityConflict: keeps away from app=cache in kubernetes.io/hostname here"],
    },
  });
});

describe("the anti-affinity of pods that are there", () => {
  const repelled = [
    "ExistingPodAntiAffinityConflict: a pod keeps away app=web in topology.kubernetes.io/zone a",
  ];
  check({
    "keeps off a pod that asks for nothing of the kind": {
      pod: web.build(),
      placed: [cache.awayFrom({ app: "web" }, ZONE).on("beside").build()],
      want: repelled,
    },
    "does not reach into another zone": {
      pod: web.build(),
      placed: [cache.awayFrom({ app: "web" }, ZONE).on("away").build()],
      want: [],
    },
    "is about pods of its own namespace": {
      pod: web.build(),
      placed: [cache.inNamespace("lab").awayFrom({ app: "web" }, ZONE).on("beside").build()],
      want: [],
    },
    "is about pods of the namespaces that it selects": {
      pod: web.inNamespace("shop").build(),
      placed: [
        cache
          .awayFrom({ app: "web" }, ZONE, { namespaceSelector: matching({ team: "sales" }) })
          .on("beside")
          .build(),
      ],
      want: repelled,
    },
    "is told once, in the same words, however many bear it and in whatever order": {
      pod: web.build(),
      placed: [
        cache.awayFrom({}, ZONE).on("beside").build(),
        ...cache.awayFrom({ app: "web" }, ZONE).on("beside").times(2),
      ],
      want: [
        "ExistingPodAntiAffinityConflict: a pod keeps away app=web in topology.kubernetes.io/zone a; everything in topology.kubernetes.io/zone a",
      ],
    },
  });
});
