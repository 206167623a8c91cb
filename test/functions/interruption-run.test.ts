import { describe, expect, test } from "vitest";
import { answerBatch } from "../../functions/src/interruption-run.ts";
import { aNode, aPod, aPolicy, aPool, START } from "../builders/index.ts";
import { aBatch, anEvent, rebalanceRecommendation, spotWarning } from "./events.ts";
import { anInterruptionWorld } from "./interruption-world.ts";

const ID = "i-0aaaaaaaaaaaaaaaa";
const NODE = `node-of-${ID}`;
const POLICY = aPolicy([aPool("l4", ["g6.xlarge"], { capacityTypes: ["spot"] })]);

function aRun() {
  const lines: string[] = [];
  const write = (level: string) => (said: string) => void lines.push(`${level} ${said}`);
  const log = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
  const world = anInterruptionWorld({
    at: START + 2_000,
    groups: { [ID]: "l4-spot" },
    nodes: [aNode(NODE).instance(ID).build()],
    pods: [aPod("trainer").gpu(1).on(NODE).build()],
  });
  const run = (...events: readonly (object | string)[]) =>
    answerBatch(aBatch(...events), POLICY, world.ports, log, world.now + 60_000);
  return { world, lines, run };
}

describe("a batch of events", () => {
  test("is answered but for what cannot be read, which alone comes again", async () => {
    const { world, lines, run } = aRun();
    const { response, figures } = await run(
      "no event at all",
      spotWarning(ID, START),
      spotWarning("i-0fffffffffffffff0", START),
      spotWarning("web-1", START),
      anEvent("EBS Volume Notification", START, {}),
      spotWarning(ID, START),
      rebalanceRecommendation(ID, START),
    );
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: "m-0" }, { itemIdentifier: "m-3" }] });
    expect(world.done.filter((each) => each.startsWith("cordon"))).toHaveLength(1);
    expect(figures).toEqual({
      Interruptions: 3,
      CordonedAfterMs: 2_000,
      PodsEvicted: 2,
      PodsLeft: 0,
    });
    expect(lines.filter((line) => line.startsWith("error"))).toEqual([
      expect.stringMatching(/message m-0 could not be answered/),
      expect.stringMatching(/message m-3 could not be answered/),
    ]);
  });

  test("of which nothing can be answered fails as a whole, and says why", async () => {
    const { world, run } = aRun();
    world.failing = "find";
    await expect(run(spotWarning(ID, START))).rejects.toMatchObject({
      recordErrors: [{ message: "find is broken" }],
    });
  });

  test("without anything of ours does nothing and fails nobody", async () => {
    const { world, run } = aRun();
    const { response, figures } = await run(spotWarning("i-0fffffffffffffff0", START));
    expect(response).toEqual({ batchItemFailures: [] });
    expect(figures).toMatchObject({ Interruptions: 0 });
    expect(figures).not.toHaveProperty("CordonedAfterMs");
    expect(world.notes).toEqual([]);
  });
});
