import { expect, test } from "vitest";
import { ClusterSpace, compilePod } from "../../packages/core/src/fit/index.ts";
import { aNode, aPod } from "../builders/index.ts";

test("a node starts with what it has to give, and what is placed is taken from it", () => {
  const space = new ClusterSpace({});
  const node = space.addNode(aNode().cpu(8).gpu(8).build());
  const pod = aPod().cpu(2).gpu(3).build();
  space.place(pod, node);
  expect(node.free).toMatchObject({ cpuMilli: 6000, pods: 57, extended: { "nvidia.com/gpu": 5 } });
  expect(node.pods).toEqual([pod]);
  space.displace(pod, node);
  expect(node.free).toEqual(aNode().cpu(8).gpu(8).build().allocatable);
});

test("placing pods leaves the node's own object as it was", () => {
  const spec = aNode().gpu(8).build();
  const space = new ClusterSpace({});
  space.place(aPod().gpu(8).build(), space.addNode(spec));
  expect(spec).toEqual(aNode().gpu(8).build());
});

test("a pod that is not there cannot be displaced", () => {
  const space = new ClusterSpace({});
  const node = space.addNode(aNode("node-1").build());
  space.place(aPod().build(), node);
  expect(() => space.displace(aPod().inNamespace("lab").build(), node)).toThrow(
    expect.objectContaining({
      code: "PodNotPlaced",
      message: "a pod of namespace lab is not placed on node node-1",
    }),
  );
});

test("nodes are given in the order in which they were added, without those that were removed", () => {
  const space = new ClusterSpace({});
  const [, second] = ["c", "a", "b"].map((name) => space.addNode(aNode(name).build()));
  if (second) space.removeNode(second);
  expect([...space.nodes].map(({ spec }) => spec.name)).toEqual(["c", "b"]);
});

test("a compiled pod serves two clusters in turn", () => {
  const pod = compilePod(
    aPod().labelled({ app: "web" }).awayFrom({ app: "web" }, "kubernetes.io/hostname").build(),
  );
  const crowded = new ClusterSpace({});
  const taken = crowded.addNode(aNode("n").build());
  crowded.place(pod.spec, taken);
  const other = new ClusterSpace({});
  const open = other.addNode(aNode("n").build());
  expect([crowded.fits(pod, taken), other.fits(pod, open), crowded.fits(pod, taken)]).toEqual([
    false,
    true,
    false,
  ]);
});

test("nodes that look alike to one pod are told apart for another", () => {
  const space = new ClusterSpace({});
  const nodes = [
    aNode("a").labelled({ pool: "x", rack: "1" }),
    aNode("b").labelled({ pool: "x", rack: "2" }),
  ].map((node) => space.addNode(node.build()));
  const fitting = (pod: ReturnType<typeof aPod>) =>
    nodes.map((node) => space.fits(compilePod(pod.build()), node));
  expect(fitting(aPod().selecting({ pool: "x" }))).toEqual([true, true]);
  expect(fitting(aPod().selecting({ rack: "2" }))).toEqual([false, true]);
  expect(fitting(aPod().selecting({ pool: "x", rack: "1" }))).toEqual([true, false]);
  expect(fitting(aPod().requiringNodeNamed("b"))).toEqual([false, true]);
});

const HOST = "kubernetes.io/hostname";

test("what asks for a node by its name is not content with a copy of it", () => {
  const space = new ClusterSpace({});
  const node = space.addNode(
    aNode("a")
      .labelled({ [HOST]: "a" })
      .build(),
  );
  const choosy = [aPod().requiringNodeNamed("a"), aPod().selecting({ [HOST]: "a" })];
  const fits = (on: typeof node) => choosy.map((pod) => space.fits(compilePod(pod.build()), on));
  expect(fits(node)).toEqual([true, true]);
  expect(fits(space.addLike(node, "b"))).toEqual([false, false]);
});

test("the same selector in two namespaces is about two sets of pods", () => {
  const space = new ClusterSpace({});
  const [a, b] = [space.addNode(aNode("a").build()), space.addNode(aNode("b").build())];
  const web = aPod().labelled({ app: "web" }).spreadOver(HOST);
  space.place(web.build(), a);
  const fitting = (pod: typeof web) => [a, b].map((node) => space.fits(compilePod(pod.build()), node));
  expect(fitting(web)).toEqual([false, true]);
  expect(fitting(web.inNamespace("lab"))).toEqual([true, true]);
});

test("the same constraint of pods that may go elsewhere is about other domains", () => {
  const space = new ClusterSpace({});
  const [a, b] = [
    space.addNode(aNode("a").build()),
    space.addNode(aNode("b").labelled({ rack: "1" }).build()),
  ];
  const web = aPod().labelled({ app: "web" }).spreadOver(HOST);
  space.place(web.build(), b);
  const fitting = (pod: typeof web) => [a, b].map((node) => space.fits(compilePod(pod.build()), node));
  expect(fitting(web)).toEqual([true, false]);
  expect(fitting(web.selecting({ rack: "1" }))).toEqual([false, true]);
});

test("one term more is another affinity", () => {
  const space = new ClusterSpace({});
  const node = space.addNode(aNode("a").build());
  space.place(aPod().labelled({ app: "cache" }).build(), node);
  const near = aPod().near({ app: "cache" }, HOST);
  expect(space.fits(compilePod(near.build()), node)).toBe(true);
  expect(space.fits(compilePod(near.near({ tier: "gold" }, HOST).build()), node)).toBe(false);
});

test("the least of all domains is found again after the emptiest took a pod", () => {
  const space = new ClusterSpace({});
  const [a, b] = [space.addNode(aNode("a").build()), space.addNode(aNode("b").build())];
  const web = aPod().labelled({ app: "web" }).spreadOver(HOST).build();
  const compiled = compilePod(web);
  space.place(web, a);
  space.place(web, b);
  expect([space.fits(compiled, a), space.fits(compiled, b)]).toEqual([true, true]);
  space.displace(web, a);
  expect([space.fits(compiled, a), space.fits(compiled, b)]).toEqual([true, false]);
  space.place(web, a);
  expect([space.fits(compiled, a), space.fits(compiled, b)]).toEqual([true, true]);
});
