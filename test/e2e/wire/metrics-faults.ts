import { MINUTE_MS } from "@gpu-autoscaler/core";
import { expect, test } from "vitest";
import { serves, unschedulable } from "./acts.ts";
import { join, registerGpus, run, submit } from "./kubelet.ts";
import { done, problems, whyKept } from "./telling.ts";
import { MEASURED } from "./use-of-gpus.ts";
import type { Wire } from "./wire.ts";

const { busy, idle } = MEASURED;
const MOVABLE = { "gpu-autoscaler.io/movable": "true" };

export function metricsFaults(wire: Wire): void {
  const { clock, makeCluster, plane, prometheus } = wire;

  test("Prometheus is away for 10 min: use is unknown and no node idle, until it is back", async () => {
    // What is half empty would be given up for its price alone.
    const cluster = await makeCluster(MEASURED.cluster, { instanceType: "g6.12xlarge", closeAbove: 100 });
    const { tick, ports } = cluster.startProcess();
    const at = { group: cluster.group.name, zone: "us-east-1a", token: "both", count: 2 };
    const { launched } = await ports.capacityWriter.launchInstances(at);
    for (const [index, node] of [busy, idle].entries()) {
      const instance = launched[index];
      if (!instance) throw new Error("two instances were asked for");
      await join(plane, instance, node);
      await registerGpus(plane, node, 4);
      await submit(plane, node, { gpus: 2, node, isOwned: true, annotations: MOVABLE });
      await run(plane, node);
    }
    prometheus.disturb(() => "no-connection");
    const blindly = async () => {
      const blind = await tick();
      expect(problems(blind)).toEqual(["MeasurementsStale"]);
      return done(blind);
    };
    expect(await blindly()).toEqual([]);
    clock.aheadMs += 5 * MINUTE_MS;
    expect(await blindly()).toEqual([]);
    clock.aheadMs += 5 * MINUTE_MS;
    // What needs no measurements goes on.
    await unschedulable(wire, "large", { gpus: 4 });
    expect(await blindly()).toEqual(["LaunchInstances us-east-1a PodsUnschedulable: done"]);
    const [id = ""] = (await cluster.instances()).filter((each) =>
      launched.every((other) => other.id !== each),
    );
    await serves(wire, cluster, id, "large");
    expect((await cluster.state()).underusedSince).toEqual({});

    prometheus.disturb(null);
    const seeing = await tick();
    expect(problems(seeing)).toEqual([]);
    expect(done(seeing)).toEqual([]);
    expect(whyKept(seeing, idle)).toEqual(["NotUnderusedLongEnough"]);
    clock.aheadMs += 10 * MINUTE_MS;
    expect(done(await tick())).toEqual([
      `CordonNode ${idle} NodeUnderused: done`,
      `EvictPod ${idle} NodeUnderused: done`,
    ]);
    expect(await cluster.instances()).toHaveLength(3);
  });
}
