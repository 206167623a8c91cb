import { expect, test } from "vitest";
import { unschedulable } from "../wire/acts.ts";
import { done, waiting } from "../wire/telling.ts";
import type { Wire } from "../wire/wire.ts";
import type { aWorkplace } from "./command.ts";

/** `pause` and `resume`, on the table of a process that ticks. */
export function pauses(wire: Wire, workIn: typeof aWorkplace): void {
  const { table } = wire;

  test("pause stops the ticks without a deploy, and resume lets them go on", async () => {
    const cluster = await wire.makeCluster("braked");
    const { tick } = cluster.startProcess();
    await unschedulable(wire, "trainer");
    const { run } = await workIn(wire, "braked", cluster.group, "autoscaler");
    expect(await run("pause", "--table", table.table)).toEqual({
      status: 0,
      stdout: `cluster braked, paused from the next decision on (table ${table.table}):\n  the whole cluster\n`,
      stderr: "",
    });
    const held = await tick();
    expect(done(held)).toEqual([]);
    expect(waiting(held)).toEqual(["NoCapacityLeft"]);
    expect(await cluster.instances()).toEqual([]);
    expect((await run("resume", "--table", table.table)).stdout).toBe(
      `cluster braked: nothing is paused (table ${table.table})\n`,
    );
    expect(done(await tick())).toEqual(["LaunchInstances us-east-1a PodsUnschedulable: done"]);
    expect(await cluster.instances()).toHaveLength(1);
  });
}
