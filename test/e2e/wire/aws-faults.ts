import { MINUTE_MS } from "@gpu-autoscaler/core";
import { expect, test } from "vitest";
import { served, unschedulable } from "./acts.ts";
import { succeed } from "./kubelet.ts";
import { done, problems } from "./telling.ts";
import type { Wire } from "./wire.ts";

export function awsFaults(wire: Wire): void {
  const { aws, clock, makeCluster, plane } = wire;

  test("AWS throttles for 3 min: nothing is launched or ended, and then each once", async () => {
    const cluster = await makeCluster("throttled-aws");
    const { tick } = cluster.startProcess({ awsBudgetMs: 1_000 });
    const unhurried = cluster.startProcess();
    const free = await served(wire, cluster, unhurried, "ends");
    await succeed(plane, "ends");
    await unhurried.tick();
    // Not for the node that is free.
    await unschedulable(wire, "elsewhere", { zone: "us-east-1b" });
    aws.resetCalls();
    aws.throttle(10 * MINUTE_MS);
    for (let minute = 0; minute < 3; minute++) {
      const throttled = await tick();
      expect(problems(throttled)).toContain("GroupsStale");
      expect(throttled?.plan.problems.map(({ detail }) => detail).join()).toContain(
        "autoscaling:DescribeAutoScalingGroups in us-east-1: Throttling",
      );
      expect(done(throttled)).toEqual([]);
      clock.aheadMs += MINUTE_MS;
    }
    expect(attempts()).toBeLessThan(90);
    aws.throttle(0);
    expect(await cluster.instances()).toEqual([free]);
    expect(done(await unhurried.tick())).toEqual([
      "LaunchInstances us-east-1b PodsUnschedulable: done",
      `CordonNode ${free} NodeEmpty: done`,
      `TerminateInstances ${free} NodeEmpty: done`,
    ]);
    expect(await cluster.instances()).toHaveLength(1);
    expect(done(await unhurried.tick())).toEqual([]);
  });

  test("AWS throttles a launch to the end: it is repeated under its token", async () => {
    const cluster = await makeCluster("throttled-launch");
    await unschedulable(wire, "trainer");
    // As many as one budget can hold.
    aws.failOn("autoscaling:LaunchInstances", { code: "Throttling", message: "Rate exceeded" }, 24);
    const throttled = await cluster.startProcess({ awsBudgetMs: 4_000 }).tick();
    expect(done(throttled)).toEqual(["LaunchInstances us-east-1a PodsUnschedulable: failed TooManyRequests"]);
    expect(await cluster.instances()).toEqual([]);
    const { tick } = cluster.startProcess();
    const repeating = await tick();
    expect(done(repeating)).toEqual(["LaunchInstances us-east-1a LaunchRepeated: done"]);
    expect(repeating?.effects[0]?.key).toBe(throttled?.effects[0]?.key);
    expect(await cluster.instances()).toHaveLength(1);
    expect(done(await tick())).toEqual([]);
  });

  function attempts(): number {
    return [...aws.calls.values()].reduce((sum, count) => sum + count, 0);
  }
}
