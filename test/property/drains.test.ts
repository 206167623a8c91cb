import {
  asksForGpu,
  DRAINING_TAINT,
  type Effect,
  INTERRUPTED_TAINT,
  MOVABLE_ANNOTATION,
  type Node,
  POOL_LABEL,
  type Pod,
} from "@gpu-autoscaler/core";
import { beforeAll, describe, expect, test } from "vitest";
import { judge } from "../fit/judge.ts";
import { REST_MS } from "./drain-plays.ts";
import { isOfMove, type Seen, watchDrains } from "./drain-watch.ts";

const RUNS = 120;

// Every property looks at the same plays: none of them has to wait for all.
beforeAll(async () => {
  await watchDrains(RUNS, () => undefined);
}, 60_000);

describe("drains of underused nodes, tick by tick", () => {
  test("leave every PodDisruptionBudget what it asks for", async () => {
    let atItsLimit = 0;
    const { evictions } = await watchDrains(RUNS, (seen) => {
      for (const budget of seen.play.budgets) {
        const pods = (of: readonly Pod[]) =>
          of.filter(({ labels, deletedAt }) => labels.app === budget.app && deletedAt === null);
        const healthy = (of: readonly Pod[]) => pods(of).filter(({ ready }) => ready).length;
        const { maxUnavailable, minAvailable } = budget;
        const wanted =
          maxUnavailable === null ? minAvailable : pods(seen.before.pods).length - maxUnavailable;
        const before = healthy(seen.before.pods);
        const asked = evicted(seen, isNotOfSpot).filter(
          ({ labels, ready }) => labels.app === budget.app && ready,
        );
        expect(asked.length).toBeLessThanOrEqual(Math.max(0, before - Math.max(0, wanted)));
        expect(healthy(seen.after.pods)).toBeGreaterThanOrEqual(Math.min(before, wanted));
        if (seen.draining.size > 0 && before <= wanted) atItsLimit++;
      }
    });
    expect(evictions).toBeGreaterThan(200);
    expect(atItsLimit).toBeGreaterThan(40);
  });

  test("move no pod of a Job, a gang or a StatefulSet, and no bare one, nor end its node", async () => {
    let beside = 0;
    const { evictions, ended } = await watchDrains(RUNS, (seen) => {
      const { before, tick } = seen;
      const fixed = before.pods.filter((pod) => isNeverMoved(pod) && asksForGpu(pod.requests));
      const uids = new Set(fixed.map(({ uid }) => uid));
      expect(evicted(seen, isOfMove).filter(({ uid }) => uids.has(uid))).toEqual([]);
      const their = new Set(fixed.flatMap(({ nodeName }) => nodeName ?? []));
      const going = tick.effects.filter(isOfMove).flatMap(nodesOf);
      expect(going.filter((node) => their.has(node))).toEqual([]);
      beside += going.length > 0 ? their.size : 0;
    });
    expect([evictions > 200, ended > 50]).toEqual([true, true]);
    expect(beside).toBeGreaterThan(300);
  });

  test("end no node that has a pod of anybody", async () => {
    const { ended } = await watchDrains(RUNS, ({ before, tick }) => {
      const ending = tick.effects
        .filter((effect) => isOfMove(effect) && effect.kind === "TerminateInstances")
        .flatMap(nodesOf);
      expect(before.pods.filter(({ nodeName }) => nodeName !== null && ending.includes(nodeName))).toEqual(
        [],
      );
    });
    expect(ended).toBeGreaterThan(50);
  });

  test("leave a Deployment its last ready replica", async () => {
    let down = 0;
    await watchDrains(RUNS, (seen) => {
      const gone = evicted(seen, isOfMove).filter(
        ({ ready, annotations, requests }) =>
          ready && asksForGpu(requests) && annotations[MOVABLE_ANNOTATION] !== "true",
      );
      for (const [owner, pods] of Map.groupBy(gone, (pod) => pod.owner?.uid)) {
        const ready = seen.before.pods.filter((pod) => pod.owner?.uid === owner && pod.ready);
        expect(ready.length - pods.length).toBeGreaterThanOrEqual(1);
        if (ready.length - pods.length === 1) down++;
      }
    });
    expect(down).toBeGreaterThan(30);
  });

  test("begin while no more than a tenth of the pool is drained, or one node", async () => {
    let atLimit = 0;
    const { drains, replaced } = await watchDrains(RUNS, ({ policy, before, tick, draining }) => {
      const fresh = new Set(
        tick.effects.filter((effect) => isOfMove(effect) && effect.kind === "CordonNode").flatMap(nodesOf),
      );
      for (const { name } of policy.pools) {
        const pool = before.nodes.filter(({ labels }) => labels[POOL_LABEL] === name);
        const begun = pool.filter((node) => fresh.has(node.name) && !draining.has(node.name));
        if (begun.length === 0) continue;
        const undone = new Set(tick.effects.filter(({ kind }) => kind === "UncordonNode").flatMap(nodesOf));
        const going = pool.filter((node) => draining.has(node.name) && !undone.has(node.name));
        const most = Math.max(1, Math.floor((pool.length * policy.scaleDown.disruptionShareMilli) / 1000));
        expect(begun.length + going.length).toBeLessThanOrEqual(most);
        if (most > 1 && begun.length + going.length === most) atLimit++;
      }
    });
    expect(drains).toBeGreaterThan(90);
    expect(replaced).toBeGreaterThan(2);
    expect(atLimit).toBeGreaterThan(3);
  });

  test("evict no pod that was protected after they began", async () => {
    let shielded = 0;
    await watchDrains(RUNS, (seen) => {
      const { before, draining, protectedSince } = seen;
      const theirs = before.pods.filter(({ uid }) => protectedSince.has(uid));
      expect(evicted(seen, isNotOfSpot).filter((pod) => theirs.includes(pod))).toEqual([]);
      if (theirs.some(({ nodeName }) => nodeName !== null && draining.has(nodeName))) shielded++;
    });
    expect(shielded).toBeGreaterThan(8);
  });

  test("go back before a node is launched for pods that their nodes have room for", async () => {
    let takenBack = 0;
    await watchDrains(RUNS, (seen) => {
      const { tick, before, after, interrupted } = seen;
      const undone = tick.effects.filter(({ kind }) => kind === "UncordonNode").flatMap(nodesOf);
      const wanted = new Set(
        tick.plan.demand.flatMap(({ pods, outcomes, gang }) =>
          gang === null && outcomes.some(({ reason }) => reason.code === "Launching") ? pods : [],
        ),
      );
      const waiting = before.pods.filter(({ namespace, name }) => wanted.has(`${namespace}/${name}`));
      const going = [...seen.draining].filter((name) => !undone.includes(name));
      for (const name of going) {
        const node = before.nodes.find((each) => each.name === name);
        if (!node?.ready || interrupted.has(node.instanceId ?? "") || isEnding(seen, node)) continue;
        const open = before.nodes.map((each) => (each === node ? opened(each) : each));
        const fitting = waiting.filter(
          (pod) => judge(pod, name, open, before.pods, before.namespaces).length === 0,
        );
        expect(fitting.map((pod) => `${pod.name} on ${name}`)).toEqual([]);
      }
      for (const effect of tick.effects) {
        if (effect.kind !== "UncordonNode" || effect.reason.code !== "DemandReturned") continue;
        const isDone = tick.outcomes.some(({ key, status }) => key === effect.key && status === "done");
        if (!isDone) continue;
        const node = after.nodes.find((each) => each.name === effect.node);
        expect(node && { ...node, resourceVersion: "" }).toEqual(
          node && { ...opened(node), resourceVersion: "" },
        );
        if (seen.draining.has(effect.node)) takenBack++;
      }
    });
    expect(takenBack).toBeGreaterThan(3);
  });

  test("that were undone let the node rest, unless demand took it", async () => {
    const until = new Map<unknown, Map<string, number>>();
    let rested = 0;
    await watchDrains(RUNS, ({ play, tick, before, draining }) => {
      const rests = until.get(play) ?? new Map<string, number>();
      until.set(play, rests);
      const begun = tick.effects.filter((each) => isOfMove(each) && each.kind === "CordonNode");
      for (const node of begun.flatMap(nodesOf))
        expect(before.at).toBeGreaterThanOrEqual(rests.get(node) ?? 0);
      for (const effect of tick.effects) {
        if (effect.kind !== "UncordonNode" || effect.reason.code === "DemandReturned") continue;
        // A node that was closed is opened without having been drained.
        if (!draining.has(effect.node)) continue;
        rests.set(effect.node, before.at + REST_MS);
        rested++;
      }
    });
    expect(rested).toBeGreaterThan(20);
  });

  test("plan nothing twice, whatever else becomes of the node", async () => {
    let interruptedOnes = 0;
    await watchDrains(RUNS, ({ tick, before, interrupted }) => {
      const keys = tick.plan.effects.map(({ key }) => key);
      expect(keys.toSorted()).toEqual([...new Set(keys)].toSorted());
      const leaving = before.nodes.filter(({ taints }) => taints.some(({ key }) => key === DRAINING_TAINT));
      interruptedOnes += leaving.filter(({ instanceId }) => interrupted.has(instanceId ?? "")).length;
    });
    expect(interruptedOnes).toBeGreaterThan(2);
  });
});

/** As its owner and its annotations tell, whatever else they say. */
function isNeverMoved({ owner, annotations }: Pod): boolean {
  const kept = ["Job", "GPUWorkload", "StatefulSet"];
  return owner === null || kept.includes(owner.kind) || "gpu-autoscaler.io/gang" in annotations;
}

function isNotOfSpot({ reason }: Effect): boolean {
  return reason.code !== "SpotInterruption";
}

/** The pods that the tick asks to evict. */
function evicted({ tick, before }: Seen, isMeant: (effect: Effect) => boolean): Pod[] {
  const uids = new Set(
    tick.effects.flatMap((effect) => (effect.kind === "EvictPod" && isMeant(effect) ? [effect.uid] : [])),
  );
  return before.pods.filter(({ uid }) => uids.has(uid));
}

function nodesOf(effect: Effect): string[] {
  if (effect.kind === "TerminateInstances") return effect.instances.flatMap(({ node }) => node ?? []);
  return "node" in effect ? [effect.node] : [];
}

/** Whether the tick, or one before, ends the node's instance. */
function isEnding({ tick }: Seen, { name }: Node): boolean {
  return tick.effects.some(
    (effect) => effect.kind === "TerminateInstances" && nodesOf(effect).includes(name),
  );
}

/** Without a cordon or a taint of ours. */
function opened(node: Node): Node {
  const taints = node.taints.filter(({ key }) => key !== DRAINING_TAINT && key !== INTERRUPTED_TAINT);
  return { ...node, unschedulable: false, taints };
}
