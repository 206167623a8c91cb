import {
  type ClusterReader,
  type ClusterWriter,
  DRAINING_TAINT,
  type Node,
  type Pod,
  REASON_ANNOTATION,
} from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";

/**
 * A cluster with a node that bears the taint "dedicated" and runs the pod default/free, of a
 * ReplicaSet, and the pod default/protected, for which a PodDisruptionBudget allows no disruption.
 */
export interface ClusterWriterSubject {
  readonly writer: ClusterWriter;
  /** Reads what was written, fresh. */
  readonly reader: ClusterReader;
  readonly node: string;
}

const TAINT = { key: DRAINING_TAINT, value: "", effect: "NoSchedule" } as const;

/** Every writer to a cluster keeps to this. */
export function clusterWriterContract(
  name: string,
  makeSubject: () => ClusterWriterSubject | Promise<ClusterWriterSubject>,
): void {
  describe(`cluster writer: ${name}`, () => {
    test("cordons a node under a taint and says why, once however often, and leaves other taints alone", async () => {
      const subject = await makeSubject();
      for (let i = 0; i < 2; i++) {
        const { resourceVersion } = await readNode(subject);
        expect(await subject.writer.cordon(subject.node, resourceVersion, TAINT, "NodeEmpty")).toEqual({
          status: "done",
        });
      }
      const { unschedulable, taints, annotations } = await readNode(subject);
      expect(unschedulable).toBe(true);
      expect(annotations[REASON_ANNOTATION]).toBe("NodeEmpty");
      expect(taints.map((taint) => taint.key).sort()).toEqual(["dedicated", DRAINING_TAINT].sort());
    });

    test("uncordons it, and takes away our taint alone", async () => {
      const subject = await makeSubject();
      await subject.writer.cordon(
        subject.node,
        (await readNode(subject)).resourceVersion,
        TAINT,
        "NodeEmpty",
      );
      const { resourceVersion } = await readNode(subject);
      expect(await subject.writer.uncordon(subject.node, resourceVersion)).toEqual({ status: "done" });
      const { unschedulable, taints, annotations } = await readNode(subject);
      expect(unschedulable).toBe(false);
      expect(annotations).not.toHaveProperty([REASON_ANNOTATION]);
      expect(taints.map((taint) => taint.key)).toEqual(["dedicated"]);
    });

    test("changes nothing in a node that has moved on", async () => {
      const subject = await makeSubject();
      const { resourceVersion: old } = await readNode(subject);
      await subject.writer.cordon(subject.node, old, TAINT, "NodeEmpty");
      const cordoned = await readNode(subject);
      expect(cordoned.resourceVersion).not.toBe(old);
      expect(await subject.writer.uncordon(subject.node, old)).toMatchObject({
        status: "precondition-failed",
      });
      expect(
        await subject.writer.cordon(subject.node, old, { ...TAINT, value: "x" }, "NodeEmpty"),
      ).toMatchObject({
        status: "precondition-failed",
      });
      expect(await readNode(subject)).toEqual(cordoned);
    });

    test("finds a node gone that is not there", async () => {
      const { writer } = await makeSubject();
      expect(await writer.cordon("no-such-node", "1", TAINT, "NodeEmpty")).toEqual({ status: "gone" });
      expect(await writer.uncordon("no-such-node", "1")).toEqual({ status: "gone" });
    });

    test("evicts a pod: it is being deleted, or gone already", async () => {
      const subject = await makeSubject();
      const pod = await readPod(subject, "free");
      expect(await evict(subject, "free", pod?.uid ?? "")).toEqual({ status: "done" });
      const left = await readPod(subject, "free");
      if (left?.uid === pod?.uid) expect(left?.deletedAt).not.toBeNull();
    });

    test("evicts no other pod of the same name", async () => {
      const subject = await makeSubject();
      expect(await evict(subject, "free", "00000000-0000-4000-8000-00000000dead")).toMatchObject({
        status: "precondition-failed",
      });
      expect((await readPod(subject, "free"))?.deletedAt).toBeNull();
    });

    test("finds a pod gone that is not there", async () => {
      const subject = await makeSubject();
      expect(await evict(subject, "no-such-pod", "00000000-0000-4000-8000-00000000dead")).toEqual({
        status: "gone",
      });
    });

    test("is held back by a PodDisruptionBudget", async () => {
      const subject = await makeSubject();
      const pod = await readPod(subject, "protected");
      const result = await evict(subject, "protected", pod?.uid ?? "");
      expect(result).toMatchObject({ status: "disruption-budget", detail: expect.stringMatching(/./) });
      expect((await readPod(subject, "protected"))?.deletedAt).toBeNull();
    });
  });
}

async function readNode({ reader, node }: ClusterWriterSubject): Promise<Node> {
  const found = (await reader.readCluster()).nodes.find((each) => each.name === node);
  if (!found) throw new Error(`the subject has no node ${node}`);
  return found;
}

async function readPod({ reader, node }: ClusterWriterSubject, name: string): Promise<Pod | undefined> {
  return (await reader.podsOnNode(node)).find((each) => each.name === name);
}

function evict({ writer }: ClusterWriterSubject, name: string, uid: string) {
  return writer.evict({ namespace: "default", name, uid, gracePeriodSeconds: null });
}
