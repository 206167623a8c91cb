import { LEASE_MS } from "@gpu-autoscaler/adapters";
import { MINUTE_MS } from "@gpu-autoscaler/core";
import { describe, expect, test, vi } from "vitest";
import { served, serves, unschedulable } from "./acts.ts";
import { succeed } from "./kubelet.ts";
import type { Process } from "./process.ts";
import { done, waiting } from "./telling.ts";
import type { Wire } from "./wire.ts";

/** Two processes of one cluster, and such as are killed. */
export function crashes(wire: Wire): void {
  const { aws, clock, makeCluster, plane } = wire;
  const launches = () => aws.calls.get("autoscaling:LaunchInstances");

  test("of two ticks at once the second is told to wait, and the first runs once more for it", async () => {
    const cluster = await makeCluster("two-ticks");
    const [first, second] = [cluster.startProcess(), cluster.startProcess()];
    await unschedulable(wire, "trainer");
    aws.delay("autoscaling:LaunchInstances", 1_500);
    const running = first.tick();
    await vi.waitFor(() => expect(launches()).toBe(1), { timeout: 30_000, interval: 20 });
    expect(await second.tick()).toBeNull();
    const again = await running;
    expect(done(again)).toEqual([]);
    expect(waiting(again)).toEqual(["FitsUpcomingNode"]);
    expect(launches()).toBe(1);
    expect(aws.calls.get("autoscaling:DescribeAutoScalingGroups")).toBe(2);
    expect(await cluster.instances()).toHaveLength(1);
    expect(waiting(await second.tick())).toEqual(["FitsUpcomingNode"]);
  });

  test("of ticks that begin together one launches", async () => {
    const cluster = await makeCluster("together");
    await unschedulable(wire, "trainer");
    const processes = [1, 2, 3].map(() => cluster.startProcess());
    const ticks = await Promise.all(processes.map(({ tick }) => tick()));
    // Who comes when the first has let go finds its node.
    expect(ticks.some((tick) => tick !== null)).toBe(true);
    expect(launches()).toBe(1);
    expect(await cluster.instances()).toHaveLength(1);
    expect(Object.keys((await cluster.state()).launches)).toHaveLength(1);
  });

  describe("a tick that is killed", () => {
    test("between intent and launch: another repeats the launch under its token when the lease is over", async () => {
      const cluster = await makeCluster("killed-before-launch");
      await unschedulable(wire, "trainer");
      await killed(cluster.startProcess({ dies: "before launchInstances" }));
      const [token = ""] = Object.keys((await cluster.state()).launches);
      expect(await cluster.instances()).toEqual([]);

      const { tick } = cluster.startProcess();
      expect(await tick()).toBeNull();
      clock.aheadMs += LEASE_MS;
      const repeating = await tick();
      expect(done(repeating)).toEqual(["LaunchInstances us-east-1a LaunchRepeated: done"]);
      expect(repeating?.effects).toMatchObject([{ key: token }]);
      expect(await cluster.instances()).toHaveLength(1);
      expect(waiting(await tick())).toEqual(["FitsUpcomingNode"]);
    });

    test("between launch and record: another asks again under its token, and gets what was launched", async () => {
      const cluster = await makeCluster("killed-after-launch");
      await unschedulable(wire, "trainer");
      await killed(cluster.startProcess({ dies: "after launchInstances" }));
      const [id = ""] = await cluster.instances();
      expect(Object.values((await cluster.state()).launches)).toMatchObject([{ instances: null }]);

      const { tick } = cluster.startProcess();
      clock.aheadMs += LEASE_MS;
      const repeating = await tick();
      expect(done(repeating)).toEqual(["LaunchInstances us-east-1a LaunchRepeated: done"]);
      expect(repeating?.outcomes).toMatchObject([{ launch: { launched: [{ id }] } }]);
      expect(await cluster.instances()).toEqual([id]);
      await serves(wire, cluster, id, "trainer");
      expect(done(await tick())).toEqual([]);
      expect((await cluster.state()).launches).toEqual({});
    });

    test("between termination and record: the instance is ended once, and no other", async () => {
      const cluster = await makeCluster("killed-after-termination");
      const { tick } = cluster.startProcess();
      const busy = await served(wire, cluster, cluster.startProcess(), "runs-on");
      const free = await served(wire, cluster, cluster.startProcess(), "ends");
      await succeed(plane, "ends");
      await tick();
      clock.aheadMs += 2 * MINUTE_MS;
      await killed(cluster.startProcess({ dies: "after terminateInstances" }));
      expect(await cluster.instances()).toEqual([busy]);

      clock.aheadMs += LEASE_MS;
      await aws.settle();
      await plane.client.delete(`/api/v1/nodes/${free}`);
      expect(done(await tick())).toEqual([]);
      expect(await cluster.instances()).toEqual([busy]);
      expect(await cluster.desiredCapacity()).toBe(1);
      expect((await cluster.state()).draining).toEqual({});
    });
  });
}

async function killed({ tick, death }: Process): Promise<void> {
  await Promise.race([death, tick().then(() => Promise.reject(new Error("the tick survived")))]);
}
