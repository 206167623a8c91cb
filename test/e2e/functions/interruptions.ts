import { describe, expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import { aBatch, anEvent, rebalanceRecommendation, spotWarning } from "../../functions/events.ts";
import { scheduled } from "../wire/acts.ts";
import { join, registerGpus, run, submit } from "../wire/kubelet.ts";
import type { Wire } from "../wire/wire.ts";
import { type DeployedCluster, type Deployment, INSTANCE_TYPE } from "./deployment.ts";
import { lastMetrics, said } from "./emf.ts";
import { startQueue } from "./queue.ts";
import type { Lambda } from "./start-lambda.ts";

const Node = z.object({
  spec: z.object({
    unschedulable: z.boolean().default(false),
    taints: z.array(z.object({ key: z.string(), effect: z.string() })).default([]),
  }),
});
const Pod = z.object({
  metadata: z.object({
    deletionTimestamp: z.string().optional(),
    deletionGracePeriodSeconds: z.number().optional(),
  }),
});

export function interruptions(wire: Wire, deployment: Deployment): void {
  const { plane, clock } = wire;
  const nodeNamed = async (name: string) => Node.parse(await plane.client.get(`/api/v1/nodes/${name}`)).spec;
  const podNamed = async (name: string) =>
    Pod.parse(await plane.client.get(`/api/v1/namespaces/default/pods/${name}`)).metadata;

  /** A pod that may be interrupted runs on a Spot node that the tick launched. Gives the instance's id. */
  async function servedBySpot(cluster: DeployedCluster, tick: Lambda, pod: string): Promise<string> {
    const before = new Set(await cluster.instances());
    await submit(plane, pod, { annotations: { "gpu-autoscaler.io/interruptible": "true" }, isOwned: true });
    await scheduled(wire, pod, "Unschedulable");
    await tick.invoke({}, clock);
    const [id = ""] = (await cluster.instances()).filter((each) => !before.has(each));
    const node = await join(plane, { id, zone: "us-east-1a", instanceType: INSTANCE_TYPE });
    await registerGpus(plane, node, 1);
    await scheduled(wire, pod, node);
    await run(plane, pod);
    return id;
  }

  describe("the bundled interruption function", () => {
    test("cordons and drains a node that Spot takes, and the tick that it wakes knows", async () => {
      const cluster = await deployment.cluster("spot");
      const tick = await cluster.start("tick");
      const interruption = await cluster.start("interruption");
      const id = await servedBySpot(cluster, tick, "trainer");
      const other = await servedBySpot(cluster, tick, "other");
      const wokenBefore = deployment.lambda.invoked.length;

      const warning = spotWarning(id, clock.now());
      const batch = aBatch(
        "no event at all",
        warning,
        spotWarning("i-0123456789abcdef0", clock.now()),
        { ...warning, detail: { "instance-id": 7 } },
        warning,
        rebalanceRecommendation(other, clock.now()),
        anEvent("EC2 Instance State-change Notification", clock.now(), {
          "instance-id": id,
          state: "running",
        }),
      );
      expect(await interruption.invoke(batch, clock)).toEqual({
        batchItemFailures: [{ itemIdentifier: "m-0" }, { itemIdentifier: "m-3" }],
      });
      expect(said(interruption, "the event in message m-3 could not be answered")).toEqual([
        expect.objectContaining({
          level: "ERROR",
          error: expect.objectContaining({ message: expect.stringContaining("detail.instance-id") }),
        }),
      ]);
      expect(await nodeNamed(id)).toMatchObject({
        unschedulable: true,
        taints: expect.arrayContaining([{ key: "gpu-autoscaler.io/interrupted", effect: "NoSchedule" }]),
      });
      expect((await nodeNamed(other)).unschedulable).toBe(false);
      const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = await podNamed("trainer");
      expect(deletionTimestamp).toBeDefined();
      expect(deletionGracePeriodSeconds).toBeGreaterThan(60);
      expect(deletionGracePeriodSeconds).toBeLessThanOrEqual(110);
      expect((await podNamed("other")).deletionTimestamp).toBeUndefined();
      const woken = deployment.lambda.invoked.slice(wokenBefore);
      expect(woken.length).toBeGreaterThan(0);
      expect(new Set(woken)).toEqual(new Set(["spot-tick Event"]));
      expect(lastMetrics(interruption)).toMatchObject({
        service: "gpu-autoscaler-interruption",
        Interruptions: 3,
        PodsLeft: 0,
      });

      await tick.invoke({ source: "gpu-autoscaler.interruption" }, clock);
      const { draining, displaced } = await cluster.state();
      expect(draining).toMatchObject({ [id]: { instanceId: id, reason: "SpotInterruption" } });
      expect(Object.keys(draining)).toEqual([id]);
      expect(displaced).toHaveProperty("uid-of-trainer");
    });

    test("gives up what it cannot read, once, and answers the rest of each batch", async () => {
      const started = await startQueue(3);
      if ("missing" in started) throw new Error(started.missing);
      onTestFinished(started.stop);
      const cluster = await deployment.cluster("spot-letters");
      const tick = await cluster.start("tick");
      const interruption = await cluster.start("interruption");
      const id = await servedBySpot(cluster, tick, "trainer");
      const warning = JSON.stringify(spotWarning(id, clock.now()));
      const foreign = JSON.stringify(spotWarning("i-0123456789abcdef0", clock.now()));
      const unreadable = JSON.stringify({ ...spotWarning(id, clock.now()), detail: {} });
      for (const body of [unreadable, foreign, warning, warning]) await started.send(body);

      await started.drain((batch) => interruption.invoke(batch, clock));
      expect(await started.deadLetters()).toEqual([unreadable]);
      expect((await nodeNamed(id)).unschedulable).toBe(true);
      const problems = interruption.lines.filter(({ level }) => level === "ERROR");
      expect(problems).toHaveLength(3);
      expect(new Set(problems.map(({ message }) => message)).size).toBe(1);
    });

    test("leaves the node of a paused cluster alone, and notes what was told", async () => {
      const cluster = await deployment.cluster("spot-paused");
      const tick = await cluster.start("tick");
      const id = await servedBySpot(cluster, tick, "trainer");
      await cluster.pause(true);
      const interruption = await cluster.start("interruption");
      expect(await interruption.invoke(aBatch(spotWarning(id, clock.now())), clock)).toEqual({
        batchItemFailures: [],
      });
      expect((await nodeNamed(id)).unschedulable).toBe(false);
      expect((await podNamed("trainer")).deletionTimestamp).toBeUndefined();
      expect(said(interruption, "interruption")).toMatchObject([
        { instances: [{ id, leftAlone: "paused" }] },
      ]);
    });
  });
}
