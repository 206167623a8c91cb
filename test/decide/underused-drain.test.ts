import {
  DRAINING_TAINT,
  decide,
  type EvictPod,
  type Plan,
  type Pod,
  type Snapshot,
} from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { aPod, aPolicy, aPool, aPoolNode, aSnapshot, START } from "../builders/index.ts";

const quad = aPool("quad", ["g6.12xlarge"], { underusedAfterMs: 0 });
const policy = aPolicy([quad]);

const aReplica = (name: string) =>
  aPod(name).labelled({ app: "web" }).gpu(1).cpu(1).ownedBy("ReplicaSet", "web");

/** Three nodes of four GPUs, a replica on each, and more pods. */
function threeNodes(parts: Partial<Snapshot> & { readonly more?: readonly Pod[] } = {}): Snapshot {
  const { more = [], ...rest } = parts;
  const nodes = ["one", "two", "three"].map((name) => aPoolNode(quad, name).build());
  const pods = nodes.map(({ name }) => aReplica(`web-${name}`).on(name).build());
  return aSnapshot(policy, { nodes, pods: [...pods, ...more], ...rest });
}

const evictionsOf = ({ effects }: Plan) =>
  effects.filter((effect): effect is EvictPod => effect.kind === "EvictPod");

describe("an underused node", () => {
  test("is drained of replicas that fit elsewhere", () => {
    const { effects, state } = decide(threeNodes(), policy, START);
    expect(effects.map(({ kind }) => kind)).toEqual(["CordonNode", "EvictPod"]);
    expect(Object.keys(state.draining)).toHaveLength(1);
  });

  test("keeps the pod of a gang that asks for no GPU: the others could not go on without it", () => {
    const launcher = aPod("launcher").cpu(1).ownedBy("ReplicaSet", "launcher").gang("ring", 2);
    const more = ["one", "two", "three"].map((name) => launcher.named(`launcher-${name}`).on(name).build());
    expect(evictionsOf(decide(threeNodes({ more }), policy, START))).toEqual([]);
  });

  test.each(["Job", "StatefulSet"])(
    "keeps the pod of a %s that asks for no GPU: its work or identity would be lost",
    (kind) => {
      const other = aPod("other").cpu(1).ownedBy(kind, "other");
      const more = ["one", "two", "three"].map((name) => other.named(`other-${name}`).on(name).build());
      const plan = decide(threeNodes({ more }), policy, START);
      expect(evictionsOf(plan)).toEqual([]);
      expect(plan.nodes.flatMap(({ reasons }) => reasons.map(({ code }) => code))).toContain("NotMovable");
    },
  );

  test("that EC2 takes in the middle of its drain is drained as interrupted, and each step planned once", () => {
    const taint = { key: DRAINING_TAINT, value: "true", effect: "NoSchedule" } as const;
    const snapshot = threeNodes();
    const nodes = snapshot.nodes.map((node) =>
      node.name === "one" ? { ...node, unschedulable: true, taints: [taint] } : node,
    );
    const drain = { instanceId: "i-one", since: START - 1, reason: "NodeUnderused" } as const;
    const interruption = {
      instanceId: "i-one",
      kind: "spot-interruption",
      noticedAt: START,
      deadline: START + 120_000,
    } as const;
    const plan = decide(
      {
        ...snapshot,
        nodes,
        interruptions: [interruption],
        state: { ...snapshot.state, draining: { one: drain } },
      },
      policy,
      START,
    );
    expect(plan.state.draining.one?.reason).toBe("SpotInterruption");
    const its = evictionsOf(plan).filter(({ node }) => node === "one");
    expect(its.map(({ reason }) => reason.code)).toEqual(["SpotInterruption"]);
  });
});
