import { MINUTE_MS } from "@gpu-autoscaler/core";
import { expect, test } from "vitest";
import { scheduled, unschedulable } from "./acts.ts";
import { join, leave, registerGpus, run, succeed } from "./kubelet.ts";
import { done, waiting, whyKept } from "./telling.ts";
import type { Wire } from "./wire.ts";

export function wholeStory(wire: Wire): void {
  const { plane, aws, clock, makeCluster } = wire;

  test("a pod gets a node in the second zone, and when it has ended the node goes", async () => {
    const cluster = await makeCluster("whole-story");
    const { tick } = cluster.startProcess();
    const nothing = async (reasons: readonly string[]) => {
      const result = await tick();
      expect(done(result)).toEqual([]);
      expect(waiting(result)).toEqual(reasons);
      return result;
    };

    aws.lackCapacity({ zone: "us-east-1a" });
    await unschedulable(wire, "trainer");
    expect(done(await tick())).toEqual([
      "LaunchInstances us-east-1a PodsUnschedulable: failed CapacityError",
      "LaunchInstances us-east-1b PodsUnschedulable: done",
    ]);
    const [id = ""] = await cluster.instances();
    await nothing(["FitsUpcomingNode"]);
    const node = await join(plane, { id, zone: "us-east-1b", instanceType: "g6.xlarge" });
    await nothing(["FitsUpcomingNode"]);
    await registerGpus(plane, node, 1);
    await scheduled(wire, "trainer", node);
    await run(plane, "trainer");
    await nothing([]);
    expect(await cluster.state()).toMatchObject({ launches: {}, waiting: [] });

    await succeed(plane, "trainer");
    expect(whyKept(await nothing([]), node)).toEqual(["NotUnneededLongEnough"]);
    clock.aheadMs += 2 * MINUTE_MS;
    expect(done(await tick())).toEqual([
      `CordonNode ${node} NodeEmpty: done`,
      `TerminateInstances ${id} NodeEmpty: done`,
    ]);
    expect(await plane.client.get(`/api/v1/nodes/${node}`)).toMatchObject({ spec: { unschedulable: true } });
    expect(await cluster.instances()).toEqual([]);
    expect(await cluster.desiredCapacity()).toBe(0);
    await leave(plane, node);
    await nothing([]);
    expect(aws.calls.get("autoscaling:LaunchInstances")).toBe(2);

    const kept = (await cluster.records()).flatMap(({ effects }) => effects.map(({ kind }) => kind));
    expect(kept).toEqual(["LaunchInstances", "LaunchInstances", "CordonNode", "TerminateInstances"]);
  });
}
