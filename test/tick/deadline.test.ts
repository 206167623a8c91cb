import { decide, type Lease, type Ports, runTick, SECOND_MS } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { aPolicy, START } from "../builders/index.ts";
import { aRow, aWorld, SMALL, ZONE } from "../sandbox/a-world.ts";

const POLICY = aPolicy([SMALL]);

/** A lease that somebody asks for while it is held, so many times. */
function askedFor(times: number) {
  let left = times;
  let held = false;
  const lease: Lease = {
    async acquire() {
      held = true;
      return true;
    },
    async releaseOrAgain() {
      if (left-- > 0) return true;
      held = false;
      return false;
    },
  };
  return { lease, isHeld: () => held };
}

/** Ports on which each call of one of them takes so many seconds. */
function slowPorts(ports: Ports, slow: { readonly read?: number; readonly launch?: number }) {
  let now = START;
  let reads = 0;
  let launches = 0;
  const { clusterReader, capacityWriter } = ports;
  const slowed: Ports = {
    ...ports,
    clock: { now: () => now },
    clusterReader: {
      podsOnNode: clusterReader.podsOnNode,
      async readCluster() {
        reads++;
        now += (slow.read ?? 0) * SECOND_MS;
        return clusterReader.readCluster();
      },
    },
    capacityWriter: {
      ...capacityWriter,
      async launchInstances(request) {
        launches++;
        now += (slow.launch ?? 0) * SECOND_MS;
        return capacityWriter.launchInstances(request);
      },
    },
  };
  return { ports: slowed, reads: () => reads, launches: () => launches, now: () => now };
}

async function runWith(deadlineS: number, slow: { read?: number; launch?: number }, asked: number) {
  const { lease, isHeld } = askedFor(asked);
  const { ports, reads } = slowPorts(aWorld([SMALL]).ports, slow);
  const tick = await runTick({ ...ports, lease }, POLICY, decide, START + deadlineS * SECOND_MS);
  return { ticks: reads(), anotherIsWanted: tick?.anotherIsWanted, isHeld: isHeld() };
}

describe("ticks that somebody asks for while one runs", () => {
  test("are run, while they fit before the deadline", async () => {
    expect(await runWith(50, { read: 10 }, 2)).toEqual({ ticks: 3, anotherIsWanted: false, isHeld: false });
  });

  test("are left to whoever is woken next, where the last one took too long for another", async () => {
    expect(await runWith(50, { read: 23 }, 1)).toEqual({ ticks: 1, anotherIsWanted: true, isHeld: false });
  });

  test("are left so only when somebody asked", async () => {
    expect(await runWith(50, { read: 23 }, 0)).toEqual({ ticks: 1, anotherIsWanted: false, isHeld: false });
  });

  test("are all run without a deadline", async () => {
    expect(await runWith(Number.POSITIVE_INFINITY, { read: 600 }, 3)).toMatchObject({ ticks: 4 });
  });
});

describe("offerings that lack capacity", () => {
  /** One pod, for which no zone of three has capacity: gives how many were tried, and the state after. */
  async function tried(deadlineS: number) {
    const world = aWorld([SMALL], {
      rows: [aRow("pod")],
      capacity: [ZONE, "us-east-1b", "us-east-1c"].map((zone) => ({ zone, remaining: 0 })),
    });
    world.advanceTo(START + SECOND_MS);
    const { ports, launches } = slowPorts(world.ports, { launch: 10 });
    const tick = await runTick(ports, POLICY, decide, START + deadlineS * SECOND_MS);
    const stored = await ports.stateStore.load(POLICY.cluster);
    return { launches: launches(), tick, remembered: Object.keys(stored?.state.capacityErrors ?? {}) };
  }

  test("are tried one after the other, while they fit before the deadline", async () => {
    expect((await tried(600)).launches).toBe(3);
  });

  test("wait for the next tick where the last took too long: which ones lacked is remembered", async () => {
    const { launches, tick, remembered } = await tried(20);
    expect(launches).toBe(1);
    expect(tick?.outcomes).toHaveLength(1);
    expect(remembered).not.toEqual([]);
  });
});

test("a tick that fails, and whose lease cannot be let go either, tells of both", async () => {
  const { ports } = aWorld([SMALL]);
  const lost = new Error("no lease");
  const lease: Lease = { acquire: async () => true, releaseOrAgain: () => Promise.reject(lost) };
  const broken = new Error("no state");
  const stateStore = { ...ports.stateStore, load: () => Promise.reject(broken) };
  await expect(runTick({ ...ports, lease, stateStore }, POLICY)).rejects.toMatchObject({
    errors: [broken, lost],
  });
});
