import { MINUTE_MS, type TickRecord } from "@gpu-autoscaler/core";
import { expect, test } from "vitest";
import { QUIET_TICK_CALLS } from "../../bench/cost/usage.ts";
import { scheduled, unschedulable } from "../wire/acts.ts";
import type { ApiFate } from "../wire/api-front.ts";
import { join, leave, registerGpus, run, succeed } from "../wire/kubelet.ts";
import { done } from "../wire/telling.ts";
import type { Wire } from "../wire/wire.ts";
import type { DeployedCluster, Deployment } from "./deployment.ts";
import { lastMetrics, said } from "./emf.ts";

/** What the last record says was done. */
async function lastDone(cluster: DeployedCluster): Promise<string[]> {
  return done((await cluster.records()).at(-1) ?? null);
}

export function story(wire: Wire, deployment: Deployment): void {
  const { plane, aws, clock, dynamoDb, prometheus } = wire;

  test("the bundled tick gives a pod a node in the second zone, and takes it away when it has ended", async () => {
    const cluster = await deployment.cluster("story");
    const tick = await cluster.start("tick");
    const invoke = () => tick.invoke({ source: "gpu-autoscaler.schedule" }, clock);

    aws.lackCapacity({ zone: "us-east-1a" });
    await unschedulable(wire, "trainer");
    await invoke();
    expect(await lastDone(cluster)).toEqual([
      "LaunchInstances us-east-1a PodsUnschedulable: failed CapacityError",
      "LaunchInstances us-east-1b PodsUnschedulable: done",
    ]);
    expect(lastMetrics(tick)).toMatchObject({
      service: "gpu-autoscaler-tick",
      cluster: "story",
      TickSucceeded: 1,
      PendingPods: 1,
      Launched: 1,
      CapacityErrors: 1,
    });
    const [id = ""] = await cluster.instances();

    // A node without its GPUs is no reason for another.
    await invoke();
    const node = await join(plane, { id, zone: "us-east-1b", instanceType: "g6.xlarge" });
    await invoke();
    expect(aws.calls.get("autoscaling:LaunchInstances")).toBe(2);
    expect(await cluster.instances()).toEqual([id]);

    await registerGpus(plane, node, 1);
    await scheduled(wire, "trainer", node);
    await run(plane, "trainer");
    await invoke();
    expect(await cluster.state()).toMatchObject({ launches: {}, waiting: [] });
    expect(lastMetrics(tick)).toMatchObject({ PendingPods: 0, GpuNodes: 1, Launched: 0 });

    await succeed(plane, "trainer");
    await invoke();
    clock.aheadMs += 2 * MINUTE_MS;
    await invoke();
    expect(await lastDone(cluster)).toEqual([
      `CordonNode ${node} NodeEmpty: done`,
      `TerminateInstances ${id} NodeEmpty: done`,
    ]);
    expect(await cluster.instances()).toEqual([]);
    await leave(plane, node);
    await invoke();
    expect(lastMetrics(tick)).toMatchObject({ GpuNodes: 0, Launched: 0 });

    const effects = said(tick, "decision").flatMap((line) => (line.pool === "l4" ? line.effects : []));
    expect(effects).toHaveLength(4);
  });

  test("a dry run decides and records the same, and acts on nothing", async () => {
    const dry = await deployment.cluster("dry-run");
    const wet = await deployment.cluster("wet-run");
    await unschedulable(wire, "trainer");
    await (await dry.start("tick")).invoke({}, clock);
    expect(aws.calls.get("autoscaling:LaunchInstances") ?? 0).toBe(0);
    expect(await dry.instances()).toEqual([]);
    await (await wet.start("tick")).invoke({}, clock);
    expect(await lastDone(dry)).toEqual(["LaunchInstances us-east-1a PodsUnschedulable: dry-run DryRun"]);
    expect(await lastDone(wet)).toEqual(["LaunchInstances us-east-1a PodsUnschedulable: done"]);
    const decidedWet = await decisionOf(wet);
    expect(decidedWet?.demand).not.toEqual([]);
    const { decidedAt, outcomes } = decidedWet ?? {};
    expect({ ...(await decisionOf(dry)), decidedAt, outcomes }).toEqual(decidedWet);
  });

  test("a warm tick that decides nothing new makes the calls that docs/cost.md bills", async () => {
    const cluster = await deployment.cluster("quiet");
    const tick = await cluster.start("tick");
    await tick.invoke({}, clock);
    aws.resetCalls();
    const before = { dynamodb: dynamoDb.calls.length, measurements: prometheus.calls.length };
    await tick.invoke({}, clock);
    expect({
      dynamodb: dynamoDb.calls.slice(before.dynamodb).sort(),
      aws: Object.fromEntries(aws.calls),
      measurements: prometheus.calls.length - before.measurements,
    }).toEqual(QUIET_TICK_CALLS);
  });

  test("a pause stops the same function, and a resume lets it go on", async () => {
    const cluster = await deployment.cluster("paused");
    const tick = await cluster.start("tick");
    await cluster.pause(true);
    await unschedulable(wire, "trainer");
    await tick.invoke({}, clock);
    expect(await cluster.instances()).toEqual([]);
    expect((await decisionOf(cluster))?.demand[0]?.rejected[0]?.reasons[0]?.code).toBe("Paused");
    await cluster.pause(false);
    await tick.invoke({}, clock);
    expect(await cluster.instances()).toHaveLength(1);
  });

  test("two at once are one after the other, and a failure is Lambda's to see", async () => {
    const cluster = await deployment.cluster("at-once");
    const functions = await Promise.all([cluster.start("tick"), cluster.start("tick")]);
    await unschedulable(wire, "trainer");
    await Promise.all(functions.map((each) => each.invoke({}, clock)));
    expect(await cluster.instances()).toHaveLength(1);

    const [tick] = functions;
    // Another write of the state comes between the tick's reading and writing it.
    await unschedulable(wire, "second");
    wire.api.disturb(async ({ method, path }): Promise<ApiFate> => {
      if (method === "GET" && path === "/api/v1/nodes") await cluster.pause(true);
      return "forward";
    });
    await expect(tick?.invoke({}, clock)).rejects.toThrow(/was written by somebody else/);
  });
}

/** The last record without what tells clusters apart: their names, and the keys of effects. */
async function decisionOf(cluster: DeployedCluster): Promise<TickRecord | undefined> {
  const record = (await cluster.records()).at(-1);
  if (!record) return undefined;
  const names = [cluster.policy.cluster, ...record.effects.map(({ key }) => key)];
  return JSON.parse(names.reduce((text, name) => text.replaceAll(name, ""), JSON.stringify(record)));
}
