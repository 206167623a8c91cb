import { type ClusterReader, GPU } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";

/**
 * A cluster with a GPU node "busy" that runs the pods default/one and default/two, a GPU node
 * "idle", a pending pod default/waiting that asks for one GPU, and a PodDisruptionBudget
 * default/budget that allows no disruption.
 */
export interface ClusterReaderSubject {
  readonly reader: ClusterReader;
  /** Names that the subject gave to the nodes. */
  readonly busy: string;
  readonly idle: string;
}

/** Every reader of a cluster keeps to this. */
export function clusterReaderContract(
  name: string,
  makeSubject: () => ClusterReaderSubject | Promise<ClusterReaderSubject>,
): void {
  describe(`cluster reader: ${name}`, () => {
    test("reads nodes with what they have to give", async () => {
      const { reader, busy, idle } = await makeSubject();
      const { nodes } = await reader.readCluster();
      expect(nodes.map((node) => node.name).sort()).toEqual([busy, idle].sort());
      for (const node of nodes) {
        expect(node.allocatable.extended[GPU]).toBeGreaterThan(0);
        expect(node.allocatable.cpuMilli).toBeGreaterThan(0);
        expect(node).toMatchObject({ ready: true, unschedulable: false });
        expect(node.uid).not.toBe("");
        expect(node.resourceVersion).not.toBe("");
        expect(node.labels["kubernetes.io/hostname"]).toBe(node.name);
      }
    });

    test("reads pods with where they are and what they ask for", async () => {
      const { reader, busy } = await makeSubject();
      const { pods } = await reader.readCluster();
      const byName = new Map(pods.map((pod) => [`${pod.namespace}/${pod.name}`, pod]));
      expect([...byName.keys()].sort()).toEqual(["default/one", "default/two", "default/waiting"]);
      expect(byName.get("default/one")).toMatchObject({ nodeName: busy, phase: "Running", ready: true });
      const waiting = byName.get("default/waiting");
      expect(waiting).toMatchObject({
        nodeName: null,
        phase: "Pending",
        requests: { pods: 1, extended: { [GPU]: 1 } },
      });
      expect(waiting?.unschedulableSince).not.toBeNull();
      expect(new Set(pods.map((pod) => pod.uid)).size).toBe(3);
    });

    test("reads budgets and namespaces", async () => {
      const { budgets, namespaces } = await (await makeSubject()).reader.readCluster();
      expect(budgets).toMatchObject([{ namespace: "default", name: "budget", disruptionsAllowed: 0 }]);
      expect(namespaces).toHaveProperty("default");
    });

    test("says when that was, and the same again while nothing changes", async () => {
      const { reader } = await makeSubject();
      // What went since the reading before is told once: that of another test may be in it.
      const { gonePods: _, ...first } = await reader.readCluster();
      const second = await reader.readCluster();
      expect(Number.isInteger(first.at)).toBe(true);
      expect(second.at).toBeGreaterThanOrEqual(first.at);
      expect({ ...second, at: 0 }).toEqual({ ...first, at: 0 });
    });

    test("lists the pods of one node", async () => {
      const { reader, busy, idle } = await makeSubject();
      const names = async (node: string) => (await reader.podsOnNode(node)).map((pod) => pod.name).sort();
      expect(await names(busy)).toEqual(["one", "two"]);
      expect(await names(idle)).toEqual([]);
      expect(await names("no-such-node")).toEqual([]);
    });
  });
}
