import { describe, expect, test } from "vitest";
import { unschedulable } from "../wire/acts.ts";
import { onlyGroupOf, policyNamed } from "../wire/cluster.ts";
import { done } from "../wire/telling.ts";
import type { Wire } from "../wire/wire.ts";
import { type aWorkplace, CHANGES } from "./command.ts";

/** `plan`, beside the tick that it foretells; and `explain` on what was decided. */
export function plans(wire: Wire, workIn: typeof aWorkplace): void {
  const { api, aws, dynamoDb, table } = wire;

  describe("plan", () => {
    test("tells the launch that the next tick makes, and writes nothing anywhere", async () => {
      const cluster = await wire.makeCluster("planned");
      await unschedulable(wire, "trainer");
      const { run } = await workIn(wire, "planned", cluster.group, "autoscaler");
      aws.resetCalls();
      const [apiCalls, tableCalls] = [api.calls.length, dynamoDb.calls.length];
      const { status, stdout, stderr } = await run("plan", "--table", table.table);
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(stdout).toContain("launch 1 × planned-l4-on-demand-4x16 in us-east-1a");
      expect(stdout).toContain("for default/trainer (1 nvidia.com/gpu, 1 cpu");
      expect(stdout).toContain(`from an empty state: table ${table.table} has none of this cluster`);
      expect(stdout).toContain("no AMP workspace is named for cluster planned");
      expect(stdout).toContain("in all: 1 node launched for $0.8048 an hour");

      expect(new Set(api.calls.slice(apiCalls).map(({ method }) => method))).toEqual(new Set(["GET"]));
      expect([...aws.calls.keys()].filter((call) => CHANGES.test(call))).toEqual([]);
      expect(new Set(dynamoDb.calls.slice(tableCalls))).toEqual(new Set(["GetItem", "Query"]));
      expect(await cluster.instances()).toEqual([]);
      expect((await cluster.state()).launches).toEqual({});

      expect(done(await cluster.startProcess().tick())).toEqual([
        "LaunchInstances us-east-1a PodsUnschedulable: done",
      ]);
      expect(await cluster.instances()).toHaveLength(1);
    });

    test("goes on from the state of the deployment, and explain tells of its decisions", async () => {
      const cluster = await wire.makeCluster("deployed");
      await unschedulable(wire, "trainer");
      await cluster.startProcess().tick();
      const { run } = await workIn(wire, "deployed", cluster.group, "autoscaler");
      const told = JSON.parse((await run("plan", "--json", "--table", table.table)).stdout);
      expect(told).toMatchObject({ state: "table", effects: [] });
      expect(told.demand[0].outcomes[0].reason.code).toBe("FitsUpcomingNode");
      const explained = await run("explain", "pod", "default/trainer", "--table", table.table);
      expect(explained.stderr).toBe("");
      expect(explained.stdout).toContain("launched: 1 × deployed-l4-on-demand-4x16 in us-east-1a");
    });

    test("works before anything is deployed", async () => {
      const group = onlyGroupOf(policyNamed("new"));
      await unschedulable(wire, "trainer");
      const { run } = await workIn(wire, "new", group, "autoscaler");
      const { status, stdout } = await run("plan");
      expect(status).toBe(0);
      expect(stdout).toContain("launch 1 × new-l4-on-demand-4x16 in us-east-1a");
      expect(stdout).toContain("groups that do not exist yet, planned with as they will be deployed: new-l4");
      expect(stdout).toContain("from an empty state: no table is known");
    });

    test("refuses a table that is not there, and a context that leads elsewhere", async () => {
      const { group } = await wire.makeCluster("refused");
      const { run } = await workIn(wire, "refused", group, "autoscaler");
      const missing = await run("plan", "--table", "nowhere");
      expect(missing).toMatchObject({ status: 2, stdout: "" });
      expect(missing.stderr).toMatch(/^error: there is no table nowhere where it was looked for/);
      const mistyped = await run("plan", "--context", "arn:aws:eks:us-east-1:123456789012:cluster/refusd");
      expect(mistyped).toMatchObject({ status: 2, stdout: "" });
      expect(mistyped.stderr).toContain('did you mean "arn:aws:eks:us-east-1:123456789012:cluster/refused"?');
    });
  });
}
