import { setTimeout as sleep } from "node:timers/promises";
import {
  type Answer,
  answerNotices,
  type Interruption,
  MIRROR_POD_ANNOTATION,
  type Notice,
  type Policy,
} from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { aNode, aPod, aPolicy, aPool, START } from "../builders/index.ts";
import { anInterruptionWorld, type InterruptionWorld } from "./interruption-world.ts";

const ID = "i-0aaaaaaaaaaaaaaaa";
const OTHER = "i-0bbbbbbbbbbbbbbbb";
const NODE = `node-of-${ID}`;
const POLICY = aPolicy([aPool("l4", ["g6.xlarge"], { capacityTypes: ["spot"] })]);
const WARNING: Notice = {
  kind: "spot-interruption",
  instanceIds: [ID],
  noticedAt: START,
  deadline: START + 120_000,
};

/** A second after the warning; a node with a pod that trains, one of a DaemonSet and one of the kubelet. */
function aWorld(): InterruptionWorld {
  return anInterruptionWorld({
    at: START + 1_000,
    groups: { [ID]: "l4-spot", [OTHER]: "somebody-else's" },
    nodes: [aNode(NODE).instance(ID).build()],
    pods: [
      aPod("trainer").gpu(1).on(NODE).build(),
      aPod("exporter").ownedBy("DaemonSet", "exporter").on(NODE).build(),
      aPod("proxy")
        .annotated({ [MIRROR_POD_ANNOTATION]: "x" })
        .on(NODE)
        .build(),
      aPod("leaving").on(NODE).deletedAt(START).build(),
      aPod("elsewhere").gpu(1).on("node-9").build(),
    ],
  });
}

function answer(
  world: InterruptionWorld,
  notices: readonly Notice[],
  { policy = POLICY, endsIn = 60_000 }: { readonly policy?: Policy; readonly endsIn?: number } = {},
): Promise<Answer[]> {
  return Promise.all(answerNotices(notices, policy, world.ports, world.now + endsIn));
}

const EVICTED = "evict trainer within 109 s: done";
const CORDONED = `cordon ${NODE} gpu-autoscaler.io/interrupted:NoSchedule`;

describe("a Spot warning", () => {
  test("has its node cordoned, is noted, wakes the planner, and drains what a drain moves", async () => {
    const world = aWorld();
    const [got] = await answer(world, [WARNING]);
    expect(new Set(world.done)).toEqual(
      new Set([`find ${ID}`, `note spot-interruption ${ID}`, "wake", CORDONED, EVICTED]),
    );
    // The planner is not woken before it can see why, and no pod leaves a node that takes others.
    expect(world.done.indexOf("wake")).toBeGreaterThan(world.done.indexOf(`note spot-interruption ${ID}`));
    expect(world.done.indexOf(EVICTED)).toBeGreaterThan(world.done.indexOf(CORDONED));
    expect(world.notes).toEqual([
      { instanceId: ID, kind: "spot-interruption", noticedAt: START, deadline: START + 120_000 },
    ]);
    expect(got).toEqual({
      kind: "spot-interruption",
      ignored: null,
      instances: [
        {
          id: ID,
          pool: "l4",
          leftAlone: null,
          node: NODE,
          cordonedAfterMs: 1_000,
          drained: { evicted: 1, left: [] },
        },
      ],
    });
  });

  test("that comes twice cordons once, and evicts again what is still there", async () => {
    const world = aWorld();
    await answer(world, [WARNING]);
    await answer(world, [WARNING]);
    expect(world.done.filter((each) => each === CORDONED)).toHaveLength(1);
  });

  test("of an instance of others touches nothing", async () => {
    const world = aWorld();
    const [got] = await answer(world, [{ ...WARNING, instanceIds: [OTHER, "i-0cccccccccccccccc"] }]);
    expect(got).toEqual({ kind: "spot-interruption", ignored: "not-ours", instances: [] });
    expect(world.done).toEqual([`find ${OTHER} i-0cccccccccccccccc`]);
  });

  test("that comes when its instance is long gone asks nobody anything", async () => {
    const world = aWorld();
    world.now = START + 13 * 60_000;
    const [got] = await answer(world, [WARNING]);
    expect(got?.ignored).toBe("over");
    expect(world.done).toEqual([]);
  });

  test("that comes late leaves its pods the time that is left, and a second at the least", async () => {
    const world = aWorld();
    world.now = START + 100_000;
    await answer(world, [WARNING]);
    expect(world.done).toContain("evict trainer within 10 s: done");
    const later = aWorld();
    later.now = START + 119_000;
    await answer(later, [WARNING]);
    expect(later.done).toContain("evict trainer within 1 s: done");
  });

  test("for a node that is written all the while is tried again", async () => {
    const world = aWorld();
    world.cordonAnswers = Array.from({ length: 3 }, () => ({
      status: "precondition-failed",
      detail: "moved on",
    }));
    const [got] = await answer(world, [WARNING]);
    expect(got?.instances[0]?.node).toBe(NODE);
  });

  test("for an instance that is no node yet is noted, for the planner to know", async () => {
    const world = anInterruptionWorld({ at: START, groups: { [ID]: "l4-spot" }, nodes: [], pods: [] });
    const [got] = await answer(world, [WARNING]);
    expect(got?.instances).toMatchObject([{ node: null, leftAlone: null, drained: null }]);
    expect(world.done).toEqual([`find ${ID}`, `note spot-interruption ${ID}`, "wake"]);
  });

  test("is not taken for another instance's node of the same name", async () => {
    const world = anInterruptionWorld({
      at: START,
      groups: { [ID]: "l4-spot" },
      nodes: [aNode(`ip-of-${ID}`).instance(OTHER).build()],
      pods: [],
    });
    await answer(world, [WARNING]);
    expect(world.done.filter((each) => each.startsWith("cordon"))).toEqual([]);
  });
});

describe("a PodDisruptionBudget", () => {
  test("that lets a pod go later holds it up until then", async () => {
    const world = aWorld();
    let asked = 0;
    world.evictionAnswers = () =>
      ++asked < 3 ? { status: "disruption-budget", detail: "none now" } : { status: "done" };
    const [got] = await answer(world, [WARNING]);
    expect(asked).toBe(3);
    expect(got?.instances[0]?.drained).toEqual({ evicted: 1, left: [] });
  });

  test("that lets none go is told of when the time is over", async () => {
    const world = aWorld();
    world.evictionAnswers = () => ({ status: "disruption-budget", detail: "minAvailable is 1" });
    const [got] = await answer(world, [WARNING], { endsIn: 30_000 });
    expect(world.now).toBeLessThanOrEqual(START + 31_000);
    expect(got?.instances[0]?.drained).toEqual({
      evicted: 0,
      left: [{ pod: "default/trainer", why: "minAvailable is 1" }],
    });
  });
});

describe("what a person stopped", () => {
  test.each([
    { name: "a paused pool", paused: ["l4"], policy: POLICY, want: "paused" },
    { name: "a paused cluster", paused: ["*"], policy: POLICY, want: "paused" },
    {
      name: "a pool in dry run",
      paused: [],
      policy: aPolicy([aPool("l4", ["g6.xlarge"], { capacityTypes: ["spot"], dryRun: true })]),
      want: "dry-run",
    },
  ])("$name is noted and told the planner, and left alone", async ({ paused, policy, want }) => {
    const world = aWorld();
    world.paused = paused;
    const [got] = await answer(world, [WARNING], { policy });
    expect(got?.instances).toMatchObject([{ leftAlone: want, node: null, drained: null }]);
    expect(world.done).toEqual([`find ${ID}`, `note spot-interruption ${ID}`, "wake"]);
  });
});

describe("other announcements", () => {
  test.each(["rebalance-recommendation", "scheduled-event"] as const)(
    "a %s is noted and wakes the planner",
    async (kind) => {
      const world = aWorld();
      await answer(world, [{ ...WARNING, kind, deadline: null }]);
      expect(world.done).toEqual([`find ${ID}`, `note ${kind} ${ID}`, "wake"]);
    },
  );

  test("an instance that changed wakes the planner, and there is nothing to note", async () => {
    const world = aWorld();
    await answer(world, [{ ...WARNING, kind: "changed" }]);
    expect(world.done).toEqual([`find ${ID}`, "wake"]);
  });
});

describe("many at once", () => {
  const ids = Array.from({ length: 10 }, (_, n) => `i-00000000000000${n}`);
  const many = () =>
    anInterruptionWorld({
      at: START,
      groups: Object.fromEntries(ids.map((id) => [id, "l4-spot"])),
      nodes: ids.map((id) => aNode(`node-of-${id}`).instance(id).build()),
      pods: [],
    });
  const warnings = ids.map((id) => ({ ...WARNING, instanceIds: [id] }));

  test("are looked up in one call and wake the planner at most twice, the last time when all are noted", async () => {
    const world = many();
    await answer(world, warnings);
    expect(world.done.filter((each) => each.startsWith("find"))).toHaveLength(1);
    expect(world.done.filter((each) => each.startsWith("cordon"))).toHaveLength(10);
    const wakes = world.done.filter((each) => each === "wake").length;
    expect([1, 2]).toContain(wakes);
    const lastNote = world.done.findLastIndex((each) => each.startsWith("note"));
    expect(world.done.lastIndexOf("wake")).toBeGreaterThan(lastNote);
  });

  test("of which one is noted while the planner is being woken wake it once more", async () => {
    const world = many();
    const { interruptionNotes, tickWaker } = world.ports;
    const ports = {
      ...world.ports,
      interruptionNotes: {
        async note(interruption: Interruption) {
          // The last note is written while the first wake-up is under way.
          if (interruption.instanceId === ids.at(-1)) await sleep(20);
          await interruptionNotes.note(interruption);
        },
      },
      tickWaker: {
        async wake() {
          await tickWaker.wake();
          await sleep(60);
        },
      },
    };
    await Promise.all(answerNotices(warnings, POLICY, ports, START + 60_000));
    const [last] = world.done.slice(-1);
    expect(last).toBe("wake");
    expect(world.done.filter((each) => each === "wake")).toHaveLength(2);
  });

  test.each(["find", "note", "wake", "cordon"] as const)(
    "are answered again when %s fails",
    async (failing) => {
      const world = many();
      world.failing = failing;
      const results = await Promise.allSettled(answerNotices(warnings, POLICY, world.ports, START + 60_000));
      expect(results.map(({ status }) => status)).toEqual(Array(10).fill("rejected"));
      expect(world.done.some((each) => each.startsWith("evict"))).toBe(false);
    },
  );
});
