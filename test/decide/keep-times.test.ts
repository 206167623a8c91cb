import {
  type ControllerState,
  DRAINING_TAINT,
  decide,
  type EpochMs,
  HOUR_MS,
  MINUTE_MS,
  NANO_DOLLARS_PER_DOLLAR,
  type Policy,
  type Pool,
  type Snapshot,
} from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { KEEP_TIMES_MS } from "../../packages/core/src/decide/scale-down/keep-times.ts";
import { aPod, aPolicy, aPool, aPoolNode, aSnapshot, START } from "../builders/index.ts";

const cheap = aPool("cheap", ["g6.xlarge"], { keepTimeMs: null });
const dear = aPool("dear", ["g6.48xlarge"], { keepTimeMs: null });

const NO_COSTS = KEEP_TIMES_MS.map(() => 0);

type KeepTimes = ControllerState["keepTimes"];

interface Given {
  readonly pool?: Pool;
  readonly policy?: Policy;
  /** Minutes for which the node has had no GPU pod; null where it is not known to have been free. */
  readonly freeMinutes?: number | null;
  /** Whether a GPU pod is on it now. */
  readonly held?: boolean;
  /** Whether another pod waits for a node of its own. */
  readonly pending?: boolean;
  readonly keepTimes?: KeepTimes;
  readonly parts?: Partial<Snapshot>;
  readonly now?: EpochMs;
}

/** What is decided of one node. */
function planFor(given: Given) {
  const { pool = cheap, freeMinutes = null, held = false, pending = false, keepTimes = {} } = given;
  const { policy = aPolicy([pool]), parts = {}, now = START } = given;
  const node = aPoolNode(pool, "node").build();
  const pods = [
    ...(held ? [aPod("runs").gpu(1).cpu(1).memoryGi(1).on("node").build()] : []),
    ...(pending ? [aPod("waits").gpu(1).cpu(1).memoryGi(1).unschedulableSince(now).build()] : []),
  ];
  const emptySince = freeMinutes === null ? {} : { [idOf(pool)]: now - freeMinutes * MINUTE_MS };
  return decide(
    aSnapshot(policy, { nodes: [node], pods, state: { emptySince, keepTimes }, ...parts }, now),
    policy,
    now,
  );
}

/** What is remembered when a node was wanted again after each of these, in minutes. */
function afterGaps(gapsMinutes: readonly number[], given: Given = {}): KeepTimes {
  let keepTimes: KeepTimes = {};
  for (const freeMinutes of gapsMinutes) {
    keepTimes = planFor({ ...given, freeMinutes, held: true, keepTimes }).state.keepTimes;
  }
  return keepTimes;
}

/** What is remembered of nodes that went and were not missed. */
function afterUnwanted(count: number): KeepTimes {
  const since = START - 10 * MINUTE_MS;
  const gone = Object.fromEntries(Array.from({ length: count }, (_, i) => [`i-gone-${i}`, since]));
  const keepTimes = { "cheap-on-demand": { gone, costsMs: NO_COSTS, nodes: 0 } };
  return planFor({ held: true, keepTimes }).state.keepTimes;
}

function idOf(pool: Pool): string {
  const node = aPoolNode(pool, "node").build();
  return node.instanceId ?? "";
}

/** "goes", or how long the node is kept. */
function fate(given: Given): string {
  const plan = planFor(given);
  if (plan.effects.some(({ kind }) => kind === "TerminateInstances")) return "goes";
  return plan.nodes.flatMap(({ reasons }) => reasons.map(({ detail }) => detail)).join();
}

describe("a free node", () => {
  test.each([
    { freeMinutes: 1, want: "kept for 120 s" },
    { freeMinutes: 2, want: "goes" },
  ])("of which nothing is known is kept 2 min: after $freeMinutes min it $want", ({ freeMinutes, want }) => {
    expect(fate({ freeMinutes })).toBe(want);
    expect(fate({ freeMinutes, keepTimes: afterGaps([8, 8]) })).toBe(want);
  });

  test("is kept 10 min when the last ones were wanted again after 8", () => {
    const keepTimes = afterGaps([8, 8, 8]);
    expect(fate({ freeMinutes: 9, keepTimes })).toBe("kept for 600 s");
    expect(fate({ freeMinutes: 10, keepTimes })).toBe("goes");
  });

  test("is kept no longer than the last ones' pods took to come", () => {
    expect(fate({ freeMinutes: 0.2, keepTimes: afterGaps([0.4, 0.4, 0.4]) })).toBe("kept for 30 s");
  });

  test("goes after half a minute when nobody missed the last ones", () => {
    expect(fate({ freeMinutes: 0.5, keepTimes: afterUnwanted(3) })).toBe("goes");
    expect(fate({ freeMinutes: 1, keepTimes: afterUnwanted(2) })).toBe("kept for 120 s");
  });

  test("follows the last ones rather than those before", () => {
    const keepTimes = afterGaps([8, 8, 8]);
    const lately = afterGaps(Array.from({ length: 12 }, () => 0.4));
    expect(fate({ freeMinutes: 1, keepTimes: lately })).toBe("goes");
    expect(fate({ freeMinutes: 1, keepTimes })).toBe("kept for 600 s");
  });

  test("of a dear machine is not worth the wait that a cheap one is", () => {
    expect(fate({ pool: dear, freeMinutes: 1, keepTimes: afterGaps([8, 8, 8], { pool: dear }) })).toBe(
      "goes",
    );
  });

  test("is worth no wait where waiting is worth nothing", () => {
    const policy = aPolicy([cheap]);
    const careless = { ...policy, scaleDown: { ...policy.scaleDown, waitNanoDollarsPerHour: 0 } };
    const unworthy = afterGaps([8, 8, 8], { policy: careless });
    expect(fate({ policy: careless, freeMinutes: 1, keepTimes: unworthy })).toBe("goes");
    const patient = {
      ...policy,
      scaleDown: { ...policy.scaleDown, waitNanoDollarsPerHour: 100 * NANO_DOLLARS_PER_DOLLAR },
    };
    const gaps = afterGaps([8, 8, 8], { policy: patient });
    expect(fate({ policy: patient, freeMinutes: 9, keepTimes: gaps })).toBe("kept for 600 s");
  });

  test("is kept as long as its pool says, whatever is known", () => {
    const pool = aPool("cheap", ["g6.xlarge"], { keepTimeMs: 5 * MINUTE_MS });
    expect(fate({ pool, freeMinutes: 4, keepTimes: afterUnwanted(3) })).toBe("kept for 300 s");
    expect(planFor({ pool, freeMinutes: 4, held: true }).state.keepTimes).toEqual({});
  });
});

describe("a node that went", () => {
  const goneFor = (minutes: number, nodes = 2): KeepTimes => ({
    "cheap-on-demand": {
      gone: { "i-gone": START - minutes * MINUTE_MS },
      costsMs: NO_COSTS,
      nodes,
    },
  });

  test("is remembered from the moment it was free", () => {
    const { keepTimes } = planFor({ freeMinutes: 2 }).state;
    expect(keepTimes["cheap-on-demand"]?.gone).toEqual({ [idOf(cheap)]: START - 2 * MINUTE_MS });
  });

  test("was missed when its group launches another", () => {
    const launching = planFor({ held: true, pending: true, keepTimes: goneFor(6) });
    expect(launching.effects.map(({ kind }) => kind)).toEqual(["LaunchInstances"]);
    expect(launching.state.keepTimes["cheap-on-demand"]?.gone).toEqual({});
    expect(fate({ freeMinutes: 6, keepTimes: launching.state.keepTimes })).toBe("kept for 450 s");
  });

  test("is forgotten after 10 min, and was not missed", () => {
    const before = planFor({ held: true, keepTimes: goneFor(9.9) });
    expect(before.state.keepTimes).toEqual(goneFor(9.9));
    expect(before.reconsiderAt).toBe(START + 0.1 * MINUTE_MS);
    const after = planFor({ held: true, keepTimes: goneFor(10) });
    expect(after.state.keepTimes["cheap-on-demand"]).toMatchObject({ gone: {}, nodes: 3 });
    expect(fate({ freeMinutes: 0.5, keepTimes: after.state.keepTimes })).toBe("goes");
  });

  test("tells nothing while it is not known which pods there are", () => {
    const policy = aPolicy([cheap]);
    const { freshness } = aSnapshot(policy);
    const stale = { ...freshness, pods: { at: START - HOUR_MS, problem: "the API server is away" } };
    const given = { freeMinutes: 8, held: true, keepTimes: goneFor(20) };
    expect(planFor({ ...given, parts: { freshness: stale } }).state.keepTimes).toEqual(goneFor(20));
    expect(planFor(given).state.keepTimes).not.toEqual(goneFor(20));
  });

  test("was missed when demand takes it back before it is ended", () => {
    const since = START - MINUTE_MS;
    const instanceId = idOf(cheap);
    const node = aPoolNode(cheap, "node")
      .with({ unschedulable: true, taints: [{ key: DRAINING_TAINT, value: "true", effect: "NoSchedule" }] })
      .build();
    const pod = aPod("waits").gpu(1).cpu(1).memoryGi(1).unschedulableSince(START).build();
    const policy = aPolicy([cheap]);
    const keepTimes = { "cheap-on-demand": { gone: { [instanceId]: since }, costsMs: NO_COSTS, nodes: 2 } };
    const draining = { node: { instanceId, since, reason: "NodeEmpty" as const } };
    const plan = decide(
      aSnapshot(policy, { nodes: [node], pods: [pod], state: { keepTimes, draining } }),
      policy,
      START,
    );
    expect(plan.effects.map(({ kind }) => kind)).toEqual(["UncordonNode"]);
    expect(plan.state.keepTimes["cheap-on-demand"]).toMatchObject({ gone: {}, nodes: 3 });
  });
});

test("when nodes are kept shorter than before, the next decision may end what this one kept", () => {
  const keepTimes = afterGaps([8, 8, 8]);
  const memory = keepTimes["cheap-on-demand"];
  const gone = {
    "i-1": START - 10 * MINUTE_MS,
    "i-2": START - 10 * MINUTE_MS,
    "i-3": START - 10 * MINUTE_MS,
  };
  const plan = planFor({
    freeMinutes: 1,
    keepTimes: memory ? { "cheap-on-demand": { ...memory, gone } } : {},
  });
  expect(plan.effects).toEqual([]);
  expect(plan.reconsiderAt).toBe(START + 1);
});
