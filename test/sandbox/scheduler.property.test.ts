import { ClusterSpace, compilePod, GPU, MINUTE_MS, type Pod } from "@gpu-autoscaler/core";
import { createWorld, type World } from "@gpu-autoscaler/sandbox";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aPod, aPolicy, pricesOf } from "../builders/index.ts";
import { nodesOf, pass, podsOf, QUAD, SMALL } from "./a-world.ts";

describe("whatever happens", () => {
  const kinds: readonly ((name: string) => Pod)[] = [
    (name) => aPod(name).gpu(1).cpu(1).memoryGi(2).build(),
    (name) => aPod(name).gpu(2).cpu(1).priority(5).build(),
    (name) => aPod(name).cpu(2).memoryGi(4).inNamespace("other").build(),
    (name) =>
      aPod(name)
        .gpu(1)
        .labelled({ app: "shy" })
        .awayFrom({ app: "shy" }, "topology.kubernetes.io/zone")
        .build(),
    (name) => aPod(name).labelled({ app: "spread" }).spreadOver("kubernetes.io/hostname").cpu(1).build(),
    (name) => aPod(name).gpu(1).onHostPort(8080).build(),
    (name) => aPod(name).cpu(1).near({ app: "shy" }, "topology.kubernetes.io/zone").build(),
  ];
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant("submit"),
        kind: fc.nat(kinds.length - 1),
        minutes: fc.nat(20),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant("node"), kind: fc.nat(5), minutes: fc.constant(0) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant("terminate"), kind: fc.nat(9), minutes: fc.constant(0) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("ready"), kind: fc.nat(9), minutes: fc.nat(1) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant("delete"), kind: fc.nat(9), minutes: fc.constant(0) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant("pass"), kind: fc.constant(0), minutes: fc.nat(15) }),
    },
  );

  test("no pod waits that fits a node, and no node is overfull", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: "max" }), async (steps) => {
        const pools = [SMALL, QUAD];
        const world = createWorld({ cluster: "test", pools, prices: pricesOf(aPolicy(pools)) });
        for (const [index, each] of steps.entries()) {
          await doStep(world, each, index);
          pass(world, {});
          await expectNothingLeftUndone(world);
        }
      }),
      { numRuns: 200 },
    );
  });

  async function doStep(
    world: World,
    { do: what, kind, minutes }: { do: string; kind: number; minutes: number },
    index: number,
  ) {
    const [nodes, pods] = [await nodesOf(world), await podsOf(world)];
    const node = nodes[kind % (nodes.length || 1)];
    const pod = pods[kind % (pods.length || 1)];
    const make = kinds[kind];
    if (what === "submit" && make)
      world.verbs.submit(make(`pod-${index}`), { durationMs: minutes * MINUTE_MS });
    if (what === "node")
      world.verbs.addRunningNode(
        kind > 2 ? "quad-on-demand" : "small-on-demand",
        `us-east-1${"abc"[kind % 3]}`,
      );
    if (what === "terminate" && node) {
      const group = node.labels["gpu-autoscaler.io/pool"] === "quad" ? "quad-on-demand" : "small-on-demand";
      await world.ports.capacityWriter.terminateInstances(group, [node.instanceId ?? ""]);
    }
    if (what === "ready" && node) world.verbs.setNodeReady(node.name, minutes === 1);
    if (what === "delete" && pod) world.verbs.deletePod(pod.namespace, pod.name);
    if (what === "pass") pass(world, { minutes });
  }

  async function expectNothingLeftUndone(world: World) {
    const { nodes, pods, namespaces } = await world.ports.clusterReader.readCluster();
    const space = new ClusterSpace(namespaces);
    const spaces = new Map(nodes.map((node) => [node.name, space.addNode(node)]));
    for (const pod of pods) {
      const node = pod.nodeName === null ? undefined : spaces.get(pod.nodeName);
      if (node) space.place(pod, node);
    }
    for (const { free } of spaces.values()) {
      expect(
        Math.min(free.cpuMilli, free.memoryBytes, free.pods, free.extended[GPU] ?? 0),
      ).toBeGreaterThanOrEqual(0);
    }
    for (const pod of pods) {
      if (pod.nodeName !== null) continue;
      const fitting = [...spaces.values()].filter((node) => space.fits(compilePod(pod), node));
      expect(
        fitting.map((node) => node.spec.name),
        `${pod.name} waits`,
      ).toEqual([]);
      expect(pod.unschedulableSince).not.toBeNull();
    }
  }
});
