import { MINUTE_MS } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { scheduled, served, unschedulable } from "./acts.ts";
import type { ApiCall, ApiFate } from "./api-front.ts";
import { submit, succeed } from "./kubelet.ts";
import { done, problems, waiting, whyKept } from "./telling.ts";
import type { Wire } from "./wire.ts";

const THROTTLED = { status: 429, reason: "TooManyRequests", retryAfterSeconds: 1 };
const FAULTY = { status: 500, reason: "InternalError" };
const FORBIDDEN = { status: 403, reason: "Forbidden" };
const EXPIRED = { status: 410, reason: "Expired" };
const UNREADABLE = ["NodesStale", "PodsStale", "BudgetsStale"];

/** An API server that does not answer as it should, or behind the times. */
export function apiServerFaults(wire: Wire): void {
  const { api, clock, makeCluster, plane } = wire;

  describe("an API server that answers", () => {
    test.each([THROTTLED, FAULTY])(
      "$status for a moment delays the tick and changes nothing",
      async (answer) => {
        const cluster = await makeCluster(`a-moment-of-${answer.status}`);
        await unschedulable(wire, "trainer");
        api.disturb(firstOfEach(answer));
        const tick = await cluster.startProcess().tick();
        expect(done(tick)).toEqual(["LaunchInstances us-east-1a PodsUnschedulable: done"]);
        expect(problems(tick)).toEqual([]);
      },
    );

    test("429 and 500 for long: nothing is launched or ended, and all is made good afterwards", async () => {
      const cluster = await makeCluster("long-fault");
      const { tick } = cluster.startProcess({ tickMs: 1_500 });
      const patient = cluster.startProcess();
      const busy = await served(wire, cluster, patient, "runs-on");
      await unschedulable(wire, "trainer");
      for (const answer of [THROTTLED, FAULTY]) {
        // Longer than an instance may take to become a node: without its node it would look dead.
        clock.aheadMs += 20 * MINUTE_MS;
        api.disturb(() => answer);
        const blind = await tick();
        expect(problems(blind)).toEqual(UNREADABLE);
        expect(blind?.plan.problems[0]?.detail).toContain(
          answer === THROTTLED ? "throttled" : "the API server answered 500",
        );
        expect(done(blind)).toEqual([]);
      }
      expect(await cluster.instances()).toEqual([busy]);
      api.disturb(null);
      const seeing = await patient.tick();
      expect(problems(seeing)).toEqual([]);
      expect(done(seeing)).toEqual(["LaunchInstances us-east-1a PodsUnschedulable: done"]);
      expect(await cluster.instances()).toHaveLength(2);
      const told = (await cluster.records()).map((record) => record.problems.map(({ code }) => code));
      expect(told).toContainEqual(UNREADABLE);
    });

    test("429 to a cordon: the instance stays until its node is cordoned", async () => {
      const cluster = await makeCluster("throttled-cordon");
      const { tick } = cluster.startProcess();
      const node = await served(wire, cluster, cluster.startProcess(), "trainer");
      await succeed(plane, "trainer");
      await tick();
      clock.aheadMs += 2 * MINUTE_MS;
      api.disturb(({ method }) => (method === "PATCH" ? THROTTLED : "forward"));
      expect(done(await cluster.startProcess({ tickMs: 2_500 }).tick())).toEqual([
        `CordonNode ${node} NodeEmpty: failed TooManyRequests`,
        `TerminateInstances ${node} NodeEmpty: skipped PreconditionFailed`,
      ]);
      expect(await cluster.instances()).toEqual([node]);
      api.disturb(null);
      expect(done(await tick())).toEqual([
        `CordonNode ${node} NodeEmpty: done`,
        `TerminateInstances ${node} NodeEmpty: done`,
      ]);
      expect(await cluster.instances()).toEqual([]);
    });

    test("403 to Events: each tick does all else, and tells what keeps it from telling, with the mend", async () => {
      const cluster = await makeCluster("no-events");
      const { tick, problems: untold } = cluster.startProcess();
      await unschedulable(wire, "trainer");
      api.disturb(({ method }) => (method === "POST" ? FORBIDDEN : "forward"));
      expect(done(await tick())).toEqual(["LaunchInstances us-east-1a PodsUnschedulable: done"]);
      expect(untold).toMatchObject([{ log: "Kubernetes Events", error: { code: "kubernetes-forbidden" } }]);
      const after = await tick();
      expect(done(after)).toEqual([]);
      expect(waiting(after)).toEqual(["FitsUpcomingNode"]);
      const [first, second] = await cluster.records();
      expect(first).toMatchObject({ effects: [{ kind: "LaunchInstances" }], problems: [] });
      expect(second?.problems).toMatchObject([
        {
          code: "CallFailed",
          detail: expect.stringContaining('must allow verb "create" on resource "events"'),
        },
      ]);
    });

    test("410 to what was kept: all is listed again in the same tick", async () => {
      const cluster = await makeCluster("expired");
      const { tick } = cluster.startProcess({ watches: true });
      await tick();
      await unschedulable(wire, "trainer");
      const expireLists = firstOfEach(EXPIRED);
      api.disturb((call) => {
        if (call.isWatch) return EXPIRED;
        return call.method !== "GET" || call.asksVersion ? "forward" : expireLists(call);
      });
      const listing = await tick();
      expect(done(listing)).toEqual(["LaunchInstances us-east-1a PodsUnschedulable: done"]);
      expect(problems(listing)).toEqual([]);
    });
  });

  describe("a watch cache that tells nothing of what happens", () => {
    const silence = ({ isWatch }: ApiCall): ApiFate => (isWatch ? "silence" : "forward");

    test("a node that took a pod meanwhile is not ended, and a pod gets one node", async () => {
      const cluster = await makeCluster("stale-cache");
      const { tick } = cluster.startProcess({ watches: true });
      const node = await served(wire, cluster, cluster.startProcess(), "first");
      await succeed(plane, "first");
      expect(whyKept(await tick(), node)).toEqual(["NotUnneededLongEnough"]);
      api.disturb(silence);
      await submit(plane, "second");
      await scheduled(wire, "second", node);
      await unschedulable(wire, "third");
      clock.aheadMs += 3 * MINUTE_MS;
      const before = api.calls.length;
      const launching = await tick();
      expect(api.calls.slice(before).some(({ isWatch, path }) => isWatch && path.endsWith("/pods"))).toBe(
        true,
      );
      expect(done(launching)).toEqual(["LaunchInstances us-east-1a PodsUnschedulable: done"]);
      expect(waiting(launching)).toEqual(["Launching"]);
      api.disturb(null);
      const after = await tick();
      expect(done(after)).toEqual([]);
      expect(waiting(after)).toEqual(["FitsUpcomingNode"]);
      expect(await cluster.instances()).toHaveLength(2);
    });

    test("a pod that comes after the node was looked at saves it, and the cordon is undone", async () => {
      const cluster = await makeCluster("late-pod");
      const { tick } = cluster.startProcess();
      const node = await served(wire, cluster, cluster.startProcess(), "first");
      await succeed(plane, "first");
      await tick();
      clock.aheadMs += 2 * MINUTE_MS;
      api.disturb(async ({ method }): Promise<ApiFate> => {
        if (method === "PATCH") await submit(plane, "late", { node });
        return "forward";
      });
      expect(done(await tick())).toEqual([
        `CordonNode ${node} NodeEmpty: done`,
        `TerminateInstances ${node} NodeEmpty: skipped PreconditionFailed`,
      ]);
      api.disturb(null);
      expect(done(await tick())).toEqual([`UncordonNode ${node} DemandReturned: done`]);
      expect(await cluster.instances()).toEqual([node]);
    });
  });
}

/** The first request for each path is answered so. */
function firstOfEach(answer: ApiFate): (call: ApiCall) => ApiFate {
  const answered = new Set<string>();
  return ({ path }) => {
    if (answered.has(path)) return "forward";
    answered.add(path);
    return answer;
  };
}
